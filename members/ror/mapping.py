"""What one record of ROR (schema v2) means here."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.core.exceptions import ValidationError

from members.models import Institution, InstitutionIdentifier, InstitutionName, InstitutionRelation
from toolkit.names import normalise_ror, validate_plain_name, without_unseen

# Part of every digest: raise it when the mapping changes, and the next import takes all records over again.
MAPPING = 2

NO_OBJECT = "not a record"
OLD_SCHEMA = "a record of ROR's schema v1; schema v2 is needed"
NOT_V2 = "not in the form of ROR's schema v2"
BAD_ID = "the ROR id is wrong"
BAD_STATUS = "unknown status"
NO_NAME = "no name to display"
LONG_NAME = "the name is too long"
BROKEN_TEXT = "holds characters that are no text"
NO_COUNTRY = "no country"
UNKNOWN_COUNTRY = "unknown country"

Name, Relation, Status = InstitutionName.Kind, InstitutionRelation.Kind, Institution.RecordStatus

KINDS = {
    "education": Institution.Kind.UNIVERSITY,
    "facility": Institution.Kind.INSTITUTE,
    "government": Institution.Kind.GOVERNMENT,
    "healthcare": Institution.Kind.HEALTHCARE,
    "company": Institution.Kind.COMPANY,
    "archive": Institution.Kind.ARCHIVE,
    "nonprofit": Institution.Kind.NONPROFIT,
    "other": Institution.Kind.OTHER,
}
STATUSES = {"active": Status.ACTIVE.value, "inactive": Status.INACTIVE.value, "withdrawn": Status.WITHDRAWN.value}
SCHEMES = {scheme.value for scheme in InstitutionIdentifier.Scheme}
NAME_TYPES = (
    ("ror_display", Name.DISPLAY.value),
    ("label", Name.LABEL.value),
    ("acronym", Name.ACRONYM.value),
    ("alias", Name.ALIAS.value),
)

_ROR_ADDRESS = re.compile(r"https://ror\.org/0[0-9a-z]{8}")
_FORM_OF_TYPE = re.compile(r"[a-z_]{1,20}")
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class Refused(Exception):
    """The record is not taken over; what was stored before stays."""

    def __init__(self, reason: str, ror: str = "", detail: str = ""):
        super().__init__(reason)
        self.reason, self.ror, self.detail = reason, ror, detail


class NameRow(NamedTuple):
    kind: str
    value: str
    language: str


class Edge(NamedTuple):
    """A relation between two ROR ids, in the one direction in which it is kept."""

    ror: str
    kind: str
    other: str


class Mapped(NamedTuple):
    number: int
    ror: str
    digest: str
    record_status: str
    kind: str
    ror_types: list[str]
    country: str
    city: str
    latitude: Decimal | None
    longitude: Decimal | None
    website: str
    established: int | None
    seen_on: date | None
    names: list[NameRow]
    identifiers: list[tuple[str, str]]
    relations: list[Edge]

    @property
    def display_name(self) -> str:
        return next(name.value for name in self.names if name.kind == Name.DISPLAY)


def map_record(record: object, countries: set[str], number: int = 0) -> Mapped:
    """Raises Refused, whose reason is one of the few above, so that refusals can be counted."""
    if not isinstance(record, dict):
        raise Refused(NO_OBJECT)
    if "name" in record and "names" not in record:
        raise Refused(OLD_SCHEMA, str(record.get("id", "")))
    ror = _ror(record.get("id"))
    try:
        return _map(record, ror, countries, number)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError, ArithmeticError) as problem:
        raise Refused(NOT_V2, ror, f"{type(problem).__name__}: {problem}") from None


def _map(record: dict, ror: str, countries: set[str], number: int) -> Mapped:
    if record["status"] not in STATUSES:
        raise Refused(BAD_STATUS, ror, str(record["status"]))
    place = _place(record, ror, countries)
    latitude, longitude = _coordinates(place)
    types = [kind for kind in record["types"] if _FORM_OF_TYPE.fullmatch(kind)]
    return Mapped(
        number=number,
        ror=ror,
        digest=digest(record),
        record_status=STATUSES[record["status"]],
        kind=_kind(types),
        ror_types=types,
        country=place["country_code"],
        city=_text(place.get("name"), ror)[:200],
        latitude=latitude,
        longitude=longitude,
        website=_website(record["links"], ror),
        established=_year(record.get("established")),
        seen_on=_day((record.get("admin") or {}).get("last_modified")),
        names=_names(record["names"], ror),
        identifiers=list(dict.fromkeys(_identifiers(record["external_ids"], ror))),
        relations=list(dict.fromkeys(_relations(record["relationships"], ror))),
    )


def digest(record: dict) -> str:
    """The same for the same content, whatever the order of its keys; where a file has it from (`_src`) does not count."""
    content = {key: value for key, value in record.items() if key != "_src"}
    text = json.dumps([MAPPING, content], sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode("ascii"), digest_size=16).hexdigest()


def _ror(address: object) -> str:
    try:
        return normalise_ror(address)  # type: ignore[arg-type]
    except (ValidationError, AttributeError, TypeError):
        raise Refused(BAD_ID, "" if address is None else str(address)[:60]) from None


def _text(value: str | None, ror: str) -> str:
    """One line without control characters."""
    if not value:
        return ""
    if not value.isprintable():
        if _NO_TEXT.search(value):
            raise Refused(BROKEN_TEXT, ror, ascii(value[:60]))
        value = "".join(character for character in value if character >= " " or character.isspace())
    return " ".join(value.split())


def _names(names: list[dict], ror: str) -> list[NameRow]:
    """Each name in its strongest kind; one that is an acronym as well stands a second time as such."""
    rows = []
    for name in names:
        value, types = _plain(_text(name["value"], ror)), name["types"]
        kinds = [kind for type_, kind in NAME_TYPES if type_ in types]
        if not value or not kinds:
            continue
        if len(value) > 400:
            raise Refused(LONG_NAME, ror, f"{len(value)} characters")
        language = name.get("lang") or ""
        language = language if len(language) <= 12 else ""
        rows.append(NameRow(kinds[0], value, language))
        if Name.ACRONYM in kinds[1:]:
            rows.append(NameRow(Name.ACRONYM.value, value, language))
    displayed = [row for row in rows if row.kind == Name.DISPLAY]
    if not displayed:
        raise Refused(NO_NAME, ror)
    rows = [row._replace(kind=Name.LABEL.value) if row in displayed[1:] else row for row in rows]
    return list(dict.fromkeys(rows))


def _plain(name: str) -> str:
    """Without what cannot be seen; nothing where it is no name even so."""
    name = without_unseen(name)
    try:
        validate_plain_name(name)
    except ValidationError:
        return ""
    return name


def _kind(types: list[str]) -> str:
    """The first type decides; a funder is mostly something else as well."""
    first = next((type_ for type_ in types if type_ != "funder"), None)
    if first:
        return KINDS.get(first, Institution.Kind.OTHER).value
    return Institution.Kind.FUNDER.value if types else Institution.Kind.OTHER.value


def _place(record: dict, ror: str, countries: set[str]) -> dict:
    if not record["locations"]:
        raise Refused(NO_COUNTRY, ror)
    place = record["locations"][0]["geonames_details"]
    country = place.get("country_code")
    if not country:
        raise Refused(NO_COUNTRY, ror)
    if country not in countries:
        raise Refused(UNKNOWN_COUNTRY, ror, str(country)[:20])
    return place


def _coordinates(place: dict) -> tuple[Decimal | None, Decimal | None]:
    latitude, longitude = place.get("lat"), place.get("lng")
    if latitude is None or longitude is None or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None, None
    return Decimal(f"{latitude:.5f}"), Decimal(f"{longitude:.5f}")


def _website(links: list[dict], ror: str) -> str:
    """Only what a browser opens as a page: a link from a file must not become a script."""
    addresses = (_text(link["value"], ror) for link in links if link["type"] == "website")
    return next((url for url in addresses if url.lower().startswith(("http://", "https://")) and len(url) <= 1000), "")


def _year(year: float | None) -> int | None:
    return int(year) if year and 0 < year < 10_000 else None


def _day(change: dict | None) -> date | None:
    """Records that ROR converted from its first schema have none."""
    return date.fromisoformat(change["date"]) if change else None


def _identifiers(external_ids: list[dict], ror: str) -> Iterator[tuple[str, str]]:
    for entry in external_ids:
        if entry["type"] in SCHEMES:
            for value in [entry.get("preferred"), *entry["all"]]:
                text = _text(value, ror)
                if text and len(text) <= 100:
                    yield entry["type"], text


def _relations(relationships: Iterable[dict], ror: str) -> Iterator[Edge]:
    for relation in relationships:
        address, type_ = relation["id"], relation["type"]
        if not _ROR_ADDRESS.fullmatch(address):
            continue
        other = address[-9:]
        if other == ror:
            continue
        match type_:
            case "parent":
                yield Edge(ror, Relation.PARENT.value, other)
            case "child":
                yield Edge(other, Relation.PARENT.value, ror)
            case "successor":
                yield Edge(ror, Relation.SUCCESSOR.value, other)
            case "predecessor":
                yield Edge(other, Relation.SUCCESSOR.value, ror)
            case "related":
                yield Edge(min(ror, other), Relation.RELATED.value, max(ror, other))
