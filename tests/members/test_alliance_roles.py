"""/desk/roles/: the roles of the alliance, in the hands of administrators."""

import datetime

import pytest

from accounts.models import AllianceRole, User
from members.models import Invitation
from notifications.models import Delivery
from tests.factories import InstitutionFactory, InstitutionRoleFactory, InvitationFactory, UserFactory
from tests.pages import heading, links, statements, words
from toolkit.clock import database_today

pytestmark = pytest.mark.django_db

ROLES = "/desk/roles/"
PAGES = [ROLES, f"{ROLES}give/", f"{ROLES}invite/", f"{ROLES}invite/many/"]


@pytest.fixture
def administrator(client):
    user = UserFactory(roles=["administrator"], name="Ada")
    client.force_login(user)
    return user


def test_administrator_sees_who_holds_which_role_since_when(client, administrator):
    officer = UserFactory(name="Olive", roles=["officer"])
    AllianceRole.objects.filter(user=officer).update(given_by=administrator)
    AllianceRole.objects.create(
        user=UserFactory(name="Gone"), role="reviewer", starts_on="2020-01-01", ends_on="2021-01-01"
    )

    text = words(client.get(ROLES))

    assert "Programme officer 1 Olive since" in text
    assert "given by Ada" in text
    assert "1 former role Gone" in text
    assert "Only another administrator can end your role." in text


def test_every_link_of_the_page_works(client, administrator):
    UserFactory(roles=["officer"])
    for address in links(client.get(ROLES)):
        assert client.get(address).status_code == 200, address


@pytest.mark.parametrize("who", ["anonymous", "stranger", "focal_point", "reviewer", "officer"])
def test_page_is_the_administrators(client, who):
    role = UserFactory(roles=["officer"]).alliance_roles.get()
    invitation = InvitationFactory(institution=None, role="officer")
    if who == "focal_point":
        client.force_login(InstitutionRoleFactory().user)
    elif who != "anonymous":
        client.force_login(UserFactory(roles=[] if who == "stranger" else [who]))
    code = 302 if who == "anonymous" else 404

    assert [client.get(address).status_code for address in [*PAGES, f"{ROLES}{role.pk}/end/"]] == [code] * 5
    for address, data in {
        f"{ROLES}give/": {"email": role.user.email, "role": "administrator"},
        f"{ROLES}invite/": {"email": "a@example.org", "role": "administrator"},
        f"{ROLES}{role.pk}/end/": {},
        f"{ROLES}invitations/{invitation.pk}/resend/": {},
        f"{ROLES}invitations/{invitation.pk}/revoke/": {},
    }.items():
        assert client.post(address, data).status_code == code
    assert AllianceRole.objects.current().filter(role="administrator").count() == 0
    assert list(Invitation.objects.waiting()) == [invitation]


def test_role_is_given_to_an_account(client, administrator):
    user = UserFactory(email="known@example.org", name="Known")
    until = database_today() + datetime.timedelta(days=90)

    for _ in range(2):
        page = client.post(
            f"{ROLES}give/", {"email": "KNOWN@example.org", "role": "officer", "ends_on": str(until)}, follow=True
        )

    assert "Known holds the role, and is being told." in words(page)
    role = user.alliance_roles.get()
    assert (role.role, role.ends_on, role.given_by) == ("officer", until, administrator)
    assert Delivery.objects.filter(purpose="role.granted").count() == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"email": "nobody@example.org", "role": "officer"}, "There is no open account with this address."),
        ({"email": "closed@example.org", "role": "officer"}, "There is no open account with this address."),
        ({"email": "known@example.org", "role": "editor"}, "Select a valid choice."),
        ({"email": "known@example.org", "role": "officer", "ends_on": "2020-01-01"}, "This day has passed."),
    ],
)
def test_role_that_cannot_be_given_is_refused_beside_the_field(client, administrator, data, said):
    UserFactory(email="known@example.org")
    UserFactory(email="closed@example.org", is_active=False)

    page = client.post(f"{ROLES}give/", data)

    assert page.status_code == 422
    assert words(page).count(said) >= 2
    assert AllianceRole.objects.count() == 1


def test_somebody_is_invited_to_a_role(client, administrator):
    page = client.post(f"{ROLES}invite/", {"email": "new@example.org", "role": "reviewer"}, follow=True)

    assert "The invitation to new@example.org is on its way." in words(page)
    assert "new@example.org reviewer" in words(page)
    invitation = Invitation.objects.get()
    assert (invitation.institution, invitation.role) == (None, "reviewer")
    page = client.post(f"{ROLES}invitations/{invitation.pk}/revoke/", follow=True)
    assert "is withdrawn" in words(page)


def test_invitation_of_an_institution_is_not_managed_here(client, administrator):
    invitation = InvitationFactory(institution=InstitutionFactory())

    assert client.post(f"{ROLES}invitations/{invitation.pk}/revoke/").status_code == 404


def test_role_is_ended(client, administrator):
    officer = UserFactory(name="Olive", roles=["officer"])
    address = f"{ROLES}{officer.alliance_roles.get().pk}/end/"

    assert heading(client.get(address)) == "End the role of Olive as programme officer"
    assert "The role has ended." in words(client.post(address, {"reason": "Left."}, follow=True))
    assert "This role has ended already." in words(client.post(address, {"reason": "Left."}, follow=True))
    assert User.objects.get(pk=officer.pk).current_roles == set()
    assert Delivery.objects.filter(purpose="role.ended").count() == 1


def test_own_role_as_administrator_is_not_ended(client, administrator):
    address = f"{ROLES}{administrator.alliance_roles.get().pk}/end/"

    assert "You cannot take this from yourself" in words(client.get(address))
    refused = client.post(address, {})
    assert refused.status_code == 403
    assert "another administrator can" in words(refused)
    assert User.objects.get(pk=administrator.pk).current_roles == {"administrator"}


def test_page_asks_as_often_for_many_as_for_one(client, administrator):
    def make():
        user = UserFactory(roles=["officer", "reviewer"])
        InvitationFactory(institution=None, role="officer", invited_by=user)
        AllianceRole.objects.create(
            user=user, role="administrator", starts_on="2020-01-01", ends_on="2021-01-01", ended_by=administrator
        )

    make()
    once = statements(client, ROLES)
    make()
    make()

    assert statements(client, ROLES) == once <= 20


@pytest.mark.parametrize("address", PAGES[:1])
def test_wrong_method(client, administrator, address):
    assert client.post(address).status_code == 405
