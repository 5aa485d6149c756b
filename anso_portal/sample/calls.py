"""Calls that are written as sample: open, to come, in review and decided, with proposals at every state."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import User
from anso_portal.sample.illustrative import Themes, first_of_month
from anso_portal.sample.institutions import Institutions
from anso_portal.sample.ledger import Ledger
from anso_portal.sample.reading import document
from anso_portal.sample.reviews import load_plan, load_reviews
from proposals.actions.content import content_of
from proposals.models import (
    Answer,
    BudgetLine,
    Call,
    CallOfficer,
    CallPart,
    Decision,
    InstitutionRequest,
    Partner,
    Proposal,
    Question,
    Signatory,
    SignOff,
    Submission,
    TeamMember,
    WorkPackage,
)
from toolkit.clock import database_now, database_today
from toolkit.names import slugify, unique_slug
from toolkit.saving import digest
from vocabularies.models import Country, Source


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
                published_at=min(opens_at, now),
                first_stage=Call.objects.get(code=entry["first_stage"]) if "first_stage" in entry else None,
                **_standing(entry, now),
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
        if "review" in entry:
            load_plan(call, entry["review"], users, now)
    for call, number, proposal in answered:
        if proposal["applicant"] in users:
            sent = _proposal(ledger, call, number, proposal, institutions, users)
            if "state" in proposal:
                _submitted(sent, proposal, institutions)
                if "reviews" in proposal:
                    load_reviews(sent, proposal, users)
            else:
                _draft(sent, proposal, institutions)


def _standing(entry: dict, now) -> dict:
    if "decided_days_ago" not in entry:
        return {"state": Call.State.PUBLISHED}
    return {"state": Call.State.DECIDED, "decided_at": now - timedelta(days=entry["decided_days_ago"])}


def _proposal(ledger: Ledger, call: Call, number: int, entry: dict, institutions: Institutions, users) -> Proposal:
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
            origin=Proposal.objects.filter(call=call.first_stage, title=entry["title"]).first()
            if "origin" in entry
            else None,
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
    return proposal


def _draft(proposal: Proposal, entry: dict, institutions: Institutions) -> None:
    """What its people have written so far, and what they wait for."""
    today = database_today()
    parts = {partner.institution_id: partner for partner in proposal.partners.all()}

    def partner(name: str) -> Partner:
        return parts[institutions[name].pk]

    for position, (name, person, task) in enumerate(entry.get("team", [])):
        TeamMember.objects.create(proposal=proposal, partner=partner(name), name=person, task=task, position=position)
    for position, (name, title, result, first, last) in enumerate(entry.get("plan", [])):
        WorkPackage.objects.create(
            proposal=proposal,
            partner=partner(name),
            title=title,
            result=result,
            starts_on=first_of_month(today, first),
            ends_on=first_of_month(today, last + 1) - timedelta(days=1),
            position=position,
        )
    for asked in entry.get("requests", []):
        facts = {**asked, "country": Country.objects.get(pk=asked["country"])}
        InstitutionRequest.objects.create(proposal=proposal, by=proposal.applicant, **facts)
    for name, person, position, email in entry.get("signatories", []):
        Signatory.objects.create(
            partner=partner(name), name=person, position=position, email=email, by=proposal.applicant
        )


def _submitted(proposal: Proposal, entry: dict, institutions: Institutions) -> None:
    """As if all had confirmed, and it had been sent two days before the call closed."""
    call = proposal.call
    assert call.closes_at is not None  # it is published
    at = call.closes_at - timedelta(days=2)
    partners = {partner.institution_id: partner for partner in proposal.partners.all()}
    SignOff.objects.bulk_create(
        SignOff(partner=partner, revision=0, answer=SignOff.Answer.CONFIRMED, at=at) for partner in partners.values()
    )
    questions = Question.objects.filter(part__call=call).order_by("part__position", "position")
    Answer.objects.bulk_create(
        Answer(proposal=proposal, question=question, text=text)
        for question, text in zip(questions, entry["answers"], strict=True)
    )
    BudgetLine.objects.bulk_create(
        BudgetLine(partner=partners[institutions[name].pk], category=category, amount=Decimal(amount))
        for name, category, amount in entry["budget"]
    )
    proposal.refresh_from_db()  # as the database writes dates and amounts
    content = content_of(proposal)
    Submission.objects.create(
        proposal=proposal, version=1, content=content, digest=digest(content), submitted_at=at, by=proposal.applicant
    )
    state = Proposal.State(entry["state"])
    Proposal.objects.filter(pk=proposal.pk).update(state=state, submitted_at=at, created_at=at, changed_at=at)
    if state in Proposal.DECIDED and call.decided_at:
        Decision.objects.create(
            proposal=proposal,
            outcome=state,
            feedback=entry["feedback"],
            decided_at=call.decided_at,
            applied_at=call.decided_at,
        )
