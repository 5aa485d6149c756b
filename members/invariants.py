"""What must be true of the registry."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Count, Exists, F, OuterRef, Q, TextField, Value
from django.db.models.functions import Cast, Concat

from members.actions.names import NameColumns, columns_of_names, further_rors_of
from members.models import (
    Institution,
    InstitutionIdentifier,
    InstitutionMerge,
    InstitutionName,
    InstitutionRedirect,
    InstitutionRelation,
    Membership,
    Person,
)
from members.models.institution import skeleton_of
from members.models.membership import MEMBER_STANDINGS
from notifications.models import Follow
from toolkit.invariants import batches, invariant


@invariant("Each name has the skeleton by which look-alikes are found.")
def skeletons() -> Iterator[str]:
    for names in batches(InstitutionName.objects.only("kind", "value", "skeleton")):
        for name in names:
            if name.skeleton != skeleton_of(name.kind, name.value):
                yield f"name {name.pk}: its skeleton is not that of “{name.value}”"


@invariant("What stands in the record of each institution is what its names say.")
def name_columns() -> Iterator[str]:
    columns = [*NameColumns._fields, "ror"]
    for institutions in batches(Institution.objects.only(*columns)):
        names = defaultdict(list)
        rows = InstitutionName.objects.filter(institution__in=institutions).order_by("origin", "pk")
        for key, kind, value in rows.values_list("institution", "kind", "value"):
            names[key].append((kind, value))
        further = further_rors_of(institutions)
        for institution in institutions:
            right = columns_of_names(
                names=names[institution.pk],
                ror=institution.ror,
                further=further[institution.pk],
                otherwise=institution.name,
            )
            wrong = [name for name, value in right._asdict().items() if getattr(institution, name) != value]
            if wrong:
                yield f"institution {institution.pk}: {', '.join(wrong)}"


@invariant("Each institution has one display name.")
def display_names() -> Iterator[str]:
    shown = Count("names", filter=Q(names__kind=InstitutionName.Kind.DISPLAY))
    found = Institution.objects.order_by("pk").annotate(shown=shown).exclude(shown=1)
    for key, number in found.values_list("pk", "shown").iterator():
        yield f"institution {key}: {number} display names"


@invariant("A former address leads to an institution, and no institution has it.")
def redirects() -> Iterator[str]:
    same = Institution.objects.filter(Q(slug=OuterRef("slug")) | Q(pk=OuterRef("number")))
    for slug in InstitutionRedirect.objects.filter(Exists(same)).order_by("pk").values_list("slug", flat=True):
        yield f"/members/{slug}/: an institution has the former address or number itself"


@invariant("Each merge that was not taken back left a way to the record that stayed.")
def merges() -> Iterator[str]:
    way = InstitutionRedirect.objects.filter(
        number=OuterRef("gone_number"), slug=OuterRef("gone_slug"), institution=OuterRef("kept")
    )
    for merge in InstitutionMerge.objects.in_force().filter(~Exists(way)).order_by("pk"):
        yield f"merge {merge.pk}: /members/{merge.gone_slug}/ does not lead to the record that stayed"
    for merge in InstitutionMerge.objects.exclude(undone_at=None).order_by("pk"):
        later = InstitutionMerge.objects.in_force().filter(gone_number=merge.gone_number)
        redirect = InstitutionRedirect.objects.filter(number=merge.gone_number)
        if redirect.exists() and not later.exists():
            yield f"merge {merge.pk}: was taken back, and /members/{merge.gone_slug}/ still leads elsewhere"


@invariant("Whoever follows an institution follows one that is there.")
def followed_institutions() -> Iterator[str]:
    topic = Concat(Value("institution:"), Cast("pk", TextField()), output_field=TextField())
    there = Institution.objects.annotate(topic=topic).filter(topic=OuterRef("topic"))
    lost = Follow.objects.filter(~Exists(there), topic__startswith="institution:")
    for topic_key in lost.order_by("topic").values_list("topic", flat=True).distinct():
        yield f"{topic_key} is followed, and is not there"


@invariant("No member has a record that was withdrawn.")
def members_with_records() -> Iterator[str]:
    members = Membership.objects.in_force().filter(standing__in=MEMBER_STANDINGS).values("institution")
    withdrawn = Institution.objects.filter(pk__in=members, record_status=Institution.RecordStatus.WITHDRAWN)
    for key in withdrawn.order_by("pk").values_list("pk", flat=True):
        yield f"institution {key} is a member, and its record is withdrawn"


@invariant("A decision on an application is about the institution that applied.")
def decisions_on_applications() -> Iterator[str]:
    wrong = Membership.objects.exclude(application=None).exclude(application__institution=F("institution"))
    for key in wrong.order_by("pk").values_list("pk", flat=True):
        yield f"decision {key} is about another institution than its application"


@invariant("A ROR id means one institution.")
def ror_ids() -> Iterator[str]:
    further = InstitutionIdentifier.objects.filter(scheme=InstitutionIdentifier.Scheme.ROR)
    own = Institution.objects.filter(ror=OuterRef("value")).exclude(pk=OuterRef("institution"))
    other = further.filter(value=OuterRef("value")).exclude(institution=OuterRef("institution"))
    for value in further.filter(Q(Exists(own)) | Q(Exists(other))).order_by("value").values_list("value", flat=True):
        yield f"{value} stands with more than one institution"


@invariant("Two institutions are related to each other once.")
def related_once() -> Iterator[str]:
    related = InstitutionRelation.objects.filter(kind=InstitutionRelation.Kind.RELATED)
    other_way = related.filter(institution=OuterRef("other"), other=OuterRef("institution"))
    for key in (
        related.filter(Exists(other_way), institution__lt=F("other")).order_by("pk").values_list("pk", flat=True)
    ):
        yield f"relation {key} stands the other way round too"


@invariant("People are found by the names and the expertise that they have.")
def people() -> Iterator[str]:
    for found in batches(Person.objects.all()):
        for person in found:
            kept = person.sort_key, person.names_folded
            person.set_search_columns()
            if kept != (person.sort_key, person.names_folded):
                yield f"person {person.pk}: sort_key, names_folded"
