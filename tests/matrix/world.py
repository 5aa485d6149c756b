"""One small world with a record of every kind, and a person for every role."""

import datetime
from types import SimpleNamespace

import pghistory
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.core.files.base import ContentFile
from django.utils import timezone
from pghistory.models import Context

from accounts.models import AllianceRole, HistoryReason
from anso_portal.models import AboutFact, Branding, ClosedAccount, ErrorReport, SavedSearch
from centers.models import CenterInstitution, Facility
from exchanges.actions.offers import facts
from exchanges.models import HostCapacity, InvitationLetter, Stay, StayAct, StayReport, StayTask
from members.models import (
    ChangeItem,
    ChangeRequest,
    ConfirmationRequest,
    Endpoint,
    InstitutionConfirmation,
    InstitutionContact,
    InstitutionIdentifier,
    InstitutionMerge,
    InstitutionRedirect,
    InstitutionRelation,
    InstitutionRole,
    MergeEntry,
    Message,
    MessageBlock,
)
from news.models import NewsItem
from notifications import topics
from notifications.actions import announce
from notifications.following import follow_by_address, follow_topic
from notifications.links import Wish, confirm_url, mine_path, stop_url
from notifications.models import Heartbeat, HeldKind, KindText, Preference, Subscriber
from projects.models import Grant, Instalment, Milestone, Output, Report, ReportVersion
from proposals.models import (
    Answer,
    BudgetLine,
    CallPart,
    Circular,
    Clarification,
    Decision,
    InstitutionRequest,
    LateCode,
    Partner,
    Proposal,
    Question,
    Signatory,
    Submission,
    SubmissionPdf,
    TeamMember,
    WorkPackage,
)
from tests.factories import (
    AffiliationFactory,
    CallFactory,
    CenterFactory,
    InstitutionFactory,
    InvitationFactory,
    MeetingFactory,
    MembershipApplicationFactory,
    OfferFactory,
    PersonFactory,
    ProgrammeFactory,
    ProjectFactory,
    ProjectSiteFactory,
    ProposalFactory,
    SourceFactory,
    ThemeFactory,
    UserFactory,
)
from tests.matrix import reviews, trainings
from tests.matrix.roles import ANONYMOUS, ROLES
from tests.proposals.acts import confirm_all
from toolkit.clock import database_today
from vocabularies.models import Sdg
from workflow.models import Step

DAY = datetime.timedelta(days=1)


def build() -> SimpleNamespace:
    """`own` is the institution that the cells ask about; `people` maps each role to its user."""
    world = SimpleNamespace(
        own=InstitutionFactory(slug="own", name="Own Institute", member=True),
        elsewhere=InstitutionFactory(slug="elsewhere", name="Institute Elsewhere", member=True),
        theme=ThemeFactory(slug="climate"),
        source=SourceFactory(),
        programme=ProgrammeFactory(),
    )
    world.people = {role: _person(world, role) for role in ROLES}
    world.center = CenterFactory(slug="center")
    world.project = ProjectFactory(slug="project", lead=world.own)
    world.draft_project = ProjectFactory(slug="draft-project", lead=world.own, published_at=None)
    world.offer = OfferFactory(slug="offer", institution=world.own, open=True)
    _stays(world)
    world.draft_offer = OfferFactory(slug="draft-offer", institution=world.own)
    world.profile = PersonFactory(slug="profile", is_public=True, user=world.people["scientist"])
    world.hidden_profile = PersonFactory(slug="hidden-profile", is_public=False, user=world.people["deputy to come"])
    world.affiliation = AffiliationFactory(person=world.profile, institution=world.own)
    AffiliationFactory(person=world.hidden_profile, institution=world.own)
    AffiliationFactory(person=PersonFactory(user=world.people["colleague"]), institution=world.own)
    _parts(world)
    trainings.build(world)
    _proposals(world)
    _calls(world)
    _care(world)
    _messages(world)
    _news(world)
    _post(world)
    _rest(world)
    world.report = ErrorReport.objects.create(address="/members/own/", record="Own Institute", message="Wrong city.")
    return world


def _parts(world) -> None:
    """The parts of records, those of drafts among them."""
    own, elsewhere = world.own, world.elsewhere
    InstitutionIdentifier.objects.create(institution=own, scheme="isni", value="0000 0001 2345 6789")
    InstitutionRelation.objects.create(institution=own, kind="parent", other=elsewhere)
    for institution in (own, elsewhere):
        InstitutionContact.objects.create(
            institution=institution, kind="email", value="office@example.org", is_public=True
        )
        InstitutionContact.objects.create(institution=institution, kind="phone", value="+1 555 0100")
    CenterInstitution.objects.create(center=world.center, institution=own, role="host")
    Facility.objects.create(center=world.center, name="Laboratory")
    OfferFactory(slug="draft-offer-of-center", institution=None, center=world.center)
    OfferFactory(slug="draft-offer-elsewhere", institution=elsewhere)
    for project in (world.project, world.draft_project, ProjectFactory(lead=elsewhere, published_at=None)):
        ProjectSiteFactory(project=project)
        Output.objects.create(project=project, kind="training", title="Course")
        _reports(world, project)


