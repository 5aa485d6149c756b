"""The institutions with the names of their ROR records, and the decisions that made some of them members."""

from datetime import date

from anso_portal.sample.alliance import FOUNDING
from anso_portal.sample.ledger import Ledger
from anso_portal.sample.reading import addresses, document, json_lines, table
from members.actions.names import keep_names
from members.models import Institution, InstitutionName, Meeting, Membership
from members.ror import import_records
from toolkit.clock import database_today
from toolkit.dates import parse_partial_date
from toolkit.names import normalise_ror, slugify, unique_slug
from vocabularies.models import Source

KINDS = {
    "national academy": Institution.Kind.ACADEMY,
    "university": Institution.Kind.UNIVERSITY,
    "funding agency": Institution.Kind.FUNDER,
    "international organisation": Institution.Kind.ORGANISATION,
    "research institute": Institution.Kind.INSTITUTE,
}
PLACE_OF_ROR = "ROR (GeoNames city)"

Institutions = dict[str, Institution]


def load_institutions(ledger: Ledger, source: Source) -> Institutions:
    """By the name that the files of the sample call them. What the registry held before stays untouched."""
    mine = _import_ror(ledger)
    rows = table("anso_members.csv")
    _say_kind_and_place(mine, rows)
    institutions = {row["name"]: _institution(ledger, _values(row, source)) for row in rows}
    for entry in document("further_institutions.json"):
        institutions[entry["name"]] = _institution(ledger, _further_values(entry, source))
    return institutions


def _import_ror(ledger: Ledger) -> Institutions:
    """Those that were not there before, by ROR id."""
    records = {normalise_ror(record["id"]): record for record in json_lines("ror_records.jsonl.gz")}
    held = set(Institution.objects.filter(ror__in=records).values_list("ror", flat=True))
    sources_before = set(Source.objects.values_list("pk", flat=True))
    report = import_records([record for ror, record in records.items() if ror not in held], file="the sample alliance")
    if report.refused:
        raise ValueError(f"Refused records of the sample: {report.refusals}.")
    ledger.note(Source.objects.exclude(pk__in=sources_before).order_by("pk"))
    made = Institution.objects.filter(ror__in=records.keys() - held).order_by("pk")
    ledger.note(made)
    return {institution.ror or "": institution for institution in made}


def _say_kind_and_place(mine: Institutions, rows: list[dict[str, str]]) -> None:
    """ROR knows no academies and places two universities in the wrong town."""
    changed = []
    for row in rows:
        institution = mine.get(normalise_ror(row["ror_id"])) if row["ror_id"] else None
        if institution is None:
            continue
        values = _values(row, institution.source)
        columns = (
            ["kind", "scope"]
            if row["coord_source"] == PLACE_OF_ROR
            else ["kind", "scope", "city", "latitude", "longitude"]
        )
        for column in columns:
            setattr(institution, column, values[column])
        changed.append(institution)
    Institution.objects.bulk_update(changed, ["kind", "scope", "city", "latitude", "longitude"])


def _values(row: dict[str, str], source: Source | None) -> dict:
    kind = KINDS[row["type"]]
    international = kind == Institution.Kind.ORGANISATION
    return {
        "ror": normalise_ror(row["ror_id"]) if row["ror_id"] else None,
        "name": row["name"],
        "acronym": row["acronym"],
        "kind": kind,
        "scope": Institution.Scope.INTERNATIONAL if international else Institution.Scope.NATIONAL,
        "country_id": row["country_iso2"],
        "city": row["city"],
        "latitude": row["lat"] or None,
        "longitude": row["lon"] or None,
        "website": row["website"],
        "source": source,
        "source_urls": addresses(row["provenance"]),
    }


def _further_values(entry: dict, source: Source) -> dict:
    columns = ("ror", "name", "kind", "city", "latitude", "longitude", "source_urls")
    return {
        **{column: entry[column] for column in columns if column in entry},
        "country_id": entry.get("country"),
        "source": source,
    }


def _institution(ledger: Ledger, values: dict) -> Institution:
    known = Institution.objects.filter(ror=values["ror"]).first() if values.get("ror") else _namesake(values)
    if known:
        return known
    slug = unique_slug(slugify(values["name"]), values["country_id"], taken=Institution.objects.has_address)
    institution = ledger.create(Institution(slug=slug, **values))
    names = [
        InstitutionName(institution=institution, value=values["name"], language="en", kind=InstitutionName.Kind.DISPLAY)
    ]
    if values.get("acronym"):
        names.append(
            InstitutionName(institution=institution, value=values["acronym"], kind=InstitutionName.Kind.ACRONYM)
        )
    InstitutionName.objects.bulk_create(names)
    keep_names(institutions=[institution])
    return institution


def _namesake(values: dict) -> Institution | None:
    """Somebody may have written it down by hand: the same display name in the same country."""
    return Institution.objects.filter(name__iexact=values["name"], country=values["country_id"]).first()


def load_memberships(
    ledger: Ledger, institutions: Institutions, meetings: dict[str, Meeting], source: Source
) -> list[Membership]:
    """Only what is confirmed or likely. An institution that has decisions already keeps these alone."""
    today, notes = database_today(), document("membership_notes.json")
    decided = set(Membership.objects.values_list("institution", flat=True))
    memberships = [
        Membership(
            institution=institutions[row["name"]],
            standing=Membership.Standing.MEMBER,
            source=source,
            source_urls=addresses(row["provenance"]),
            note="\n".join(filter(None, [row["governing_board"], notes.get(row["name"])])),
            **_since(row, meetings[FOUNDING], today),
        )
        for row in table("anso_members.csv")
        if row["membership_status"] in ("confirmed", "likely") and institutions[row["name"]].pk not in decided
    ]
    ledger.note(Membership.objects.bulk_create(memberships))
    return memberships


def _since(row: dict[str, str], founding: Meeting, today: date) -> dict:
    """Founders joined on the day that they met. Who joined on an unknown day counts from the day of loading."""
    if row["founding_member"] == "yes":
        return {"starts_on": founding.held_on, "meeting": founding, "founding": True}
    day, precision = parse_partial_date(row["joined"])
    return {"starts_on": day or today, "starts_precision": precision}
