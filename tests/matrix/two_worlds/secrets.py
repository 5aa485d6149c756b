"""What somebody must not know, told to the portal in two ways by acts of people; `prepare` makes what both worlds share."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from centers.models import Certificate, CourseSession, Participant
from exchanges.actions.offers import open_offer
from exchanges.actions.visits import write_report
from exchanges.models import Offer, Stay, StayReport
from news.models import NewsItem
from notifications.following import follow_topic
from notifications.models import Follow
from notifications.topics import resolve
from proposals.actions import decisions, reviews
from proposals.actions.assignment import assign_by_hand
from proposals.actions.content import version_of
from proposals.actions.drafts import add_partner, save_answers, save_basics, save_budget
from proposals.actions.submission import submit_proposal
from proposals.models import (
    BudgetLine,
    Call,
    CallOfficer,
    CallReviewer,
    Partner,
    Proposal,
    Review,
    ReviewPlan,
    Submission,
)
from tests.factories import (
    AffiliationFactory,
    CallFactory,
    InstitutionFactory,
    OfferFactory,
    PersonFactory,
    ProjectFactory,
    ProposalFactory,
    UserFactory,
)
from tests.matrix.roles import ANONYMOUS
from tests.matrix.world import DAY
from tests.proposals.acts import begun, close, confirm_all, sent

Side = int  # 0 or 1
TITLES = ("Glacier lakes of the upper valley", "Desert dust and the late harvest")
SUMMARIES = ("Ice melts, and lakes break out.", "Dust settles on young plants.")


@dataclass(frozen=True)
class Secret:
    """`about` names what the addresses of a trace ask for; `knows` is somebody who may know, and sees it at `seen_at`."""

    name: str
    tell: Callable[[SimpleNamespace, Side], None]
    about: Callable[[SimpleNamespace], Any]
    knows: str
    hidden_from: tuple[str, ...]
    words: tuple[str, ...] = (*TITLES, *SUMMARIES)
    seen_at: str = "/desk/calls/"
    app: str = ""  # where it is not about a proposal: the app whose addresses are asked, with this key or name
    values: Callable[[SimpleNamespace], dict] = lambda world: {}


def prepare(world: SimpleNamespace) -> None:
    world.moment = timezone.now()
    world.rivals = [_reviewer(f"Rival {name}") for name in ("Abel", "Zoe")]
    world.judged = _judged(world)
    world.private_draft = _draft(world)
    world.bound = _bound(world)
    world.blind = _blind(world)
    world.stays = [_stay(world, state) for state in ("draft", "under_way")]
    StayReport.objects.create(stay=world.stays[1], text="Not written yet.")
    world.untold = NewsItem.objects.create(
        slug="untold",
        title="Working title",
        institution=world.elsewhere,
        expires_on=world.moment.date() + 90 * DAY,
    )
    world.learners = [UserFactory(name=name) for name in ("Learner Abel", "Learner Zoe")]
    world.session = CourseSession.objects.create(
        course=world.course, starts_on=world.moment.date() - DAY, ends_on=world.moment.date() - DAY, places=9
    )
    world.taking_part = Participant.objects.create(session=world.session, person=world.learners[0])
    world.coming = OfferFactory(title="Summer school", state="draft", country_id="PK")


def _stay(world, state: str) -> Stay:
    """Of somebody who works nowhere now, from one institution to the other."""
    first = world.moment.date() - 3 * DAY
    return Stay.objects.create(
        offer=world.offer,
        applicant=world.people["former focal point"],
        state=state,
        home=world.elsewhere,
        host=world.own,
        purpose="Not written yet.",
        starts_on=first,
        ends_on=first + 30 * DAY,
        submitted_at=None if state == "draft" else world.moment,
    )


def _reviewer(name: str):
    user = UserFactory(name=name, roles=["reviewer"])
    person = PersonFactory(name=name, user=user, is_public=False)
    AffiliationFactory(person=person, institution=InstitutionFactory())
    return user


def _call(world, slug: str, **fields) -> Call:
    """Given to the officer, and to one who also speaks for the institution `own`."""
    call = CallFactory(slug=slug, officer=world.people["officer"], **fields)
    CallOfficer.objects.create(call=call, user=world.people["officer and focal point"])
    return call


def _plan(call: Call, *reviewers, **fields) -> ReviewPlan:
    plan = ReviewPlan.objects.create(call=call, due_at=timezone.now() + 30 * DAY, **fields)
    plan.criteria.create(label="Quality", labels=["poor", "good"])
    for user in reviewers:
        CallReviewer.objects.create(call=call, user=user, state="accepted", answered_at=timezone.now())
    return plan


def _judged(world) -> Proposal:
    """Of the scientist and the institution `own`; the reviewer has begun, and a rival will come."""
    call = _call(world, "judged")
    proposal = close(sent(call, applicant=world.people["scientist"], lead=world.own, title="Springs of the plateau"))
    reviewer = world.people["reviewer"]
    plan = _plan(call, reviewer, world.people["reviewer and focal point"], *world.rivals)
    begun(plan, proposal, call.reviewers.get(user=reviewer), world.people["officer"])
    return proposal


def _draft(world) -> Proposal:
    world.silent = [InstitutionFactory(name="Silent Academy"), InstitutionFactory(name="Quiet University")]
    applicant = world.people["former focal point"]
    return ProposalFactory(call=world.call, applicant=applicant, lead=InstitutionFactory(), title="Working title")


def _bound(world) -> Proposal:
    """A draft of an institution that has a project together with `own`: whoever speaks for `own` has a conflict."""
    lead = InstitutionFactory(name="Allied Academy")
    ProjectFactory(lead=lead, partners=[world.own])
    return ProposalFactory(call=_call(world, "bound"), lead=lead, title="Working title")


def _blind(world) -> Proposal:
    """A draft whose lead and applicant are chosen later."""
    world.applicants = [UserFactory(name=name) for name in ("Ingrid Unseen", "Oumar Unknown")]
    world.leads = [
        InstitutionFactory(name=f"{name} Institute", country_id=code)
        for name, code in (("Fjord", "NO"), ("Sahel", "ML"))
    ]
    call = _call(world, "blind")
    _plan(call, world.people["reviewer"], blindness="double")
    proposal = ProposalFactory(call=call, title="Salt in rivers")
    BudgetLine.objects.create(partner=proposal.partners.get(), category="staff", label="Wages", amount=900)
    return proposal


# --- The acts


def _fresh(proposal: Proposal) -> Proposal:
    return Proposal.objects.select_related("call__review_plan").get(pk=proposal.pk)


def _settle(world, proposal: Proposal) -> None:
    """Submitted, and the call closed, at the same moment in both worlds: the database's clock goes on between them."""
    Proposal.objects.filter(pk=proposal.pk).update(submitted_at=world.moment)
    Submission.objects.filter(proposal=proposal).update(submitted_at=world.moment)
    Call.objects.filter(pk=proposal.call_id).update(closes_at=world.moment)


