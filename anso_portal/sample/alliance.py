"""Sources, themes, programmes, the facts of the about page, and the assemblies."""

import re
from datetime import datetime

from anso_portal.models import AboutFact
from anso_portal.sample.ledger import Ledger
from anso_portal.sample.reading import addresses, document, table
from exchanges.models import Programme
from members.models import Meeting
from vocabularies.models import Source, Theme

FOUNDING = "General Assembly 1"
_MEETING = re.compile(r"(?P<day>\d+)(?:-\d+)? (?P<month>[A-Z][a-z]{2} \d{4}), (?P<place>[\w ]*\w)")


def load_sources(ledger: Ledger) -> dict[str, Source]:
    return {
        slug: ledger.find_or_create(Source, slug=slug, defaults=values)
        for slug, values in document("sources.json").items()
    }


def load_themes(ledger: Ledger, source: Source) -> dict[str, Theme]:
    return {
        row["slug"]: ledger.find_or_create(
            Theme,
            slug=row["slug"],
            defaults={"name": row["name_en"], "description": row["description"], "source": source, **_chinese(row)},
        )
        for row in table("themes.csv")
        if row["kind"] == "research_theme"
    }


def load_programmes(ledger: Ledger, source: Source) -> dict[str, Programme]:
    return {
        row["slug"]: ledger.find_or_create(
            Programme,
            slug=row["slug"],
            defaults={
                "name": row["name_en"],
                "description": row["description"],
                "source": source,
                "source_urls": addresses(row["provenance"]),
                **_chinese(row),
            },
        )
        for row in table("themes.csv")
        if row["kind"] == "programme"
    }


def load_facts(ledger: Ledger) -> None:
    """The rows of anso_facts.csv, and what themes.csv holds beside themes and programmes."""
    facts = [
        AboutFact(key=row["key"], value=row["value"], detail=row["detail"], source_urls=addresses(row["provenance"]))
        for row in table("anso_facts.csv")
    ]
    facts += [
        AboutFact(
            key=row["kind"].removeprefix("anso_"),
            value=row["name_en"],
            detail=row["description"],
            source_urls=addresses(row["provenance"]),
            **_chinese(row),
        )
        for row in table("themes.csv")
        if row["kind"] not in ("research_theme", "programme")
    ]
    for position, fact in enumerate(facts, start=1):
        fact.position = position
    ledger.note(AboutFact.objects.bulk_create(facts))


def load_meetings(ledger: Ledger, source: Source) -> dict[str, Meeting]:
    """The General Assemblies. Of the board's meetings none has a day in the facts."""
    return {
        meeting.name: meeting
        for meeting in (
            _meeting(ledger, row, source) for row in table("anso_facts.csv") if row["key"] == "general_assembly"
        )
    }


def _meeting(ledger: Ledger, row: dict[str, str], source: Source) -> Meeting:
    known = _MEETING.match(row["detail"])
    if known is None:
        raise ValueError(f"No day and place in {row['detail']!r}.")
    day = datetime.strptime(f"{known['day']} {known['month']}", "%d %b %Y").date()  # noqa: DTZ007 - a day has no zone
    return ledger.find_or_create(
        Meeting,
        body=Meeting.Body.ASSEMBLY,
        name=f"General Assembly {row['value']}",
        defaults={
            "held_on": day,
            "place": known["place"],
            "source": source,
            "source_urls": addresses(row["provenance"]),
        },
    )


def _chinese(row: dict[str, str]) -> dict:
    return {"translations": {"zh": row["name_zh"]}} if row["name_zh"] else {}
