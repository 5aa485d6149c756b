"""The desk of an institution: overview, people, deputies, succession, promises; for those who act for it alone."""

import datetime

import pytest
from django.utils import timezone

from members.models import InstitutionRole, Invitation
from notifications.models import Delivery
from projects.models import Report
from tests.factories import (
    AffiliationFactory,
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    InvitationFactory,
    OfferFactory,
    ProjectFactory,
    ProposalFactory,
    UserFactory,
)
from tests.pages import heading, links, statements, words
from tests.proposals.acts import sent
from toolkit.clock import database_today

pytestmark = pytest.mark.django_db

DESK = "/desk/institution/aw/"
PEOPLE = f"{DESK}people/"
DAY = datetime.timedelta(days=1)


@pytest.fixture
def institution(db):
    return InstitutionFactory(name="Academy of Water", slug="aw", member=True)


@pytest.fixture
def focal_point(institution):
    return InstitutionRoleFactory(institution=institution, user__name="Fatima")


@pytest.fixture
def editor(institution):
    return InstitutionRoleFactory(institution=institution, role="editor", user__name="Edda")


@pytest.fixture
def sign_in(client, institution):
    """sign_in("editor") and so on; gives the user."""

    def enter(who: str):
        if who == "anonymous":
            client.logout()
            return None
        if who in ("officer", "administrator", "reviewer"):
            user = UserFactory(roles=[who])
        elif who == "elsewhere":
            user = InstitutionRoleFactory().user
        elif who in InstitutionRole.Role.values:
            until = database_today() + DAY if who == "deputy" else None
            user = InstitutionRoleFactory(institution=institution, role=who, ends_on=until).user
        else:
            user = UserFactory()
        client.force_login(user)
        return user

    return enter


ADDRESSES = [
    DESK,
    PEOPLE,
    f"{DESK}promises/",
    f"{PEOPLE}invite/",
    f"{PEOPLE}invite/many/",
    f"{PEOPLE}deputy/",
    f"{PEOPLE}roles/%(role)d/end/",
    f"{PEOPLE}roles/%(role)d/hand-over/",
]
STATES = {  # of these addresses, in their order, when they are opened
    "stranger": [404] * 8,
    "elsewhere": [404] * 8,
    "reviewer": [404] * 8,
    "editor": [200, 200, 200, 403, 403, 403, 403, 403],
    "deputy": [200, 200, 200, 200, 200, 403, 403, 403],
    "focal_point": [200, 200, 200, 200, 200, 200, 200, 403],
    "officer": [200] * 8,
    "administrator": [200] * 8,
    "anonymous": [302] * 8,
}


@pytest.mark.parametrize("who", STATES)
def test_pages_are_there_for_whom_they_concern(client, sign_in, focal_point, who):
    sign_in(who)

    found = [client.get(address % {"role": focal_point.pk}).status_code for address in ADDRESSES]

    assert found == STATES[who]


@pytest.mark.parametrize("who", STATES)
def test_nothing_is_done_for_whom_it_does_not_concern(client, sign_in, focal_point, editor, who):
    invitation = InvitationFactory(institution=focal_point.institution, role="focal_point")
    sign_in(who)
    posts = {
        f"{PEOPLE}invite/": {"email": "a@example.org", "role": "focal_point"},
        f"{PEOPLE}deputy/": {"colleague": editor.user.pk, "starts_on": "2030-01-01", "ends_on": "2030-02-01"},
        f"{PEOPLE}roles/{focal_point.pk}/hand-over/": {"colleague": editor.user.pk},
        f"{PEOPLE}invitations/{invitation.pk}/revoke/": {},
    }
    before = InstitutionRole.objects.count(), Invitation.objects.waiting().count()

    codes = {client.post(address, data).status_code for address, data in posts.items()}

    after = InstitutionRole.objects.count(), Invitation.objects.waiting().count()
    if who in ("officer", "administrator"):
        assert (codes, after) == ({302}, (before[0] + 2, before[1]))
    elif who != "focal_point":
        assert after == before
        assert codes <= {"anonymous": {302}, "editor": {403, 404}, "deputy": {403, 422}}.get(who, {404})


