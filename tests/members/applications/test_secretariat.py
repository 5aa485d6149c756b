"""Applications at the desk of the secretariat."""

import datetime

import pytest
from django.utils import timezone

from members.actions.applications import accept_application, finish_check
from members.models import Institution, Meeting, MembershipApplication
from tests.desk import told
from tests.factories import (
    InstitutionFactory,
    InstitutionRoleFactory,
    MeetingFactory,
    MembershipApplicationFactory,
    UserFactory,
)
from tests.members.applications.acts import TODAY, asked, link_of
from tests.pages import links, statements, words

pytestmark = pytest.mark.django_db


def test_queue_shows_what_waits_longest_first(at_desk):
    new = MembershipApplicationFactory(sent=True, institution__name="New")
    old = MembershipApplicationFactory(sent=True, state="checked", institution__name="Old")
    MembershipApplicationFactory(sent=True, state="refused", institution__name="Over")
    MembershipApplicationFactory(state="unconfirmed", institution__name="Unconfirmed")
    MembershipApplicationFactory(applicant=UserFactory(), institution__name="Draft")
    MembershipApplication.objects.filter(pk=old.pk).update(changed_at=timezone.now() - datetime.timedelta(days=9))

    page = at_desk.get("/desk/memberships/")

    assert [row.title for row in page.context["page"]] == ["Old", "New"]
    assert "for 1 week, 2 days" in words(page)
    assert [row.title for row in at_desk.get("/desk/memberships/?state=refused").context["page"]] == ["Over"]
    assert [row.title for row in at_desk.get("/desk/memberships/?state=draft&state=unconfirmed").context["page"]] == []
    assert len(at_desk.get("/desk/memberships/?state=nonsense").context["page"].object_list) == 2
    assert at_desk.get("/desk/memberships/?page=x").status_code == 400
    assert new.desk_url in links(page)


def test_desk_of_an_officer_holds_what_the_secretariat_has_to_do(at_desk, officer):
    for state in ("submitted", "checking", "asked", "answered", "checked", "endorsed", "admitted", "withdrawn"):
        MembershipApplicationFactory(sent=True, state=state)
    InstitutionRoleFactory(institution=MembershipApplicationFactory(sent=True).institution, user=officer)

    desk = at_desk.get("/desk/")

    assert [item.kind for item in desk.context["items"] if item.url.startswith("/desk/memberships/")] == [
        "application to join",
        "application in check",
        "answer from an applicant",
        "waits for the board",
        "waits for the assembly",
    ]
    assert "/desk/memberships/" in links(desk)


def test_next_meeting_that_could_decide_is_named(client):
    application = MembershipApplicationFactory(sent=True, state="checked")
    MeetingFactory(body="board", name="Past", held_on=TODAY - datetime.timedelta(days=1))
    MeetingFactory(body="assembly", name="Assembly", held_on=TODAY + datetime.timedelta(days=1))
    MeetingFactory(body="board", name="Later", held_on=TODAY + datetime.timedelta(days=9))
    MeetingFactory(body="board", name="Board 9", held_on=TODAY + datetime.timedelta(days=2))

    assert "The next one that is known: Board 9," in words(client.get(link_of(application)))


def test_officer_reads_of_the_applicant_and_not_of_you(at_desk, officer):
    application = asked(officer)

    assert "The applicant answers the question" in words(at_desk.get(application.desk_url))


def test_name_that_only_looks_the_same_is_shown_to_the_officer(at_desk):
    InstitutionFactory(name="Institute of Glaciers")
    application = MembershipApplicationFactory(sent=True, new=True, name="Institute of GIaciers")  # a capital i

    assert "Institute of Glaciers" in words(at_desk.get(application.desk_url))


@pytest.mark.parametrize("path", ["", "{pk}/", "{pk}/to/checking/", "institution/{slug}/"])
def test_pages_of_the_secretariat_are_for_nobody_else(client, path):
    application = MembershipApplicationFactory(sent=True, applicant=UserFactory())
    address = "/desk/memberships/" + path.format(pk=application.pk, slug=application.institution.slug)

    assert client.get(address).url == f"/accounts/login/?next={address}"
    focal_point = InstitutionRoleFactory(institution=application.institution).user
    for user in (application.applicant, focal_point, UserFactory(roles=["reviewer"]), UserFactory()):
        client.force_login(user)
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in (404, 405)
    for role in ("officer", "administrator"):
        client.force_login(UserFactory(roles=[role]))
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("state", ["draft", "unconfirmed"])
def test_what_is_not_sent_is_nothing_to_the_secretariat(at_desk, state):
    application = MembershipApplicationFactory(state=state)

    assert at_desk.get(f"/desk/memberships/{application.pk}/").status_code == 404
    assert at_desk.get(f"/desk/applications/{application.pk}/").status_code == 404