def _assigned(world, rival) -> Review:
    proposal, officer = _fresh(world.judged), world.people["officer"]
    plan, reviewer = proposal.call.review_plan, CallReviewer.objects.get(call=proposal.call, user=rival)
    return assign_by_hand(plan=plan, proposal=proposal, reviewer=reviewer, by=officer)


def _hands_in(review: Review, points: int, text: str) -> None:
    by = review.reviewer.user
    criteria = {one.pk: points for one in review.proposal.call.review_plan.criteria.all()}
    reviews.save_review(
        review=review, points=criteria, to_applicant=text, to_officers=text, revision=review.revision, by=by
    )
    reviews.submit_review(review=review, by=by)


def who_reviews(world, side: Side) -> None:
    _hands_in(_assigned(world, world.rivals[side]), 2, "Sound.")


def scores(world, side: Side) -> None:
    _hands_in(_assigned(world, world.rivals[0]), (1, 2)[side], SUMMARIES[side])


def pending_decision(world, side: Side) -> None:
    outcome = ("accepted", "rejected")[side]
    decisions.write_decision(
        proposal=_fresh(world.judged), outcome=outcome, feedback=SUMMARIES[side], by=world.people["officer"]
    )


def _write(proposal: Proposal, side: Side) -> None:
    by = proposal.applicant
    values = {
        "title": TITLES[side],
        "acronym": "",
        "summary": SUMMARIES[side],
        "starts_on": proposal.starts_on,
        "ends_on": proposal.ends_on,
    }
    save_basics(proposal=proposal, values=values, version=version_of(proposal, "basics"), by=by)


def draft_content(world, side: Side) -> None:
    proposal = _fresh(world.private_draft)
    by, partner = proposal.applicant, proposal.partners.get()
    _write(proposal, side)
    texts = {world.call_question.pk: SUMMARIES[side]}
    part = world.call_part.pk
    save_answers(proposal=proposal, part=part, texts=texts, version=version_of(proposal, str(part)), by=by)
    add_partner(proposal=proposal, institution=world.silent[side], role="partner", contribution=SUMMARIES[side], by=by)
    line = {"partner": partner.pk, "category": "staff", "label": "Wages", "amount": 1000 * (side + 1)}
    save_budget(proposal=_fresh(proposal), lines=[line], version=version_of(_fresh(proposal), "budget"), by=by)


def hidden_by_conflict(world, side: Side) -> None:
    proposal = _fresh(world.bound)
    _write(proposal, side)
    confirm_all(proposal)
    submit_proposal(proposal=_fresh(proposal), by=proposal.applicant)
    _settle(world, proposal)
    outcome = ("accepted", "rejected")[side]
    decisions.write_decision(
        proposal=_fresh(proposal), outcome=outcome, feedback=SUMMARIES[side], by=world.people["officer"]
    )


def hidden_applicant(world, side: Side) -> None:
    Proposal.objects.filter(pk=world.blind.pk).update(applicant=world.applicants[side])
    Partner.objects.filter(proposal=world.blind).update(institution=world.leads[side])
    proposal = _fresh(world.blind)
    confirm_all(proposal)
    submit_proposal(proposal=proposal, by=world.applicants[side])
    _settle(world, proposal)
    call = proposal.call
    review = begun(call.review_plan, _fresh(proposal), call.reviewers.get(), world.people["officer"])
    Review.objects.filter(pk=review.pk).update(assigned_at=world.moment, changed_at=world.moment)


