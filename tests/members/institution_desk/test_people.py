"""Who acts for an institution: since when, until when, and who comes after."""

import pytest

from members.models import InstitutionRole, Invitation
from notifications.models import Delivery
from tests.factories import InstitutionRoleFactory, InvitationFactory, UserFactory
from tests.members.institution_desk.acts import DAY, DESK, PEOPLE
from tests.pages import heading, links, words
from toolkit.clock import database_today

pytestmark = pytest.mark.django_db


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
