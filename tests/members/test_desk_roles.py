"""What waits at the desk around roles and invitations."""

import datetime

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from accounts.models import AllianceRole
from members.desk import roles
from tests.factories import InstitutionFactory, InstitutionRoleFactory, InvitationFactory, UserFactory
from tests.pages import links, statements
from toolkit.clock import database_today

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


def days_ago(number):
    return timezone.now() - number * DAY


def titles(user) -> list[str]:
    return [item.title for item in roles.items(user)]


@pytest.fixture
def institution(db):
    return InstitutionFactory(name="Academy of Water", slug="aw")


def test_invitation_waits_at_the_desk_of_whom_it_is_for(client, institution):
    user = UserFactory(email="new@example.org")
    mine = InvitationFactory(institution=institution, email="new@example.org")
    InvitationFactory(institution=institution, email="other@example.org")
    InvitationFactory(email="new@example.org", expires_at=days_ago(1))
    assert titles(user) == []

    EmailAddress.objects.create(user=user, email="new@example.org", verified=True)

    assert titles(user) == ["editor, Academy of Water"]
    client.force_login(user)
    assert f"/desk/invitations/{mine.pk}/" in links(client.get("/desk/"))


def test_address_that_is_not_confirmed_shows_nothing(institution):
    user = UserFactory(email="new@example.org")
    EmailAddress.objects.create(user=user, email="new@example.org", verified=False)
    InvitationFactory(institution=institution, email="new@example.org")

    assert titles(user) == []


def test_invitation_without_an_answer_for_a_week_waits_for_those_who_can_act(institution):
    focal_point = InstitutionRoleFactory(institution=institution).user
    editor = InstitutionRoleFactory(institution=institution, role="editor").user
    elsewhere = InstitutionRoleFactory().user
    InvitationFactory(institution=institution, email="late@example.org", posted_at=days_ago(8))
    InvitationFactory(institution=institution, email="fresh@example.org", posted_at=days_ago(6))
    InvitationFactory(
        institution=institution,
        email="done@example.org",
        posted_at=days_ago(8),
        state="declined",
        answered_at=days_ago(1),
    )
    InvitationFactory(institution=None, role="officer", email="officer@example.org", posted_at=days_ago(8))

    assert titles(focal_point) == ["late@example.org: editor, Academy of Water"]
    assert titles(UserFactory(roles=["officer"])) == ["late@example.org: editor, Academy of Water"]
    assert titles(UserFactory(roles=["administrator"])) == [
        "late@example.org: editor, Academy of Water",
        "officer@example.org: programme officer",
    ]
    for other in (editor, elsewhere, UserFactory()):
        assert titles(other) == []


def test_role_that_ends_within_30_days_is_spoken_of(institution):
    today = database_today()
    user = InstitutionRoleFactory(institution=institution, role="editor", ends_on=today + 30 * DAY).user
    InstitutionRoleFactory(user=user, role="editor", ends_on=today + 31 * DAY)
    InstitutionRoleFactory(user=user, role="editor", starts_on=today - 9 * DAY, ends_on=today - DAY)
    AllianceRole.objects.create(user=user, role="reviewer", ends_on=today)

    shown = titles(user)

    assert len(shown) == 2
    assert shown[0].startswith("editor, Academy of Water, until ")
    assert shown[1].startswith("reviewer, ")


def test_members_without_a_focal_point_are_one_line_for_the_secretariat(client):
    InstitutionRoleFactory(institution=InstitutionFactory(member=True))
    for _ in range(2):
        InstitutionFactory(member=True)
    InstitutionFactory()
    officer = UserFactory(roles=["officer"])

    (item,) = roles.items(officer)

    assert item.title == "2 members have no focal point"
    client.force_login(officer)
    assert client.get(item.url).context["listing"].page.paginator.count == 2
    assert roles.items(UserFactory()) == []


def test_places_are_the_own_institutions_and_the_roles_for_administrators(institution):
    user = InstitutionRoleFactory(institution=institution, role="editor").user

    assert [tuple(place) for place in roles.places(user)] == [("Academy of Water", "/desk/institution/aw/")]
    assert [place.url for place in roles.places(UserFactory(roles=["administrator"]))] == ["/desk/roles/"]
    assert roles.places(UserFactory(roles=["officer"])) == []


def test_desk_asks_as_often_for_many_as_for_one(client, institution):
    user = UserFactory(email="new@example.org", roles=["officer"])
    EmailAddress.objects.create(user=user, email="new@example.org", verified=True)

    def make():
        InvitationFactory(email="new@example.org")
        InvitationFactory(institution=institution, posted_at=days_ago(9))
        InstitutionRoleFactory(user=user, role="editor", ends_on=database_today() + DAY)
        AllianceRole.objects.create(user=user, role="reviewer", ends_on=database_today() + len(roles.items(user)) * DAY)
        InstitutionFactory(member=True)

    make()
    client.force_login(user)
    once = statements(client, "/desk/")
    make()
    make()

    assert statements(client, "/desk/") == once <= 32  # of somebody who is an officer, a reviewer and an editor
