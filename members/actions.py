"""What changes several rows of the registry together."""

from collections import defaultdict
from collections.abc import Iterable

from members.models import Institution, InstitutionName
from toolkit.names import sort_key


def keep_names(*, institutions: Iterable[Institution]) -> None:
    """Write the columns that follow from the names (name, acronym, sort key, folded text), for rows already saved.

    Every path that writes an InstitutionName calls this afterwards; the ROR import computes the same in bulk.
    """
    institutions = list(institutions)
    names = defaultdict(list)
    for name in InstitutionName.objects.filter(institution__in=institutions).order_by("pk"):
        names[name.institution_id].append(name)
    for institution in institutions:
        own = names[institution.pk]
        display = next((name.value for name in own if name.kind == InstitutionName.Kind.DISPLAY), institution.name)
        acronym = next((name.value for name in own if name.kind == InstitutionName.Kind.ACRONYM), "")
        institution.name, institution.acronym = display, acronym
        institution.sort_key = sort_key(display)
        institution.names_folded = institution.fold_names([display, *(name.value for name in own)])
    Institution.objects.bulk_update(institutions, ["name", "acronym", "sort_key", "names_folded"], batch_size=500)