def _reports(world, project) -> None:
    """One that waits with a draft, one that was submitted, and one that was accepted; and a grant."""
    today, now = database_today(), timezone.now()
    for days, state in enumerate(("due", "submitted", "accepted")):
        report = Report.objects.create(project=project, kind="interim", due_on=today + days * DAY, state=state)
        sent = {} if state == "due" else {"submitted_at": now}
        ReportVersion.objects.create(report=report, number=1, public_text="Wells.", private_text="Debts.", **sent)
        if project == world.project:
            setattr(world, f"report_{state}", report)
    grant = Grant.objects.create(project=project, number=f"G-{project.pk}", amount=100, currency="EUR")
    Instalment.objects.create(grant=grant, due_on=today, amount=40)
    Milestone.objects.create(project=project, title="Wells", due_on=today)
    if project == world.project:
        world.grant = grant


def _stays(world) -> None:
    """One that the home institution elsewhere and the own one, which hosts, are asked for; and a draft."""
    scientist, now, day = world.people["scientist"], timezone.now(), database_today()
    common = {"offer": world.offer, "applicant": scientist, "home": world.elsewhere, "host": world.own}
    days = {"starts_on": day + 60 * DAY, "ends_on": day + 70 * DAY}
    world.stay_draft = Stay.objects.create(**common, purpose="Wells", **days)
    world.stay = Stay.objects.create(**common, purpose="Wells", state="submitted", submitted_at=now, **days)
    StayAct.objects.create(stay=world.stay, kind="home", agrees=True, by=world.people["focal point elsewhere"])
    for kind, owner in (("visa", "scientist"), ("insurance", "home"), ("lodging", "host")):
        task = StayTask.objects.create(stay=world.stay, kind=kind, owner=owner, due_on=day)
        world.stay_task = task if kind == "visa" else world.stay_task
    StayReport.objects.create(stay=world.stay, text="Forty wells.", submitted_at=now)
    dates = {name: value.isoformat() for name, value in {**days, "issued_on": day}.items()}
    names = ("name", "home", "home_country", "host", "host_country", "offer", "signed_by")
    world.letter = InvitationLetter.objects.create(
        stay=world.stay,
        year=2026,
        serial=1,
        code="of-the-stay",
        content=dict.fromkeys(names, "A") | dates,
        digest="0" * 64,
    )


def _proposals(world) -> None:
    """What people ask for and offer: of each state and of both institutions."""
    people, now = world.people, timezone.now()
    for institution in (world.elsewhere, world.own):
        for role in ("focal_point", "editor"):
            InvitationFactory(institution=institution, role=role)
        for state in ("draft", "submitted"):
            MembershipApplicationFactory(institution=institution, sent=state == "submitted")
        world.forwarded = ErrorReport.objects.create(
            address="/", record="x", message="x", state="forwarded", forwarded_to=institution, forwarded_at=now
        )
    world.invitation = InvitationFactory(institution=world.own, role="editor", email=people["scientist"].email)
    world.alliance_invitation = InvitationFactory(institution=None, role="reviewer", email=people["colleague"].email)
    InvitationFactory(institution=world.elsewhere, role="editor", email=people["unverified"].email)
    world.application_draft = MembershipApplicationFactory(applicant=people["scientist"])
    world.application = MembershipApplicationFactory(applicant=people["colleague"], sent=True)
    MembershipApplicationFactory(applicant=people["officer and focal point"], sent=True)
    proposers = [
        ("editor", world.own),
        ("officer and focal point", world.own),
        ("focal point elsewhere", world.elsewhere),
        ("former focal point", world.own),
    ]
    for number, (role, institution) in enumerate(proposers):
        for state in ("draft", "decided"):
            request = ChangeRequest.objects.create(
                institution=institution,
                by=people[role],
                state=state,
                proposed_at=now if state == "decided" else None,
                decided_at=now if state == "decided" else None,
            )
            ChangeItem.objects.create(request=request, field="description", before="", after=f"Text {number}")
    world.change_draft = ChangeRequest.objects.get(by=people["editor"], state="draft")
    world.change_decided = ChangeRequest.objects.get(by=people["editor"], state="decided")
    world.change = ChangeRequest.objects.create(
        institution=world.own, by=people["focal point"], state="proposed", proposed_at=now
    )
    ChangeItem.objects.create(request=world.change, field="description", before="", after="About us")