@pytest.mark.parametrize("address", [DESK, PEOPLE, f"{DESK}promises/", "/desk/institution/"])
def test_wrong_method(client, sign_in, address):
    sign_in("officer")
    assert client.post(address).status_code == 405


# --- Own institutions


def test_single_institution_is_shown_at_once(client, sign_in):
    sign_in("editor")
    assert client.get("/desk/institution/").url == DESK


def test_several_institutions_are_listed(client, sign_in):
    user = sign_in("editor")
    InstitutionRoleFactory(user=user, institution=InstitutionFactory(name="Second", slug="second"))

    page = client.get("/desk/institution/")

    assert [link for link in links(page) if link.startswith("/desk/institution/")] == [
        DESK,
        "/desk/institution/second/",
    ]


@pytest.mark.parametrize(
    ("who", "text"), [("stranger", "focal point of your institution"), ("officer", "As secretariat")]
)
def test_who_acts_for_none_is_told_what_to_do(client, sign_in, who, text):
    sign_in(who)

    page = client.get("/desk/institution/")

    assert "You do not act for any institution" in words(page)
    assert text in words(page)


def test_role_that_is_over_opens_nothing(client, institution):
    role = InstitutionRoleFactory(institution=institution, role="editor", starts_on="2020-01-01", ends_on="2020-12-31")
    client.force_login(role.user)

    assert client.get(DESK).status_code == 404
    assert "You do not act for any institution" in words(client.get("/desk/institution/"))


# --- Overview


def test_overview_says_what_it_is_who_acts_for_it_and_what_waits(client, sign_in, focal_point, editor):
    user = sign_in("focal_point")
    late = InvitationFactory(institution=focal_point.institution, email="late@example.org", invited_by=user)
    Invitation.objects.update(posted_at=timezone.now() - 9 * DAY)
    InvitationFactory(institution=focal_point.institution, email="fresh@example.org")

    page = client.get(DESK)

    assert heading(page) == "Academy of Water"
    assert "Fatima focal point since" in words(page)
    assert "Edda editor since" in words(page)
    assert [item.title for item in page.context["items"]] == ["late@example.org: editor"]
    assert "fresh@example.org" in words(page)
    assert late.get_absolute_url() == PEOPLE


def test_editor_sees_colleagues_and_no_addresses_of_people_invited(client, sign_in, focal_point):
    InvitationFactory(institution=focal_point.institution, email="fresh@example.org")
    sign_in("editor")

    for address in (DESK, PEOPLE):
        page = client.get(address)
        assert "Fatima" in words(page)
        assert "fresh@example.org" not in page.content.decode()


def test_institution_that_nobody_acts_for_asks_for_a_focal_point(client, sign_in, institution):
    sign_in("officer")

    page = client.get(DESK)

    assert "Nobody acts for this institution yet" in words(page)
    assert f"{PEOPLE}invite/" in links(page)


@pytest.mark.parametrize("address", [DESK, PEOPLE, f"{DESK}promises/"])
def test_pages_ask_as_often_for_three_of_each_as_for_one(client, sign_in, institution, focal_point, address):
    def make():
        user = UserFactory()
        InstitutionRoleFactory(institution=institution, role="editor", given_by=user)
        InstitutionRoleFactory(
            institution=institution, role="deputy", starts_on=database_today(), ends_on=database_today() + DAY
        )
        InstitutionRoleFactory(
            institution=institution, role="editor", starts_on="2020-01-01", ends_on="2021-01-01", ended_by=user
        )
        InvitationFactory(institution=institution, posted_at=timezone.now() - 9 * DAY, invited_by=user)
        InvitationFactory(institution=institution, state="declined", answered_at=timezone.now())
        ProjectFactory(lead=institution, partners=[InstitutionFactory()])
        OfferFactory(institution=institution, open=True)
        AffiliationFactory(institution=institution)
        center = CenterFactory()
        center.participations.create(role="host", name_as_given="x", institution=institution)

    client.force_login(focal_point.user)
    make()
    once = statements(client, address)
    make()
    make()

    assert statements(client, address) == once <= 20


# --- People


