"""Calls that are written as sample, and a proposal that waits for the confirmation of the first focal point."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import User
from anso_portal.sample.illustrative import Themes, first_of_month
from anso_portal.sample.institutions import Institutions
from anso_portal.sample.ledger import Ledger
from anso_portal.sample.reading import document
from proposals.models import Call, CallOfficer, CallPart, Partner, Proposal, Question
from toolkit.clock import database_now, database_today
from toolkit.names import slugify, unique_slug
from vocabularies.models import Source


def load_calls(
    ledger: Ledger, institutions: Institutions, themes: Themes, users: dict[str, User], source: Source
) -> None:
    """All calls first: taken out backwards, each goes after what answers it."""
    now = database_now().replace(minute=0, second=0, microsecond=0)
    answered = []
    for entry in document("calls.json"):
        opens_at = now - timedelta(days=entry["opens_days_ago"])
        call = ledger.create(
            Call(
                slug=unique_slug(slugify(entry["title"]), taken=lambda text: Call.objects.filter(slug=text).exists()),
                code=entry["code"],
                title=entry["title"],
                kind=entry["kind"],
                summary=entry["summary"],
                text=entry["text"],
                currency=entry["currency"],
                budget=Decimal(entry["budget"]) if "budget" in entry else None,
                most_per_proposal=Decimal(entry["most"]),
                opens_at=opens_at,
                closes_at=now + timedelta(days=entry["closes_in_days"]),
                zone=entry["zone"],
                zone_label=entry["zone_label"],
                rules=entry["rules"],
                state=Call.State.PUBLISHED,
                published_at=min(opens_at, now),
                illustrative=True,
                source=source,
            )
        )
        call.themes.set([themes[slug] for slug in entry["themes"]])
        if entry["officer"] in users:
            CallOfficer.objects.create(call=call, user=users[entry["officer"]])
        for place, part in enumerate(entry["parts"]):
            made = CallPart.objects.create(call=call, position=place, title=part["title"], hint=part["hint"])
            Question.objects.bulk_create(
                Question(part=made, position=number, **question) for number, question in enumerate(part["questions"])
            )
        answered += [(call, number, proposal) for number, proposal in enumerate(entry["proposals"], start=1)]
    for call, number, proposal in answered:
        if proposal["applicant"] in users:
            _proposal(ledger, call, number, proposal, institutions, users)


def _proposal(ledger: Ledger, call: Call, number: int, entry: dict, institutions: Institutions, users) -> None:
    today, now = database_today(), database_now()
    proposal = ledger.create(
        Proposal(
            call=call,
            number=number,
            applicant=users[entry["applicant"]],
            title=entry["title"],
            acronym=entry["acronym"],
            summary=entry["summary"],
            starts_on=first_of_month(today, entry["starts"]),
            ends_on=first_of_month(today, entry["ends"] + 1) - timedelta(days=1),
            illustrative=True,
        )
    )
    parts = [(entry["lead"], ""), *entry["partners"]]
    Partner.objects.bulk_create(
        Partner(
            proposal=proposal,
            institution=institutions[name],
            role=Partner.Role.PARTNER if place else Partner.Role.LEAD,
            contribution=contribution,
            position=place,
            asked_at=now - timedelta(days=2),
        )
        for place, (name, contribution) in enumerate(parts)
    )
