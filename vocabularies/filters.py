"""The parameters that lists share: country, theme and source."""

from django.utils.translation import gettext_lazy as _

from toolkit.listing import ReferenceFilter
from vocabularies.countries import country_names
from vocabularies.models import Country, Source, Theme


def country_filter(path: str, *, kind: type[ReferenceFilter] = ReferenceFilter, **options) -> ReferenceFilter:
    return kind(
        path,
        lambda request: Country.objects.all(),
        code="code",
        name=None,
        spell=str.upper,
        all_labels=country_names,
        label=_("Country"),
        missing=_("No country has the code %(value)s."),
        **options,
    )


def theme_filter(path: str = "themes") -> ReferenceFilter:
    return ReferenceFilter(
        path,
        lambda request: Theme.objects.all(),
        label=_("Theme"),
        missing=_("There is no theme “%(value)s”."),
    )


def source_filter(**options) -> ReferenceFilter:
    return ReferenceFilter(
        "source",
        lambda request: Source.objects.all(),
        many=False,
        label=_("Source"),
        missing=_("There is no source “%(value)s”."),
        **options,
    )
