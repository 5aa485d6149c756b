"""Names and what stands for them: folded text for search, sort keys, slugs, identifiers. Knows no model."""

from toolkit.names.folding import fold, fold_words, sort_key
from toolkit.names.identifiers import (
    doi_url,
    find_identifier,
    normalise_doi,
    normalise_orcid,
    normalise_ror,
    orcid_url,
    ror_url,
    validate_orcid,
    validate_ror,
)
from toolkit.names.plain import validate_plain_name, without_unseen
from toolkit.names.skeletons import skeleton
from toolkit.names.slugs import RESERVED, slugify, unique_slug, unique_slugs

__all__ = [
    "RESERVED",
    "doi_url",
    "find_identifier",
    "fold",
    "fold_words",
    "normalise_doi",
    "normalise_orcid",
    "normalise_ror",
    "orcid_url",
    "ror_url",
    "skeleton",
    "slugify",
    "sort_key",
    "unique_slug",
    "unique_slugs",
    "validate_orcid",
    "validate_plain_name",
    "validate_ror",
    "without_unseen",
]