def test_people_page_tells_since_when_by_whom_and_folds_former_roles_away(client, focal_point, editor):
    InstitutionRoleFactory(
        institution=focal_point.institution,
        role="editor",
        user__name="Gone",
        starts_on="2020-01-01",
        ends_on="2021-01-31",
        given_by=focal_point.user,
    )
    InstitutionRole.objects.filter(pk=editor.pk).update(given_by=focal_point.user)
    client.force_login(focal_point.user)

    page = client.get(PEOPLE)

    assert "Edda editor since" in words(page)
    assert "given by Fatima" in words(page)
    assert "1 former role Gone editor" in words(page)
    assert [role.user.name for role in page.context["former"]] == ["Gone"]


def test_links_on_the_people_page_all_work(client, focal_point, editor):
    client.force_login(focal_point.user)

    for address in links(client.get(PEOPLE)):
        if address.startswith(DESK):
            assert client.get(address).status_code == 200, address


def test_role_is_ended_from_the_page(client, focal_point, editor):
    client.force_login(focal_point.user)
    address = f"{PEOPLE}roles/{editor.pk}/end/"

    assert heading(client.get(address)) == "End the role of Edda as editor"
    page = client.post(address, {"reason": "The project is over."}, follow=True)

    assert "The role has ended. Edda is being told." in words(page)
    assert list(focal_point.institution.roles.current()) == [focal_point]
    again = client.post(address, follow=True)
    assert "This role has ended already." in words(again)


def test_who_leaves_is_led_to_the_own_desk(client, focal_point, editor):
    client.force_login(editor.user)
    address = f"{PEOPLE}roles/{editor.pk}/end/"

    assert heading(client.get(address)) == "Give up your role as editor"
    assert client.post(address).url == "/desk/"
    assert client.post(address).url == "/desk/"
    assert client.get(DESK).status_code == 404


def test_last_focal_point_is_told_who_can_help(client, focal_point):
    client.force_login(focal_point.user)
    address = f"{PEOPLE}roles/{focal_point.pk}/end/"

    page = client.get(address)
    refused = client.post(address, {"last_too": "on", "reason": "x"})

    assert "This is the only focal point" in words(page)
    assert f"{PEOPLE}roles/{focal_point.pk}/hand-over/" in links(page)
    assert refused.status_code == 422
    assert "would be without a focal point" in words(refused)
    assert InstitutionRole.objects.current().filter(pk=focal_point.pk).exists()


def test_officer_ends_the_last_focal_point_by_saying_so(client, sign_in, focal_point):
    sign_in("officer")
    address = f"{PEOPLE}roles/{focal_point.pk}/end/"

    for data in ({}, {"reason": "Closed."}, {"last_too": "on"}):
        assert client.post(address, data).status_code == 422
    assert client.post(address, {"last_too": "on", "reason": "The academy was closed."}).status_code == 302
    assert not focal_point.institution.roles.current().exists()


def test_role_of_another_institution_is_not_found_here(client, focal_point):
    client.force_login(focal_point.user)
    other = InstitutionRoleFactory()

    for act in ("end", "hand-over"):
        assert client.get(f"{PEOPLE}roles/{other.pk}/{act}/").status_code == 404
        assert (
            client.post(f"/desk/institution/{other.institution.slug}/people/roles/{other.pk}/{act}/").status_code == 404
        )
    invitation = InvitationFactory()
    for act in ("resend", "revoke"):
        assert client.post(f"{PEOPLE}invitations/{invitation.pk}/{act}/").status_code == 404


# --- Deputies and succession


def test_deputy_is_named_on_the_page(client, focal_point, editor):
    client.force_login(focal_point.user)
    today = database_today()
    data = {"colleague": editor.user.pk, "starts_on": str(today), "ends_on": str(today + 9 * DAY)}

    for _ in range(2):
        page = client.post(f"{PEOPLE}deputy/", data, follow=True)

    assert "Edda stands in for these days" in words(page)
    assert InstitutionRole.objects.filter(role="deputy").count() == 1


def test_deputy_by_mail(client, focal_point):
    client.force_login(focal_point.user)
    today = database_today()

    client.post(
        f"{PEOPLE}deputy/",
        {"colleague": "invite", "email": "D@example.org", "starts_on": str(today), "ends_on": str(today)},
    )

    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.role, invitation.ends_on) == ("d@example.org", "deputy", today)