def stay_draft(world, side: Side) -> None:
    first = world.moment.date() + (60, 90)[side] * DAY
    Stay.objects.filter(pk=world.stays[0].pk).update(
        purpose=SUMMARIES[side], starts_on=first, ends_on=first + (20, 30)[side] * DAY
    )


def report_draft(world, side: Side) -> None:
    by = world.people["former focal point"]
    write_report(stay=Stay.objects.get(pk=world.stays[1].pk), text=SUMMARIES[side], submit=False, by=by)


def news_draft(world, side: Side) -> None:
    NewsItem.objects.filter(pk=world.untold.pk).update(title=TITLES[side], text=SUMMARIES[side])


def followed(world, side: Side) -> None:
    """In one of the worlds what is announced then is told to the follower."""
    topic = resolve(("country:PK", "country:LK")[side])
    assert topic
    follow_topic(topic=topic, by=world.people["former focal point"])
    Follow.objects.filter(subscriber__user=world.people["former focal point"]).update(created_at=world.moment)
    open_offer(offer=Offer.objects.get(pk=world.coming.pk), by=world.people["officer"])
    Offer.objects.filter(pk=world.coming.pk).update(opened_at=world.moment)


def who_took_part(world, side: Side) -> None:
    """And was there, and has the certificate: how many places are taken is public, and the same."""
    Participant.objects.filter(pk=world.taking_part.pk).update(person=world.learners[side], attended=True)
    Certificate.objects.create(
        participant=world.taking_part, year=2020, serial=1, code="of-the-secret", content={}, issued_at=world.moment
    )


OUTSIDE = (ANONYMOUS, "colleague", "focal point elsewhere")
BOUND = ("scientist", "focal point", "editor", "officer and focal point", "reviewer and focal point")
SECRETS = (
    Secret(
        *("who reviews", who_reviews, lambda world: world.judged, "officer", ("reviewer", *BOUND, *OUTSIDE)),
        words=("Rival Abel", "Rival Zoe"),
    ),
    Secret("scores", scores, lambda world: world.judged, "officer", ("reviewer", *BOUND, *OUTSIDE)),
    Secret("pending decision", pending_decision, lambda world: world.judged, "officer", ("reviewer", *BOUND, *OUTSIDE)),
    Secret(
        *("draft", draft_content, lambda world: world.private_draft, "former focal point"),
        ("officer", "administrator", "reviewer", *BOUND, *OUTSIDE),
        words=(*TITLES, "Silent Academy", "Quiet University"),
        seen_at="/desk/proposals/",
    ),
    Secret(
        *("proposal hidden by a conflict", hidden_by_conflict, lambda world: world.bound, "officer"),
        ("reviewer", *BOUND, *OUTSIDE),
    ),
    Secret(
        *("applicant", hidden_applicant, lambda world: world.blind, "officer", ("reviewer", *OUTSIDE)),
        words=("Ingrid Unseen", "Oumar Unknown", "Fjord Institute", "Sahel Institute"),
    ),
    Secret(
        *("draft of a stay", stay_draft, lambda world: world.stays[0], "former focal point"),
        ("officer", "administrator", "reviewer", *BOUND, *OUTSIDE),
        seen_at="/desk/exchanges/",
        app="exchanges",
        values=lambda world: {"pk": world.stays[0].pk, "slug": world.offer.slug, "task": 1, "code": "guessed"},
    ),
    Secret(
        *("draft of a report on a stay", report_draft, lambda world: world.stays[1], "former focal point"),
        ("officer", "administrator", "reviewer", *BOUND, *OUTSIDE),
        seen_at="/desk/exchanges/",
        app="exchanges",
        values=lambda world: {"pk": world.stays[1].pk, "slug": world.offer.slug, "task": 1, "code": "guessed"},
    ),
    Secret(
        *("draft of news", news_draft, lambda world: world.untold, "focal point elsewhere"),
        ("reviewer", "scientist", "focal point", "editor", "colleague", ANONYMOUS),
        seen_at="/desk/news/",
        app="news",
        values=lambda world: {"slug": "untold"},
    ),
    Secret(
        *("who took part in a training", who_took_part, lambda world: world.taking_part, "editor"),
        ("reviewer", "scientist", *OUTSIDE),
        words=("Learner Abel", "Learner Zoe"),
        seen_at="/desk/training/",
        app="centers",
        values=lambda world: {"pk": world.session.pk, "slug": "center", "code": "guessed"},
    ),
    Secret(
        *("what somebody follows", followed, lambda world: world.coming, "former focal point"),
        ("reviewer", "scientist", "focal point", "editor", "reviewer and focal point", *OUTSIDE),
        words=("Summer school", "Pakistan"),
        seen_at="/desk/inbox/",
        app="exchanges",
        values=lambda world: {"pk": world.stays[1].pk, "slug": world.coming.slug, "task": 1, "code": "guessed"},
    ),
)
