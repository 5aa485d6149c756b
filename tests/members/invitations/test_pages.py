"""What the person invited sees, signed in or not, and that the secret stands nowhere."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.utils import timezone

from members.actions.invitations import invitation_of_token
from members.models import InstitutionRole, Invitation
from tests.factories import InstitutionFactory, InstitutionRoleFactory, InvitationFactory, UserFactory
from tests.pages import body, heading, links, statements, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def invitation(db):
    inviter = UserFactory(name="Fatima", email="fatima@example.org")
    return InvitationFactory(
        email="new@example.org", institution=InstitutionFactory(name="Academy of Water", slug="aw"), invited_by=inviter
    )


@pytest.fixture
def link(invitation):
    return f"/invitations/{invitation.mint()}/"


@pytest.fixture
def invited(db):
    user = UserFactory(email="new@example.org")
    EmailAddress.objects.create(user=user, email="new@example.org", verified=True, primary=True)
    return user


def answer(invitation, act=""):
    return f"/desk/invitations/{invitation.pk}/{act}"


def test_link_shows_a_visitor_what_is_offered_by_whom_and_until_when(client, link, invitation):
    page = client.get(link, follow=True)

    assert page.redirect_chain == [("/invitations/offer/", 302)]
    assert heading(page) == "You are invited to be editor of Academy of Water"
    assert "Invited by Fatima" in words(page)
    assert "fatima@example.org" not in body(page)
    assert "Answer by" in words(page)
    assert "/accounts/login/?next=/invitations/offer/" in links(page)


def test_t13_secret_stands_in_no_page_and_no_address_after_the_first(client, link, invited):
    secret = link.split("/")[2]
    page = client.get(link, follow=True)
    assert secret not in body(page)
    assert secret not in str(client.session.items())

    client.force_login(invited)
    page = client.get("/invitations/offer/", follow=True)
    assert secret not in body(page)
    for role in ("administrator", "officer"):
        reader = Client()
        reader.force_login(UserFactory(roles=[role]))
        for address in (
            "/admin/members/invitation/",
            f"/admin/members/invitation/{Invitation.objects.get().pk}/change/",
        ):
            assert secret not in body(reader.get(address))
            assert Invitation.objects.get().token_hash not in body(reader.get(address))


def test_t13_secret_is_in_no_row_after_it_was_used(client, link, invited, invitation):
    secret = link.split("/")[2]
    client.get(link, follow=True)
    client.force_login(invited)
    client.get(link, follow=True)
    client.post(answer(invitation, "accept/"))

    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT count(*) FROM "{table}" AS t WHERE t::text LIKE %s', [f"%{secret}%"])
            assert cursor.fetchone()[0] == 0, table


@pytest.mark.parametrize("known", [True, False])
def test_link_says_the_same_whether_or_not_the_address_has_an_account(client, link, known):
    """T33"""
    if known:
        EmailAddress.objects.create(user=UserFactory(email="new@example.org"), email="new@example.org", verified=True)

    page = client.get(link, follow=True)

    text = re.sub(r'csrf\w*" value="[^"]*"', "", words(page))
    assert "sign in with new@example.org, or make an account with this address" in text


def test_signing_in_leads_back_to_the_invitation(client, link, invited, invitation):
    client.get(link)
    invited.set_password("correct horse battery staple")
    invited.save()

    response = client.post(
        "/accounts/login/",
        {"login": "new@example.org", "password": "correct horse battery staple", "next": "/invitations/offer/"},
    )

    assert response.url == "/invitations/offer/"
    page = client.get(response.url, follow=True)
    assert page.redirect_chain == [(answer(invitation), 302)]
    assert "Accept" in words(page)


def test_signing_up_begins_with_the_address_of_the_invitation(client, link):
    client.get(link)

    page = client.get("/accounts/signup/?next=/invitations/offer/")

    assert 'value="new@example.org"' in body(page)
    assert 'value="/invitations/offer/"' in body(page)
    Invitation.objects.update(token_hash=None)
    assert "new@example.org" not in body(client.get("/accounts/signup/"))


def test_somebody_else_is_told_so_and_not_whether_there_is_an_account(client, link, invitation):
    client.force_login(UserFactory(email="other@example.org"))

    page = client.get(link, follow=True)

    assert "You are signed in as other@example.org, and the invitation is for another address." in words(page)
    assert client.get(answer(invitation)).status_code == 404
    for act in ("accept/", "decline/"):
        assert client.post(answer(invitation, act)).status_code == 404
    assert not InstitutionRole.objects.exists()


def test_accepting_lands_at_the_desk_of_the_institution(client, link, invited, invitation):
    client.force_login(invited)
    page = client.get(link, follow=True)

    response = client.post(answer(invitation, "accept/"))

    assert heading(page) == "You are invited to be editor of Academy of Water"
    assert response.url == "/desk/institution/aw/"
    assert invited.institution_roles.current().get().role == "editor"


def test_second_click_and_back_button_do_no_harm(client, invited, invitation):
    """T41"""
    client.force_login(invited)
    for _ in range(2):
        assert client.post(answer(invitation, "accept/")).url == "/desk/institution/aw/"

    assert "This invitation was accepted." in words(client.get(answer(invitation)))
    response = client.post(answer(invitation, "decline/"), follow=True)
    assert "This invitation is not open any more." in words(response)
    assert invited.institution_roles.count() == 1


def test_declining(client, invited, invitation):
    client.force_login(invited)

    assert client.post(answer(invitation, "decline/")).url == "/desk/"
    assert "This invitation was declined." in words(client.get(answer(invitation)))
    assert not InstitutionRole.objects.exists()


def test_alliance_role_lands_at_the_desk(client, invited):
    client.force_login(invited)
    offer = InvitationFactory(institution=None, role="officer", email="new@example.org")

    assert "second factor" in words(client.get(answer(offer)))
    assert client.post(answer(offer, "accept/")).url == "/desk/"


def test_fields_beside_the_button_change_nothing(client, invited, invitation):
    """T17"""
    client.force_login(invited)
    other = InstitutionFactory()

    client.post(
        answer(invitation, "accept/"),
        {"role": "focal_point", "institution": other.pk, "starts_on": "2020-01-01", "user": UserFactory().pk},
    )

    role = InstitutionRole.objects.get()
    assert (role.user, role.institution, role.role) == (invited, invitation.institution, "editor")
    assert role.starts_on >= timezone.now().date()


@pytest.mark.parametrize("what", ["used", "revoked", "expired", "unknown", "overtaken"])
def test_link_that_is_void_says_so_the_same_way(client, link, invitation, what):
    if what == "unknown":
        link = "/invitations/" + "x" * 43 + "/"
    elif what == "overtaken":
        assert invitation.mint()
    elif what == "expired":
        Invitation.objects.update(expires_at=timezone.now())
    else:
        state = {"used": "accepted", "revoked": "revoked"}[what]
        Invitation.objects.update(state=state, token_hash=None, answered_at=timezone.now())

    response = client.get(link)

    assert response.status_code == 404
    assert heading(response) == "This link no longer works"
    assert "Academy" not in body(response)


def test_link_that_was_followed_is_void_with_the_mail_that_carried_it(client, link, invitation):
    client.get(link)
    invitation.mint()

    assert client.get("/invitations/offer/").status_code == 404


def test_invitation_whose_time_is_over_cannot_be_accepted(client, invited, invitation):
    Invitation.objects.update(expires_at=timezone.now())
    client.force_login(invited)

    assert "The time to answer is over." in words(client.get(answer(invitation)))
    assert "is not open any more" in words(client.post(answer(invitation, "accept/"), follow=True))
    assert not InstitutionRole.objects.exists()


def test_following_a_link_changes_nothing_in_the_invitation(client, link, invitation):
    before = Invitation.objects.values().get()
    client.get(link, follow=True)
    client.head(link)

    assert Invitation.objects.values().get() == before
    assert invitation_of_token(link.split("/")[2]) == invitation


@pytest.mark.parametrize("address", ["/invitations/offer/", "/invitations/x/"])
def test_wrong_method(client, address):
    assert client.post(address).status_code == 405


def test_answers_are_posted_by_whoever_has_signed_in(client, invited, invitation):
    for act in ("", "accept/", "decline/"):
        assert client.get(answer(invitation, act)).status_code == (405 if act else 302)
    assert client.post(answer(invitation, "accept/")).url.startswith("/accounts/login/")
    client.force_login(invited)
    assert client.get(answer(invitation, "accept/")).status_code == 405


def test_offer_without_having_followed_a_link_is_none(client):
    assert client.get("/invitations/offer/").status_code == 404


def test_page_asks_as_often_for_one_invitation_as_for_many(client, invited, invitation):
    client.force_login(invited)
    once = statements(client, answer(invitation))
    for _ in range(3):
        InvitationFactory(email="new@example.org")
        InstitutionRoleFactory(user=invited)

    assert statements(client, answer(invitation)) == once <= 20
