"""Every page of the desk: there for those who may, and for nobody else."""

import pytest
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from pghistory.models import Context

from accounts.models import AllianceRole, User
from anso_portal.models import AboutFact, Branding, ErrorReport
from centers.models import Center, CenterInstitution, Certificate, Course, Facility, Participant
from exchanges.models import HostCapacity, InvitationLetter, Offer, Programme, Stay
from members.models import (
    ChangeRequest,
    Institution,
    InstitutionIdentifier,
    InstitutionMerge,
    InstitutionRelation,
    InstitutionRole,
    Invitation,
    Meeting,
    Membership,
    MembershipApplication,
    Person,
)
from news.models import NewsItem
from notifications.models import Delivery, Event, Follow, Heartbeat, HeldKind, KindText, Subscriber
from projects.models import Grant, Milestone, Output, Project, Report
from proposals.actions.reviewing import plan_of
from proposals.actions.submission import submit_proposal
from proposals.models import (
    Call,
    CallOfficer,
    CallPart,
    CallReviewer,
    Circular,
    Clarification,
    Decision,
    DeclaredConflict,
    InstitutionRequest,
    Panel,
    Partner,
    Proposal,
    Question,
    Review,
    ReviewPlan,
    Signatory,
    SignOff,
    Submission,
)
from tests.factories import (
    AffiliationFactory,
    CallFactory,
    CenterFactory,
    CourseSessionFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    InvitationFactory,
    MeetingFactory,
    MembershipApplicationFactory,
    MembershipFactory,
    OfferFactory,
    ProgrammeFactory,
    ProjectFactory,
    ProjectSiteFactory,
    ProposalFactory,
    SourceFactory,
    ThemeFactory,
    UserFactory,
)
from tests.proposals.acts import accepted_reviewer, begun, close, confirm_all
from vocabularies.models import Country, Sdg, Source, Theme
from workflow.models import Step

pytestmark = pytest.mark.django_db
MODELS = list(admin.site._registry)
ADMINISTRATORS_ONLY = {User, AllianceRole}
# What somebody else follows is no business of an officer, and neither are proposals in calls that are given to others.
OTHERS_OWN = {Follow, Proposal, Partner, SignOff, Submission, Decision, CallReviewer, Review, DeclaredConflict, Panel}
OTHERS_OWN |= {Circular, Clarification, InstitutionRequest, Signatory}


def institution():
    one, other = InstitutionFactory(acronym="ONE", member=True), InstitutionFactory()
    InstitutionIdentifier.objects.create(institution=one, scheme="grid", value="grid.1")
    InstitutionRelation.objects.create(institution=one, kind="parent", other=other)
    InstitutionRoleFactory(institution=one)
    return one


def project():
    made = ProjectFactory(lead=InstitutionFactory(), partners=[InstitutionFactory()], source=SourceFactory())
    ProjectSiteFactory(project=made)
    Output.objects.create(project=made, kind="dataset", title="Data")
    Milestone.objects.create(project=made, title="Wells", due_on="2027-05-01")
    return made


def center():
    made = CenterFactory(sites=["PK", "NP"])
    CenterInstitution.objects.create(center=made, role="host", name_as_given="Host", institution=InstitutionFactory())
    Facility.objects.create(center=made, name="Laboratory")
    return made


def person():
    return AffiliationFactory().person


def subscriber():
    return Subscriber.objects.get_or_create(user=UserFactory())[0]


def proposal():
    made = ProposalFactory()
    confirm_all(made)
    submit_proposal(proposal=made, by=made.applicant)
    return made


def stay():
    offer = OfferFactory(open=True)
    return Stay.objects.create(
        offer=offer,
        applicant=UserFactory(),
        home=InstitutionFactory(),
        host=InstitutionFactory(),
        starts_on="2027-03-01",
        ends_on="2027-03-20",
        state="submitted",
        submitted_at=timezone.now(),
    )


def question():
    return Question.objects.create(part=CallPart.objects.create(call=CallFactory(), title="Work"), label="Why?")


def review():
    made = close(proposal())
    officer = UserFactory(roles=["officer"])
    CallOfficer.objects.create(call=made.call, user=officer)
    return begun(plan_of(made.call, officer), made, accepted_reviewer(made.call), officer)


def change():
    return ChangeRequest.objects.create(
        institution=InstitutionFactory(), by=UserFactory(), state="proposed", proposed_at=timezone.now()
    )


def merge():
    kept = InstitutionFactory()
    gone = {"gone_number": 999_999, "gone_slug": "former", "gone_name": "Former"}
    return InstitutionMerge.objects.create(kept=kept, kept_number=kept.pk, reason="The same.", **gone)


def participant():
    return Participant.objects.create(session=CourseSessionFactory(), person=UserFactory())