@pytest.mark.parametrize(
    ("changes", "words_said"),
    [
        ({"ends_on": "2020-01-01"}, "comes before the first"),
        ({"ends_on": "2099-01-01"}, "a year at most"),
        ({"starts_on": "soon"}, "Enter a valid date"),
        ({"colleague": "invite"}, "Give the address"),
        ({"colleague": "0"}, "Select a valid choice"),
    ],
)
def test_deputy_form_keeps_the_text_and_says_what_is_wrong(client, focal_point, editor, changes, words_said):
    client.force_login(focal_point.user)
    today = str(database_today())

    page = client.post(
        f"{PEOPLE}deputy/", {"colleague": editor.user.pk, "starts_on": today, "ends_on": today, **changes}
    )

    assert page.status_code == 422
    assert words(page).count(words_said) >= 2  # in the summary and beside the field
    assert not InstitutionRole.objects.filter(role="deputy").exists()


def test_stranger_is_no_colleague_to_hand_over_to(client, focal_point):
    client.force_login(focal_point.user)

    for colleague in (UserFactory().pk, InstitutionRoleFactory().user.pk, focal_point.user.pk):
        page = client.post(f"{PEOPLE}roles/{focal_point.pk}/hand-over/", {"colleague": colleague})
        assert page.status_code == 422
    assert focal_point.institution.roles.current().get() == focal_point


def test_handing_over_leads_to_the_own_desk(client, focal_point, editor):
    client.force_login(focal_point.user)
    address = f"{PEOPLE}roles/{focal_point.pk}/hand-over/"

    assert client.post(address, {"colleague": editor.user.pk}).url == "/desk/"
    assert client.post(address, {"colleague": editor.user.pk}).url == "/desk/"

    held = {(role.user.name, role.role) for role in focal_point.institution.roles.current()}
    assert held == {("Edda", "editor"), ("Edda", "focal_point")}


def test_successor_by_mail_changes_nothing_yet(client, focal_point):
    client.force_login(focal_point.user)

    page = client.post(
        f"{PEOPLE}roles/{focal_point.pk}/hand-over/", {"colleague": "invite", "email": "next@example.org"}, follow=True
    )

    assert "Until it is accepted, nothing changes." in words(page)
    assert Invitation.objects.get().succeeds == focal_point
    assert Delivery.objects.get().address == "next@example.org"


# --- Inviting


def test_inviting_from_the_page_says_the_same_to_whoever_is_asked(client, focal_point):
    """T33"""
    UserFactory(email="known@example.org")
    client.force_login(focal_point.user)
    said = []
    for name in ("known", "nobody"):
        page = client.post(f"{PEOPLE}invite/", {"email": f"{name}@example.org", "role": "editor"}, follow=True)
        said.append([str(message).replace(name, "") for message in page.context["messages"]])

    assert said[0] == said[1] == ["The invitation to @example.org is on its way."]


def test_double_click_sends_one_mail(client, focal_point):
    """T41"""
    client.force_login(focal_point.user)
    for _ in range(2):
        page = client.post(f"{PEOPLE}invite/", {"email": "a@example.org", "role": "editor"}, follow=True)

    assert "a@example.org is invited already." in words(page)
    assert (Invitation.objects.count(), Delivery.objects.count()) == (1, 1)


def test_fields_beside_those_of_the_form_change_nothing(client, focal_point):
    """T17"""
    client.force_login(focal_point.user)
    other = InstitutionFactory()

    client.post(
        f"{PEOPLE}invite/",
        {
            "email": "a@example.org",
            "role": "editor",
            "institution": other.pk,
            "starts_on": "2020-01-01",
            "state": "accepted",
            "invited_by": UserFactory().pk,
            "token_hash": "x",
            "succeeds": focal_point.pk,
        },
    )

    made = Invitation.objects.get()
    assert (made.institution, made.invited_by, made.state) == (focal_point.institution, focal_point.user, "waiting")
    assert (made.starts_on, made.token_hash, made.succeeds) == (None, None, None)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"email": "no address", "role": "editor"}, "Enter a valid email address."),
        ({"email": "a@example.org", "role": "officer"}, "Select a valid choice."),
        ({"email": "a@example.org", "role": "deputy"}, "Select a valid choice."),
        ({"email": "a@example.org", "role": "editor", "name": "<b>"}, "<"),
        ({"email": "a@example.org", "role": "editor", "name": "see https://evil.example"}, "://"),
        ({"email": "a@example.org\x00", "role": "editor"}, "Null characters"),
    ],
)
def test_invitation_that_cannot_be_is_refused_beside_the_field(client, focal_point, data, said):
    """T23, T37"""
    client.force_login(focal_point.user)

    page = client.post(f"{PEOPLE}invite/", data)

    assert page.status_code == 422
    assert said in words(page)
    assert not Invitation.objects.exists()