def test_officer_leads_a_new_institution_to_membership(at_desk):
    application = MembershipApplicationFactory(sent=True, new=True)
    address = f"/desk/memberships/{application.pk}/"
    page = at_desk.get(address)
    assert "No institution here has this name, acronym or ROR id." in words(page)

    at_desk.post(f"{address}to/checking/", {"institution": "new"})
    at_desk.post(f"{address}to/checked/", {"reason": ""})
    board = {"name": "Governing Board 9", "held_on": TODAY.isoformat(), "place": "Tashkent", "note": "Unanimous."}
    at_desk.post(f"{address}to/endorsed/", board)
    assembly = MeetingFactory(name="General Assembly 9", held_on=TODAY)
    done = at_desk.post(f"{address}to/admitted/", {"meeting": assembly.pk}, follow=True)

    assert told(done)[-1] == "Done: the application is “admitted”."
    assert "Admitted by the assembly: General Assembly 9" in words(done)
    institution = Institution.objects.get()
    assert Meeting.objects.filter(body="board", name="Governing Board 9", place="Tashkent").count() == 1
    assert institution.name in words(at_desk.get("/members/"))
    record = words(at_desk.get(institution.get_absolute_url()))
    assert "Endorsed by the board, decided by Governing Board 9" in record
    assert "Became a member, decided by General Assembly 9" in record


def test_officer_finds_that_the_institution_is_known(at_desk):
    known = InstitutionFactory(name="Institute of Glaciers", acronym="IG")
    other = InstitutionFactory(name="Pamir Observatory")
    application = MembershipApplicationFactory(sent=True, new=True)
    address = f"/desk/memberships/{application.pk}/"

    assert "May be known here as" in words(at_desk.get(address))
    page = at_desk.get(f"{address}to/checking/")
    assert "Institute of Glaciers · IG" in words(page)
    assert at_desk.post(f"{address}to/checking/", {"institution": other.pk}).status_code == 422
    assert at_desk.post(f"{address}to/checking/").status_code == 422
    assert at_desk.post(f"{address}to/checking/?q=Pamir", {"institution": other.pk}).status_code == 302

    application.refresh_from_db()
    assert application.institution == other
    assert not known.memberships.exists()


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "Choose the meeting that decided."),
        ({"name": "Governing Board 9"}, "Say on which day it is held."),
        ({"name": "Known", "held_on": "2026-11-01"}, "This meeting is in the list."),
        ({"name": "X", "held_on": "2026-13-01"}, "Enter a valid date."),
        ({"name": "X", "held_on": "2001-01-01"}, "this one cannot be earlier"),
        ({"meeting": "assembly"}, "Select a valid choice."),
        ({"meeting": "known", "name": "X"}, "not both"),
    ],
)
def test_endorsement_needs_a_meeting_of_the_board(at_desk, officer, given, problem):
    application = MembershipApplicationFactory(sent=True)
    accept_application(application=application, by=officer)
    finish_check(application=application, by=officer)
    meetings = {
        "known": MeetingFactory(body="board", name="Known").pk,
        "assembly": MeetingFactory(name="Assembly").pk,
    }

    response = at_desk.post(
        f"/desk/memberships/{application.pk}/to/endorsed/",
        given | {"meeting": meetings.get(given.get("meeting"), "")},
    )

    assert response.status_code == 422
    assert problem in words(response)
    application.refresh_from_db()
    assert application.state == "checked"
    assert Meeting.objects.count() == 2


def test_second_click_and_second_officer_do_no_harm(at_desk):
    application = MembershipApplicationFactory(sent=True)
    address = f"/desk/memberships/{application.pk}/to/checking/"
    at_desk.post(address)

    again = at_desk.post(address, follow=True)

    assert again.redirect_chain == [(application.desk_url, 302)]
    assert "the application is “in check”" in words(again)
    assert application.institution.memberships.count() == 1
    assert at_desk.get(address).url == application.desk_url


@pytest.mark.parametrize("state", ["submitted", "draft", "answered", "withdrawn", "nonsense"])
def test_steps_of_applicants_are_no_pages_of_the_secretariat(at_desk, state):
    application = MembershipApplicationFactory(sent=True)

    assert at_desk.get(f"/desk/memberships/{application.pk}/to/{state}/").status_code == 404


def test_officer_with_a_part_in_it_sees_and_does_not_decide(at_desk, officer):
    application = MembershipApplicationFactory(sent=True)
    InstitutionRoleFactory(institution=application.institution, user=officer)

    page = at_desk.get(f"/desk/memberships/{application.pk}/")
    assert "another officer decides on it" in words(page)
    assert not [link for link in links(page) if "/to/" in link]
    assert at_desk.post(f"/desk/memberships/{application.pk}/to/checking/").status_code == 403


@pytest.mark.parametrize("path", ["/desk/memberships/", "/desk/memberships/{pk}/"])
def test_pages_of_the_secretariat_can_only_be_read(at_desk, path):
    application = MembershipApplicationFactory(sent=True)

    assert at_desk.post(path.format(pk=application.pk)).status_code == 405


def test_queue_costs_the_same_for_one_and_for_three(at_desk):
    MembershipApplicationFactory(sent=True)
    once = statements(at_desk, "/desk/memberships/")
    for _ in range(2):
        MembershipApplicationFactory(sent=True, new=True)

    assert statements(at_desk, "/desk/memberships/") == once <= 12


def test_pages_of_an_application_stay_within_the_budget(client, officer):
    application = asked(officer, applicant=UserFactory())
    client.force_login(application.applicant)
    own = statements(client, application.get_absolute_url())
    client.force_login(officer)

    assert own <= 24
    assert statements(client, application.desk_url) <= 24