RECORDS = {
    Course: lambda: CourseSessionFactory().course,
    Participant: participant,
    Certificate: lambda: Certificate.objects.create(
        participant=participant(), year=2026, serial=1, code="c", content={}
    ),
    HostCapacity: lambda: HostCapacity.objects.create(institution=InstitutionFactory(), guests=3),
    MembershipApplication: lambda: MembershipApplicationFactory(sent=True),
    ChangeRequest: change,
    InstitutionMerge: merge,
    ReviewPlan: lambda: review().reviewer.call.review_plan,
    CallReviewer: lambda: review().reviewer,
    Circular: lambda: Circular.objects.create(call=CallFactory(), states=["draft"], subject="News", text="Soon."),
    Clarification: lambda: Clarification.objects.create(proposal=proposal(), question="How deep?"),
    InstitutionRequest: lambda: InstitutionRequest.objects.create(
        proposal=proposal(), name="Hidden Academy", country_id="KE"
    ),
    Signatory: lambda: Signatory.objects.create(
        partner=proposal().partners.get(), name="Ada", position="Rector", email="ada@example.org"
    ),
    Review: review,
    DeclaredConflict: lambda: DeclaredConflict.objects.create(proposal=proposal(), user=UserFactory()),
    Panel: lambda: Panel.objects.create(call=CallFactory()),
    Stay: stay,
    InvitationLetter: lambda: InvitationLetter.objects.create(
        stay=stay(),
        year=2026,
        serial=1 + InvitationLetter.objects.count(),
        code=get_random_string(12),
        content={},
        digest="0" * 64,
    ),
    Call: CallFactory,
    Question: question,
    Proposal: proposal,
    Partner: lambda: proposal().partners.get(),
    SignOff: lambda: SignOff.objects.get(partner__proposal=proposal()),
    Submission: lambda: proposal().submissions.get(),
    Decision: lambda: Decision.objects.create(proposal=proposal(), outcome="accepted"),
    Institution: institution,
    Membership: MembershipFactory,
    Meeting: MeetingFactory,
    Person: person,
    InstitutionRole: InstitutionRoleFactory,
    Invitation: InvitationFactory,
    Center: center,
    Project: project,
    Grant: lambda: Grant.objects.create(project=project(), number="G-1", amount=100, currency="EUR"),
    Report: lambda: Report.objects.create(project=project(), kind="final", due_on="2027-03-01"),
    Offer: OfferFactory,
    Programme: ProgrammeFactory,
    Theme: ThemeFactory,
    Source: SourceFactory,
    Country: lambda: Country.objects.get(pk="PK"),
    Sdg: lambda: Sdg.objects.get(pk=6),
    User: UserFactory,
    AllianceRole: lambda: UserFactory(roles=["reviewer"]).alliance_roles.get(),
    Branding: lambda: Branding.objects.create(name="Portal"),
    ErrorReport: lambda: ErrorReport.objects.create(address="/members/x/", record="X", message="Wrong."),
    AboutFact: lambda: AboutFact.objects.create(key="president", value="Somebody"),
    Step: lambda: Step.objects.create(
        object_label="exchanges.offer", object_id="1", field="state", source="a", target="b"
    ),
    Context: lambda: Context.objects.create(metadata={"source": "ROR import"}),
    Delivery: lambda: Delivery.objects.create(address="a@example.org", purpose="x", idem="1", message_id="<1>"),
    Event: lambda: Event.objects.create(
        kind="offer.opened", subject_label="exchanges.offer", subject_id="1", facts={"title": "T", "host": "H"}
    ),
    Follow: lambda: Follow.objects.create(subscriber=subscriber(), topic="country:PK", label="Pakistan"),
    HeldKind: lambda: HeldKind.objects.create(kind="offer.opened"),
    KindText: lambda: KindText.objects.create(kind="offer.opened", language="en", subject="%(title)s"),
    NewsItem: lambda: NewsItem.objects.create(
        slug="news", title="News", institution=InstitutionFactory(), expires_on="2030-01-01"
    ),
    Heartbeat: lambda: Heartbeat.objects.create(name="worker", seen_at="2026-01-01T00:00Z"),
    # Those of accounts are seen when their mail comes back.
    Subscriber: lambda: Subscriber.objects.create(address="reader@example.org", confirmed_at=timezone.now()),
}