def _calls(world) -> None:
    """A draft in which a partner is asked, one that was sent, and one that waits for a decision."""
    scientist, officer, now = world.people["scientist"], world.people["officer"], timezone.now()
    world.call = CallFactory(slug="call", code="CALL", officer=officer)
    draft_call = CallFactory(slug="call-draft", code="DRAFT", state="draft")
    Question.objects.create(part=CallPart.objects.create(call=draft_call, title="Secret"), label="Secret?")
    over = CallFactory(slug="call-over", code="OVER", officer=officer, closes_at=now - DAY / 2)
    world.call_part = CallPart.objects.create(call=world.call, title="The work")
    world.call_question = Question.objects.create(part=world.call_part, label="Why?")
    world.proposal = ProposalFactory(call=world.call, applicant=scientist, lead=world.own)
    world.proposal_partner = Partner.objects.create(
        proposal=world.proposal, institution=world.elsewhere, role="partner", asked_at=now
    )
    Answer.objects.create(proposal=world.proposal, question=world.call_question, text="Because.")
    BudgetLine.objects.create(partner=world.proposal_partner, category="travel", amount=100)
    TeamMember.objects.create(proposal=world.proposal, partner=world.proposal_partner, name="Somebody", task="Wells")
    dates = {"starts_on": database_today(), "ends_on": database_today()}
    WorkPackage.objects.create(proposal=world.proposal, partner=world.proposal_partner, title="Wells", **dates)
    world.sent_proposal = _sent(world, world.call)
    pdf = SubmissionPdf(submission=world.sent_proposal.submissions.get())
    pdf.file.save("any.pdf", ContentFile(b"%PDF-1.7"), save=False)
    pdf.save(force_insert=True)
    world.proposal_to_decide = _sent(world, over)
    world.clarification = Clarification.objects.create(proposal=world.sent_proposal, question="How deep?", by=officer)
    words = {"subject": "News", "text": "Read this."}
    world.requested = InstitutionRequest.objects.create(
        proposal=world.proposal, name="Hidden Academy", country_id="KE", by=scientist
    )
    world.signatory = Signatory.objects.create(
        partner=world.proposal_partner, name="Ada", position="Rector", email="ada@example.org", by=scientist
    )
    world.circular = Circular.objects.create(call=world.call, states=["draft"], by=officer, **words)
    LateCode.objects.create(call=world.call, code_hash="0" * 64, until=now + DAY, note="Somebody", by=officer)
    first = CallFactory(officer=officer, closes_at=now - DAY / 2, state="decided", decided_at=now)
    passed = _sent(world, first)
    Proposal.objects.filter(pk=passed.pk).update(state="accepted")
    _sent(world, first, applicant=world.people["colleague"], lead=world.elsewhere)  # did not pass
    CallFactory(first_stage=first)
    world.sign_off = world.sent_proposal.partners.get().sign_offs.get()
    world.decision = Decision.objects.create(proposal=world.proposal_to_decide, outcome="accepted")
    reviews.fill(world, over, _sent)


def _sent(world, call, **fields):
    proposal = ProposalFactory(call=call, **{"applicant": world.people["scientist"], "lead": world.own} | fields)
    confirm_all(proposal)
    at = call.opens_at + DAY / 4
    Submission.objects.create(proposal=proposal, version=1, content={}, digest="0" * 64, submitted_at=at)
    Proposal.objects.filter(pk=proposal.pk).update(state="submitted", submitted_at=at)
    return Proposal.objects.get(pk=proposal.pk)


def _care(world) -> None:
    """Confirmations, and a merge that can be taken back beside one that cannot any more."""
    now = timezone.now()
    for institution in (world.elsewhere, world.own):
        InstitutionConfirmation.objects.create(institution=institution)
        ConfirmationRequest.objects.create(institution=institution, year=2026)
        gone = 999_000 + institution.pk
        former = f"former-{institution.slug}"
        InstitutionRedirect.objects.create(institution=institution, slug=former, number=gone)
        world.merge = InstitutionMerge.objects.create(
            kept=institution,
            kept_number=institution.pk,
            gone_number=gone,
            gone_slug=former,
            gone_name="Former",
            reason="The same.",
            merged_at=now,
        )
        MergeEntry.objects.create(merge=world.merge, model="members.institution", key=1, act=MergeEntry.Act.values[0])
        now -= 40 * DAY


def _messages(world) -> None:
    """One waits, one was reported, one is withheld; and a block of each kind."""
    people, now = world.people, timezone.now()
    scientist, colleague = people["scientist"], people["colleague"]
    words = {"subject": "A question", "text": "About your work."}
    world.message = Message.objects.create(sender=colleague, recipient=scientist, **words)
    world.reported = Message.objects.create(sender=colleague, recipient=scientist, reported_at=now, **words)
    Message.objects.create(sender=colleague, recipient=people["officer"], reported_at=now, **words)
    Message.objects.create(sender=scientist, recipient=colleague, withheld=True, **words)
    world.block = MessageBlock.objects.create(blocker=scientist, blocked=people["editor"])
    MessageBlock.objects.create(blocker=None, blocked=people["focal point elsewhere"])
    ClosedAccount.objects.create(user=UserFactory(is_active=False), kind="erased")


