"""What the list of institutions can be narrowed by."""

from functools import cached_property, reduce
from operator import or_

from django.db.models import Case, Count, F, Q, QuerySet, TextField, Value, When
from django.utils.translation import gettext_lazy as _

from members.models import Affiliation, Institution, InstitutionRedirect, Membership
from members.models.quality import CONDITIONS, DOUBLES, GAPS
from toolkit.listing import (
    ChoiceFilter,
    DayFilter,
    ListedFilter,
    ListFilters,
    Question,
    ReferenceFilter,
    WordsFilter,
    count_values,
    named_values_of,
    values_of,
)
from toolkit.listing.together import ask_together, keys_of
from vocabularies.filters import country_filter, source_filter, theme_filter
from vocabularies.languages import language_names

SEARCHED = {"acronym": "acronym"}

INACTIVE, PARTNER = "inactive", "partner"
STATUSES = {
    "member": _("member"),
    PARTNER: _("partner"),
    "observer": _("observer"),
    "candidate": _("candidate"),
    "suspended": _("suspended"),
    "left": _("has left"),
    INACTIVE: _("no longer active"),
}
# Endorsed by the board, an institution is a candidate until the assembly has decided.
_STATUS_OF_DECISION = Case(
    When(standing=Membership.Standing.ENDORSED, then=Value(Membership.Standing.CANDIDATE.value)), default=F("standing")
)
_ACTIVE = Q(record_status=Institution.RecordStatus.ACTIVE)


def status_of(standing: str | None) -> str:
    """The name of the status in addresses and files; an institution without any decision is a partner."""
    if standing == Membership.Standing.ENDORSED:
        return Membership.Standing.CANDIDATE.value
    return standing or PARTNER


class StatusFilter(ChoiceFilter):
    """What the institution was to the alliance on that day; today, records that are no longer active stand apart."""

    @property
    def day(self):
        return self.parent.filters["as_of"].day

    def condition(self, keys: list) -> Q:
        standings = [*keys, Membership.Standing.ENDORSED] if "candidate" in keys else keys
        decided = Membership.objects.standing_in_the_alliance(self.day).filter(standing__in=standings)
        found = Q(pk__in=decided.values("institution"))
        if PARTNER in keys:
            found |= self._undecided()
        if self.day:
            return found
        return _ACTIVE & found | ~_ACTIVE if INACTIVE in keys else _ACTIVE & found

    def _undecided(self) -> Q:
        """Partners, as `InstitutionQuerySet.partners` has them; a short list of the others is quicker for many rows."""
        return ~Q(pk__in=Membership.objects.standing_in_the_alliance(self.day).values("institution"))

    def counts(self, rows: QuerySet) -> list[Question]:
        """Read from the decisions, which are few, and not institution by institution."""
        current = rows if self.day else rows.filter(_ACTIVE)
        decided = Membership.objects.standing_in_the_alliance(self.day).filter(
            institution__in=current.order_by().values("pk")
        )
        found = [
            values_of(count_values(decided, _STATUS_OF_DECISION)),
            values_of(count_values(current.filter(self._undecided()), Value(PARTNER))),
        ]
        return found if self.day else [*found, values_of(count_values(rows.exclude(_ACTIVE), Value(INACTIVE)))]


class StandingFilter(StatusFilter):
    """The same of today alone."""

    day = None


class GapFilter(ChoiceFilter):
    """What records lack. Where nothing is chosen, those that lack anything."""

    @cached_property
    def doubles(self) -> dict[str, list[int]]:
        answers = ask_together({name: [keys_of(keys())] for name, keys in DOUBLES.items()})
        return {name: [int(key or 0) for key, _name, _number in found] for name, found in answers.items()}

    def condition(self, keys: list) -> Q:
        return reduce(or_, map(self.lacking, keys))

    def lacking(self, key: str) -> Q:
        return CONDITIONS[key]() if key in CONDITIONS else Q(pk__in=self.doubles[key])

    def counts(self, rows: QuerySet) -> list[Question]:
        return [values_of(count_values(rows.filter(self.lacking(key)), Value(key))) for key in GAPS]


class QualityFilters(ListFilters):
    q = WordsFilter(searched=_("Names in any language, acronyms and ROR ids"), where=SEARCHED)
    gap = GapFilter(GAPS, default=tuple(GAPS), label=_("What is wrong"), missing=_("There is no gap “%(value)s”."))
    status = StandingFilter(STATUSES, label=_("Status"), missing=_("Institutions have no status “%(value)s”."))
    country = country_filter("country", many=False)


class InstitutionFilters(ListFilters):
    q = WordsFilter(searched=_("Names in any language, acronyms and ROR ids"), where=SEARCHED)
    as_of = DayFilter(label=_("On the day"))
    status = StatusFilter(
        STATUSES, default=("member",), label=_("Status"), missing=_("Institutions have no status “%(value)s”.")
    )
    country = country_filter("country", many=False)
    kind = ChoiceFilter(
        Institution.Kind.choices, "kind", label=_("Kind"), missing=_("There is no kind of institution “%(value)s”.")
    )
    source = source_filter(offered=False)


class WorkFilter(ReferenceFilter):
    """Where people work today; the path leads there from an affiliation. Where they worked before, their pages tell."""

    def condition(self, keys: list) -> Q:
        there = Affiliation.objects.current().filter(Q((f"{self.path}__in", keys)))
        return Q(pk__in=there.values("person"))

    def counts(self, rows: QuerySet) -> list[Question]:
        current = Affiliation.objects.current().filter(person__in=rows.order_by().values("pk"))
        found = (
            current.filter(Q((f"{self.path}__isnull", False)))
            .order_by()
            .values(facet_value=F(self.path))
            .annotate(facet_name=Value(None, output_field=TextField()), facet_count=Count("person", distinct=True))
            .values_list("facet_value", "facet_name", "facet_count")
        )
        if self.most:
            found = found.order_by("-facet_count", "facet_value")[: self.most]
        if not self.name_column:
            return [values_of(found)]
        names = self.known(self.parent.request).order_by().values_list("pk", self.code, self.name_column)
        return [named_values_of(found, names)]


def member_filter(path: str, *, kind: type[ReferenceFilter] = ReferenceFilter, **options) -> ReferenceFilter:
    """The institutions that take part in a record."""
    return kind(
        path,
        lambda request: Institution.objects.visible_to(request.user),
        most=50,
        missing=_("There is no institution “%(value)s”."),
        former=lambda: InstitutionRedirect.objects.values_list(
            "slug", "institution__slug", "institution__name", "institution"
        ),
        **options,
    )


class PersonFilters(ListFilters):
    q = WordsFilter(searched=_("Names in any script, and expertise"), where={})
    expertise = ListedFilter(
        "expertise", most=50, label=_("Expertise"), missing=_("Nobody here names “%(value)s” as expertise.")
    )
    theme = theme_filter()
    country = country_filter("institution__country", kind=WorkFilter)
    member = member_filter("institution", kind=WorkFilter, label=_("Institution"))
    language = ListedFilter(
        "languages", all_labels=language_names, label=_("Language"), missing=_("Nobody here speaks “%(value)s”.")
    )