def pages(model):
    """The four pages of a model and of one record of it."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    key = RECORDS[model]().pk
    return {
        "list": reverse(f"{name}_changelist"),
        "add": reverse(f"{name}_add"),
        "change": reverse(f"{name}_change", args=[key]),
        "history": reverse(f"{name}_history", args=[key]),
    }


def test_every_model_of_the_desk_is_walked():
    assert set(MODELS) == set(RECORDS)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_administrator_sees_every_page(client, model):
    addresses = pages(model)
    user = UserFactory(roles=["administrator"])
    client.force_login(user)
    desk = admin.site._registry[model]

    codes = {name: client.get(address, follow=name == "list").status_code for name, address in addresses.items()}

    request = client.get("/admin/").wsgi_request
    assert codes == {
        "list": 200,
        "add": 200 if desk.has_add_permission(request) else 403,
        "change": 200,
        "history": 200,
    }


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_officer_sees_what_officers_may(client, model):
    addresses = pages(model)
    client.force_login(UserFactory(roles=["officer"]))

    codes = {name: client.get(address, follow=name == "list").status_code for name, address in addresses.items()}

    if model in ADMINISTRATORS_ONLY:
        assert set(codes.values()) <= {403, 404}
    else:
        seen = 404 if model in OTHERS_OWN else 200
        assert (codes["list"], codes["change"], codes["history"]) == (200, seen, seen)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label_lower)
def test_others_see_no_page(client, model):
    addresses = pages(model)
    for address in addresses.values():
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={address}")

    client.force_login(UserFactory(roles=["reviewer"]))
    assert {client.get(address).status_code for address in addresses.values()} == {404}
    assert {client.post(address).status_code for address in addresses.values()} == {404}


@pytest.mark.parametrize(
    "address", ["/admin/", "/admin/members/", "/admin/nothing/", "/admin/login/", "/admin/jsi18n/"]
)
def test_strangers_sign_in_at_the_portals_own_page(client, address):
    response = client.get(address)

    assert (response.status_code, response["Location"]) == (302, f"/accounts/login/?next={address}")


def test_person_whose_role_has_ended_is_out(client):
    user = UserFactory(roles=["administrator"])
    AllianceRole.objects.update(starts_on="2020-01-01", ends_on="2020-12-31")
    client.force_login(user)

    assert client.get("/admin/").status_code == 404


def test_record_that_is_not_there_is_not_found(client):
    client.force_login(UserFactory(roles=["administrator"]))

    for page in ("change", "history", "delete"):
        assert client.get(f"/admin/members/institution/999999/{page}/").status_code == 404
    assert client.get("/admin/members/institution/no-number/change/").status_code == 404


def test_index_is_ordered_as_the_work_goes(client):
    client.force_login(UserFactory(roles=["administrator"]))

    apps = client.get("/admin/").context["app_list"]

    assert [app["app_label"] for app in apps[:4]] == ["members", "centers", "projects", "exchanges"]
    assert apps[0]["models"][0]["object_name"] == "Institution"


def test_index_shows_the_portals_name_and_colours(client):
    Branding.objects.create(name="Alliance of Tests", colour="#123456", accent="#654321")
    from anso_portal.context import forget_branding

    forget_branding()
    client.force_login(UserFactory(roles=["administrator"]))

    page = client.get("/admin/").content.decode()

    assert "Alliance of Tests" in page
    assert "/portal.css?123456-654321" in page
    forget_branding()


@pytest.mark.parametrize("count", [1, 3])
def test_index_asks_as_often_whatever_is_held(client, count, django_assert_max_num_queries):
    for _ in range(count):
        pages(Institution)
        OfferFactory()
    client.force_login(UserFactory(roles=["administrator"]))
    client.get("/admin/")

    with django_assert_max_num_queries(8):
        client.get("/admin/")


def test_sign_out_leads_home_and_passwords_to_the_portals_page(client):
    client.force_login(UserFactory(roles=["officer"]))

    assert client.get("/admin/password_change/")["Location"] == reverse("account_change_password")
    assert client.post("/admin/logout/")["Location"] == "/"
    assert client.get("/admin/").status_code == 302


def test_no_group_and_no_content_type_is_administered():
    assert ContentType not in admin.site._registry
    assert not {model._meta.label for model in MODELS} & {"auth.Group", "account.EmailAddress"}


def test_app_of_others_has_no_permissions_of_ours():
    administrator = UserFactory(roles=["administrator"])

    assert not administrator.has_perm("auth.view_group")
    assert not administrator.has_perm("account.change_emailaddress")
    assert not administrator.has_perm("nothing.view_nothing")


def test_no_number_leads_past_those_who_may_see_a_record(client):
    """Django's way from a number to a page asks nobody, and broke on models without a table."""
    client.force_login(UserFactory(roles=["administrator"]))

    for kind in ContentType.objects.all():
        assert client.get(f"/admin/r/{kind.pk}/1/").status_code == 404


@pytest.mark.parametrize("junk", ["<b>", "9" * 400, "\x00", "-1"])
def test_junk_where_a_record_is_chosen_is_refused_in_the_form(client, junk):
    client.force_login(UserFactory(roles=["administrator"]))

    assert client.get("/admin/members/membership/add/", {"institution": junk}).status_code == 200
    places = {"institution": "members/membership", "country": "members/institution", "themes": "centers/center"}
    for field, address in places.items():
        response = client.post(f"/admin/{address}/add/", {field: junk})
        assert response.status_code == 200
        assert field in response.context["adminform"].form.errors
