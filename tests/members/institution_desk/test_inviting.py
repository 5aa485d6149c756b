"""Invitations from the page of an institution."""

import pytest
from django.utils import timezone

from members.models import Invitation
from notifications.models import Delivery
from tests.factories import InstitutionFactory, InvitationFactory, UserFactory
from tests.members.institution_desk.acts import DAY, PEOPLE
from tests.pages import words

pytestmark = pytest.mark.django_db


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
