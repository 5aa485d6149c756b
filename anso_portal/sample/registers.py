"""Projects taken over from other registers. They name their source and are not projects of the alliance."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils import timezone

from anso_portal.sample.ledger import Ledger
from anso_portal.sample.matching import Matcher, without_town
from anso_portal.sample.reading import parts, table
from projects.models import Participation, Project
from toolkit.dates import last_day, parse_partial_date
from toolkit.names import fold, slugify, unique_slugs
from vocabularies.models import Country, Source

# The number is the record's own; these are the lasting addresses under which the registers show it.
REGISTERS = {
    "cordis": ("projects_cordis.csv.gz", "https://cordis.europa.eu/project/id/{}"),
    "snsf-r4d": ("projects_r4d.csv.gz", "https://data.snf.ch/grants/grant/{}"),
}


def load_registers(ledger: Ledger, matcher: Matcher, sources: dict[str, Source]) -> None:
    rows, projects = [], []
    for slug, (file, address) in REGISTERS.items():
        for row in table(file):
            rows.append(row)
            projects.append(_project(row, sources[slug], address.format(row["project_id"].partition(":")[2])))
    slugs = unique_slugs(
        [(slugify(project.title, fallback=row["project_id"]), "") for project, row in zip(projects, rows, strict=True)],
        set(Project.objects.values_list("slug", flat=True)),
    )
    for project, project_slug in zip(projects, slugs, strict=True):
        project.slug = project_slug
        project.set_search_columns()
    ledger.note(Project.objects.bulk_create(projects))
    known = set(Country.objects.values_list("pk", flat=True))
    Participation.objects.bulk_create(
        participation
        for project, row in zip(projects, rows, strict=True)
        for participation in _participations(project, row, matcher, known)
    )


def _project(row: dict[str, str], source: Source, address: str) -> Project:
    starts_on, starts_precision = parse_partial_date(row["start_date"])
    ends_on, ends_precision = parse_partial_date(row["end_date"])
    return Project(
        acronym=row["acronym"],
        title=" ".join(row["title"].split()),
        summary=row["summary"],
        keywords=parts(row["keywords"]),
        starts_on=starts_on,
        starts_precision=starts_precision,
        ends_on=last_day(ends_on, ends_precision),
        ends_precision=ends_precision,
        amount=Decimal(row["budget"]) if row["budget"] else None,
        currency=row["currency"] if row["budget"] else "",
        funder=row["funder"],
        funding_programme=row["programme"],
        of_alliance=False,
        published_at=timezone.now(),
        source=source,
        source_urls=[address],
    )


def _participations(
    project: Project, row: dict[str, str], matcher: Matcher, known: set[str]
) -> Iterator[Participation]:
    """The lead, then the partners in their order; who is named twice counts once, and the lead is no partner."""
    lead, lead_country = row["lead_org"], row["lead_country"]
    partners = zip(row["partner_orgs"].split("|"), row["partner_countries"].split("|"), strict=True)
    named, linked = set(), set()
    for position, (name, country) in enumerate([(lead, lead_country), *partners]):
        name = name.strip()
        institution = matcher.match(name, country)
        again = (fold(name), country) in named or (institution and institution.pk in linked)
        if not name or again or (position and country in ("", lead_country) and _same(name, lead)):
            continue
        named.add((fold(name), country))
        linked.add(institution.pk if institution else None)
        yield Participation(
            project=project,
            role=Participation.Role.PARTNER if position else Participation.Role.LEAD,
            name_as_given=name,
            institution=institution,
            country_id=country if country in known else None,
            position=position,
        )


def _same(name: str, lead: str) -> bool:
    """ "CABI (Delémont)" is the lead "CABI"."""
    return fold(lead) in (fold(name), fold(without_town(name)))