def _rest(world) -> None:
    """What only the desk of the administrator shows."""
    HistoryReason.objects.create(text="It moved.", by=world.people["officer"])
    world.branding = Branding.objects.create(name="Portal")
    program = Subscriber.objects.create(url="https://own.example.org/changed", secret="sealed")
    world.endpoint = Endpoint.objects.create(institution=world.own, subscriber=program)
    SavedSearch.objects.create(listing="projects", token="a search", label="Projects")
    world.fact = AboutFact.objects.create(key="president", value="Somebody")
    world.sdg = Sdg.objects.first()
    world.meeting = MeetingFactory()
    world.room, _elsewhere = (
        HostCapacity.objects.create(institution=one, guests=9) for one in (world.own, world.elsewhere)
    )
    world.held_kind = HeldKind.objects.create(kind="news.published")
    world.kind_text = KindText.objects.create(kind="offer.opened", language="en", subject="Go: %(title)s")
    world.heartbeat = Heartbeat.objects.create(name="worker", seen_at=timezone.now())
    world.step = Step.objects.create(
        object_label="exchanges.offer", object_id=str(world.offer.pk), field="state", source="draft", target="open"
    )
    with pghistory.context(source="test"):
        world.own.city = "Lahore"
        world.own.save()
    world.context = Context.objects.latest("created_at")


def _news(world) -> None:
    """Published, and a draft, of the own institution; one that waits, of the other."""
    day, now = database_today() + 30 * DAY, timezone.now()
    common = {"text": "Wells.", "expires_on": day}
    world.news = NewsItem.objects.create(
        slug="news",
        title="News",
        institution=world.own,
        state="published",
        submitted_at=now,
        published_at=now,
        **common,
    )
    NewsItem.objects.create(slug="news-draft", title="Draft", institution=world.own, **common)
    NewsItem.objects.create(
        slug="news-waiting", title="Waits", institution=world.elsewhere, state="submitted", submitted_at=now, **common
    )


def _post(world) -> None:
    """Something that the scientist was told, and follows."""
    scientist = world.people["scientist"]
    follow_topic(topic=topics.resolve("country:LK"), by=scientist)
    event = announce("offer.opened", world.offer, actor=None, to=[scientist], context=facts(world.offer))
    Preference.objects.create(subscriber=scientist.subscriber, about="offer.opened")
    world.event, world.told = event, event.notifications.get()
    world.delivery = world.told.delivery
    world.follow = scientist.subscriber.follows.get()
    world.stop_token = stop_url(scientist.subscriber, topic="country:LK").rstrip("/").rpartition("/")[2]
    Subscriber.objects.filter(pk=scientist.subscriber.pk).update(calendar_token="of-the-scientist")
    wish = Wish("visitor@example.org", "country:PK", "en", "UTC")
    world.confirm_token = confirm_url(wish).rstrip("/").rpartition("/")[2]
    world.alone = follow_by_address(wish=wish, topic=topics.resolve("country:LK"))
    world.mine_token = mine_path(world.alone).rstrip("/").rpartition("/")[2]


def _person(world, role: str):
    if role == ANONYMOUS:
        return AnonymousUser()
    words = set(role.replace(" without second factor", "").split(" and "))
    alliance = sorted(words & set(AllianceRole.Role.values))
    user = UserFactory(name=role.title(), email=f"{role.replace(' ', '.')}@example.org", roles=alliance)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=role != "unverified")
    Subscriber.objects.of_users([user])
    if "without second factor" in role and hasattr(user, "authenticator_set"):
        user.authenticator_set.all().delete()
    today = database_today()
    dates = {"starts_on": today - 30 * DAY}
    if role == "former focal point":
        _role(user, world.own, "focal_point", starts_on=today - 30 * DAY, ends_on=today - DAY)
    elif role == "deputy to come":
        _role(user, world.own, "deputy", starts_on=today + DAY, ends_on=today + 9 * DAY)
    elif role == "focal point elsewhere":
        _role(user, world.elsewhere, "focal_point", **dates)
    elif "focal point" in words:
        _role(user, world.own, "focal_point", **dates)
    elif role == "deputy":
        _role(user, world.own, "deputy", ends_on=today + 9 * DAY, **dates)
    elif role == "editor":
        _role(user, world.own, "editor", **dates)
    return user


def _role(user, institution, role: str, **dates) -> None:
    InstitutionRole.objects.create(user=user, institution=institution, role=role, **dates)
