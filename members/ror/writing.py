"""The bulk statements of the import. Each fires the triggers of the history once, whatever the number of rows."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import NamedTuple

from django.db import connection, transaction

from members.actions.names import NameColumns
from members.models import Institution
from members.models.institution import skeleton_of
from members.ror.mapping import Edge, Mapped, NameRow

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_ESCAPED = re.compile(r"[\\\t\n\r]")

INSTITUTION = {
    "ror": "text",
    "slug": "text",  # none: the institution is held already
    "name": "text",
    "acronym": "text",
    "sort_key": "text",
    "names_folded": "text",
    "kind": "text",
    "record_status": "text",
    "country": "text",
    "city": "text",
    "latitude": "numeric",
    "longitude": "numeric",
    "website": "text",
    "established": "smallint",
    "ror_types": "text[]",
    "digest": "text",
    "seen_on": "date",
}
NAME = {"ror": "text", "kind": "text", "value": "text", "language": "text", "skeleton": "text"}
IDENTIFIER = {"ror": "text", "scheme": "text", "value": "text"}
RELATION = {"ror": "text", "kind": "text", "other": "text"}

# Slug, kind, scope and description are ours once the record is in, and so is what the institution has stated itself; what ROR
# leaves empty does not wipe out what we know.
STATEMENTS = (
    """
    UPDATE members_institution AS held
    SET name = new.name, acronym = new.acronym, sort_key = new.sort_key, names_folded = new.names_folded,
        record_status = new.record_status,
        country_id = CASE WHEN 'place' = ANY(held.own_facts) THEN held.country_id ELSE new.country END,
        city = CASE WHEN 'place' = ANY(held.own_facts) THEN held.city ELSE new.city END,
        latitude = CASE WHEN 'place' = ANY(held.own_facts) THEN held.latitude ELSE COALESCE(new.latitude, held.latitude) END,
        longitude = CASE WHEN 'place' = ANY(held.own_facts) THEN held.longitude ELSE COALESCE(new.longitude, held.longitude) END,
        website = CASE
            WHEN 'website' = ANY(held.own_facts) THEN held.website ELSE COALESCE(NULLIF(new.website, ''), held.website)
        END,
        established = COALESCE(new.established, held.established),
        ror_types = new.ror_types, ror_digest = new.digest,
        source_id = {source}, source_urls = jsonb_build_array('https://ror.org/' || new.ror), source_seen_on = new.seen_on
    FROM ror_institution AS new
    WHERE held.ror = new.ror AND new.slug IS NULL
    """,
    """
    INSERT INTO members_institution (
        slug, name, acronym, sort_key, names_folded, kind, scope, record_status, country_id, city, latitude, longitude,
        website, links, established, description, translations, logo, own_facts,
        ror, ror_types, ror_digest, source_id, source_urls, source_seen_on
    )
    SELECT slug, name, acronym, sort_key, names_folded, kind, 'national', record_status, country, city, latitude, longitude,
        website, '[]', established, '', '{{}}', '', '{{}}',
        ror, ror_types, digest, {source}, jsonb_build_array('https://ror.org/' || ror), seen_on
    FROM ror_institution
    WHERE slug IS NOT NULL
    ORDER BY row
    """,
    """
    DELETE FROM members_institutionname AS name
    USING members_institution AS held, ror_institution AS new
    WHERE name.institution_id = held.id AND held.ror = new.ror AND new.slug IS NULL AND name.origin = 'ror'
        AND NOT EXISTS (
            SELECT FROM ror_name
            WHERE ror_name.ror = new.ror AND ror_name.kind = name.kind
                AND ror_name.value = name.value AND ror_name.language = name.language
        )
    """,
    """
    INSERT INTO members_institutionname (institution_id, kind, value, language, skeleton, origin)
    SELECT held.id, new.kind, new.value, new.language, new.skeleton, 'ror'
    FROM ror_name AS new JOIN members_institution AS held USING (ror)
    ORDER BY new.row
    ON CONFLICT DO NOTHING
    """,
    # Only of the schemes that ROR knows for the institution: others may be from elsewhere.
    """
    DELETE FROM members_institutionidentifier AS identifier
    USING members_institution AS held, ror_institution AS new
    WHERE identifier.institution_id = held.id AND held.ror = new.ror AND new.slug IS NULL
        AND EXISTS (SELECT FROM ror_identifier AS own WHERE own.ror = new.ror AND own.scheme = identifier.scheme)
        AND NOT EXISTS (
            SELECT FROM ror_identifier AS own
            WHERE own.ror = new.ror AND own.scheme = identifier.scheme AND own.value = identifier.value
        )
    """,
    """
    INSERT INTO members_institutionidentifier (institution_id, scheme, value)
    SELECT held.id, new.scheme, new.value
    FROM ror_identifier AS new JOIN members_institution AS held USING (ror)
    ORDER BY new.row
    ON CONFLICT DO NOTHING
    """,
)
RELATE = """
    INSERT INTO members_institutionrelation (institution_id, kind, other_id, origin)
    SELECT one.id, new.kind, other.id, 'ror'
    FROM ror_relation AS new
    JOIN members_institution AS one ON one.ror = new.ror
    JOIN members_institution AS other ON other.ror = new.other
    ORDER BY new.row
    ON CONFLICT DO NOTHING
    """


class InstitutionRow(NamedTuple):
    record: Mapped
    slug: str | None
    columns: NameColumns
    names: list[NameRow]


@contextmanager
def locked() -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE members_institution IN SHARE ROW EXCLUSIVE MODE")
        yield


def write(rows: list[InstitutionRow], *, source: int, seen_on: date) -> None:
    with connection.cursor() as cursor:
        tables = {
            "ror_institution": (INSTITUTION, (_institution(row, seen_on) for row in rows)),
            "ror_name": (NAME, (_name(row.record.ror, name) for row in rows for name in row.names)),
            "ror_identifier": (IDENTIFIER, ((row.record.ror, *own) for row in rows for own in row.record.identifiers)),
        }
        for name, (columns, values) in tables.items():
            _fill(cursor, name, columns, values)
        for statement in STATEMENTS:
            cursor.execute(statement.format(source=int(source)))
        cursor.execute(f"DROP TABLE {', '.join(tables)}")


def write_relations(edges: Iterable[Edge]) -> None:
    with connection.cursor() as cursor:
        _fill(cursor, "ror_relation", RELATION, edges)
        cursor.execute(RELATE)
        cursor.execute("DROP TABLE ror_relation")


def held_among(rors: Iterable[str]) -> set[str]:
    rows = Institution.objects.filter(ror__in=list(rors)).order_by()
    return {ror for ror in rows.values_list("ror", flat=True) if ror}


def _institution(row: InstitutionRow, seen_on: date) -> tuple:
    record = row.record
    return (
        record.ror,
        row.slug,
        *row.columns,
        record.kind,
        record.record_status,
        record.country,
        record.city,
        record.latitude,
        record.longitude,
        record.website,
        record.established,
        record.ror_types,
        record.digest,
        record.seen_on or seen_on,
    )


def _name(ror: str, name: NameRow) -> tuple:
    return (ror, *name, skeleton_of(name.kind, name.value))


def _fill(cursor, name: str, columns: dict[str, str], rows: Iterable[Sequence]) -> None:
    """A temporary table, dropped by hand: a transaction of the caller may last longer than a batch."""
    cursor.execute(
        f"CREATE TEMPORARY TABLE {name} (row serial, {', '.join(f'{column} {kind}' for column, kind in columns.items())})"
    )
    lines = io.StringIO("".join("\t".join(map(_field, row)) + "\n" for row in rows))
    cursor.copy_expert(f"COPY {name} ({', '.join(columns)}) FROM STDIN", lines)
    # Without statistics the planner takes it for a small table and loops over it.
    cursor.execute(f"ANALYZE {name}")


def _field(value: object) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, list):
        return "{" + ",".join(value) + "}"
    text = str(value)
    return text.translate(_ESCAPES) if _ESCAPED.search(text) else text