def test_deputy_invites_editors_alone(client, sign_in):
    sign_in("deputy")

    assert client.post(f"{PEOPLE}invite/", {"email": "a@example.org", "role": "focal_point"}).status_code == 422
    assert client.post(f"{PEOPLE}invite/", {"email": "a@example.org", "role": "editor"}).status_code == 302


def test_waiting_invitation_is_sent_again_and_withdrawn_from_the_page(client, focal_point):
    client.force_login(focal_point.user)
    invitation = InvitationFactory(
        institution=focal_point.institution, email="a@example.org", posted_at=timezone.now() - DAY
    )

    again = client.post(f"{PEOPLE}invitations/{invitation.pk}/resend/", follow=True)
    gone = client.post(f"{PEOPLE}invitations/{invitation.pk}/revoke/", follow=True)
    late = client.post(f"{PEOPLE}invitations/{invitation.pk}/resend/", follow=True)

    assert "The mail to a@example.org goes out again" in words(again)
    assert "is withdrawn" in words(gone)
    assert "does not wait for an answer any more" in words(late)
    assert Delivery.objects.count() == 1
    for act in ("resend", "revoke"):
        assert client.get(f"{PEOPLE}invitations/{invitation.pk}/{act}/").status_code == 405


# --- Promises


def test_promises_are_what_runs_what_it_carries_and_who_works_there(client, focal_point):
    institution = focal_point.institution
    ProjectFactory(title="Runs", lead=institution)
    ProjectFactory(title="Over", lead=institution, starts_on="2018-01-01", ends_on="2019-01-01")
    ProjectFactory(title="Of others", lead=InstitutionFactory())
    center = CenterFactory(name="Its center")
    center.participations.create(role="host", name_as_given="x", institution=institution)
    OfferFactory(title="A stay", institution=institution, open=True)
    AffiliationFactory(institution=institution, person__name="Shown")
    AffiliationFactory(institution=institution, person__name="Hidden", person__is_public=False)
    client.force_login(focal_point.user)

    text = words(client.get(f"{DESK}promises/"))

    for shown in ("Runs", "Its center", "hosts it", "A stay", "Shown"):
        assert shown in text
    for hidden in ("Over", "Of others", "Hidden"):
        assert hidden not in text


def test_promises_are_the_reports_it_owes_and_the_parts_it_has_confirmed(client, focal_point):
    institution, day = focal_point.institution, datetime.date(2020, 5, 1)
    for title, fields in (("Owed", {}), ("Written", {"state": "accepted"})):
        project = ProjectFactory(title=title, lead=institution)
        Report.objects.create(project=project, kind="final", due_on=day, **fields)
    other = ProjectFactory(title="Owed by the lead", lead=InstitutionFactory(), partners=[institution])
    Report.objects.create(project=other, kind="final", due_on=day)
    sent(lead=institution, title="With the alliance")
    ProposalFactory(lead=institution, title="A draft")
    client.force_login(focal_point.user)

    text = words(client.get(f"{DESK}promises/"))

    for shown in ("final report: Owed", "late", "With the alliance", "EUR 900.00"):
        assert shown in text
    for hidden in ("final report: Written", "final report: Owed by the lead", "A draft"):
        assert hidden not in text


def test_institution_without_promises_says_so(client, focal_point):
    client.force_login(focal_point.user)

    text = words(client.get(f"{DESK}promises/"))

    for said in ("no project today", "no center", "no exchange", "No profile names it", "owes no report"):
        assert said in text
