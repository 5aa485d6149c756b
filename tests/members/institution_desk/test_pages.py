"""The pages of an institution: for whom they are, and what they say."""

import pytest
from django.utils import timezone

from members.models import InstitutionRole, Invitation
from tests.factories import (
    AffiliationFactory,
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    InvitationFactory,
    OfferFactory,
    ProjectFactory,
    UserFactory,
)
from tests.members.institution_desk.acts import ADDRESSES, DAY, DESK, PEOPLE, STATES
from tests.pages import heading, links, statements, words
from toolkit.clock import database_today

pytestmark = pytest.mark.django_db


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
