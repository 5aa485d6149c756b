"""Where an application stands: by the link of the mail, at the desk of those who apply, and of the secretariat."""

import datetime

import pytest
from django.core.cache import cache
from django.utils import timezone

from members.actions.applications import accept_application, ask_applicant, finish_check
from members.models import Institution, Meeting, MembershipApplication
from tests.desk import fields, told
from tests.factories import (
    InstitutionFactory,
    InstitutionRoleFactory,
    MeetingFactory,
    MembershipApplicationFactory,
    MembershipFactory,
    UserFactory,
)
from tests.pages import body, heading, links, statements, words
from workflow.models import Step

pytestmark = pytest.mark.django_db

TODAY = datetime.datetime.now(datetime.UTC).date()


@pytest.fixture(autouse=True)
def _nobody_has_come_yet():
    cache.clear()


@pytest.fixture
def officer(db):
    return UserFactory(name="The Officer", roles=["officer"])


@pytest.fixture
def at_desk(client, officer):
    client.force_login(officer)
    return client


def link_of(application) -> str:
    return f"/members/apply/{application.mint_token()}/"


def asked(officer, **fields):
    application = MembershipApplicationFactory(sent=True, **fields)
    accept_application(application=application, by=officer)
    ask_applicant(application=application, text="Which faculty?\nWe mean it.", by=officer)
    application.refresh_from_db()
    return application


# --- By the link


def test_link_shows_where_it_stands_and_what_comes_next(client, officer):
    application = asked(officer)
    page = client.get(link_of(application))

    assert "Which faculty?" in words(page)
    assert "You answer the question; until then the application waits." in words(page)
    assert "Check done (to come) Endorsed by the board (to come) Admitted by the assembly (to come)" in words(page)
    assert "The Officer" not in body(page)
    assert page["Cache-Control"] == "private, no-store"
    assert page["Referrer-Policy"] == "same-origin"
    assert page["X-Robots-Tag"] == "noindex"


def test_question_is_answered_through_the_link(client, officer):
    application = asked(officer)
    address = link_of(application)

    assert client.post(f"{address}answer/", {"text": ""}).status_code == 422
    assert client.post(f"{address}answer/", {"text": "Natural sciences."}).url == address
    assert "Natural sciences." in words(client.get(address))
    again = client.post(f"{address}answer/", {"text": "Natural sciences."}, follow=True)

    assert "This is done already" in words(again)
    application.refresh_from_db()
    assert (application.state, application.messages.count()) == ("answered", 2)
    assert Step.objects.of(application).latest("pk").by is None


def test_application_is_withdrawn_through_the_link(client):
    application = MembershipApplicationFactory(sent=True)
    address = link_of(application)

    assert heading(client.get(f"{address}withdraw/")) == "Withdraw the application?"
    assert client.post(f"{address}withdraw/", {"reason": "We wait a year."}).url == address
    page = client.get(address)

    assert "We wait a year." in words(page)
    assert f"{address}withdraw/" not in links(page)
    assert client.get(f"{address}withdraw/").url == address
    assert client.post(f"{address}withdraw/").url == address


@pytest.mark.parametrize("verb", ["", "confirm/", "answer/", "withdraw/"])
@pytest.mark.parametrize("token", ["x" * 43, "sent2", "%00", "é", "x" * 3000])
def test_token_that_is_nobodys_is_not_found(client, verb, token):
    MembershipApplicationFactory(sent=True).mint_token()
    send = client.post if verb == "confirm/" else client.get

    response = send(f"/members/apply/{token}/{verb}")

    assert response.status_code == 404


def test_each_link_opens_its_own_application_alone(client):
    mine, other = (MembershipApplicationFactory(sent=True) for _ in range(2))
    assert mine.mint_token() != other.mint_token()

    assert mine.institution.name in words(client.get(link_of(mine)))
    assert other.institution.name not in words(client.get(link_of(mine)))


def test_link_to_confirm_holds_for_a_week(client):
    application = MembershipApplicationFactory(state="unconfirmed")
    address = link_of(application)
    MembershipApplication.objects.update(created_at=timezone.now() - datetime.timedelta(days=7, minutes=1))

    assert client.get(address).status_code == 404
    assert client.post(f"{address}confirm/").status_code == 404
    assert heading(client.get(address)) == "This link does not hold, or not any more"


def test_link_holds_for_a_year_after_the_end(client):
    application = MembershipApplicationFactory(sent=True, state="refused")
    address = link_of(application)

    assert client.get(address).status_code == 200
    MembershipApplication.objects.update(changed_at=timezone.now() - datetime.timedelta(days=366))
    assert client.get(address).status_code == 404


def test_database_does_not_give_the_token_away():
    application = MembershipApplicationFactory(sent=True)
    token = application.mint_token()

    row = MembershipApplication.objects.filter(pk=application.pk).values()[0]
    assert token not in str(row)
    assert application.mint_token() == token


def test_confirmation_that_comes_too_late_says_what_stands(client):
    institution = InstitutionFactory()
    late = MembershipApplicationFactory(state="unconfirmed", institution=institution)
    MembershipApplicationFactory(sent=True, institution=institution)

    page = client.get(link_of(late))
    assert "An application of this institution is open already." in words(page)
    assert client.post(f"{link_of(late)}confirm/").status_code == 422


def test_reason_of_a_refusal_is_told_and_notes_are_not(client, officer):
    application = MembershipApplicationFactory(sent=True)
    accept_application(application=application, by=officer)
    finish_check(application=application, by=officer, reason="Between us.")
    client.force_login(officer)
    client.post(f"/desk/memberships/{application.pk}/to/refused/", {"reason": "It is a company."})
    client.logout()

    page = client.get(link_of(application))

    assert "It is a company." in words(page)
    assert "Between us." not in body(page)


# --- At the desk of those who apply


def test_application_is_seen_by_those_who_have_a_part_in_it(client, officer):
    applicant = UserFactory()
    application = asked(officer, applicant=applicant)
    institution = application.institution
    address = application.get_absolute_url()
    who = {
        "applicant": applicant,
        "focal point": InstitutionRoleFactory(institution=institution).user,
        "editor": InstitutionRoleFactory(institution=institution, role="editor").user,
        "officer": officer,
        "focal point elsewhere": InstitutionRoleFactory().user,
        "scientist": UserFactory(),
        "reviewer": UserFactory(roles=["reviewer"]),
    }
    seen, spoken = {}, {}
    for name, user in who.items():
        client.force_login(user)
        seen[name] = client.get(address).status_code
        spoken[name] = f"{address}answer/" in body(client.get(address))
        if not spoken[name]:
            for act in ("answer/", "withdraw/"):
                assert f"{address}{act}" not in links(client.get(address))
                for response in (
                    client.get(address + act),
                    client.post(address + act, {"text": "!"}),
                    client.post(address + act),
                ):
                    assert response.status_code == {200: 403, 404: 404}[seen[name]]
                    assert seen[name] == 404 or "a focal point of the institution or a deputy can do this" in words(
                        response
                    )

    assert seen == {
        "applicant": 200,
        "focal point": 200,
        "editor": 200,
        "officer": 200,
        "focal point elsewhere": 404,
        "scientist": 404,
        "reviewer": 404,
    }
    assert [name for name, may in spoken.items() if may] == ["applicant", "focal point"]
    application.refresh_from_db()
    assert application.state == "asked"


def test_desk_of_the_applicant_holds_the_question_and_the_state(client, officer):
    application = asked(officer, applicant=UserFactory())
    client.force_login(application.applicant)

    desk = client.get("/desk/")

    assert [(item.kind, item.url) for item in desk.context["items"]] == [
        ("question about an application", application.get_absolute_url())
    ]
    (mine,) = desk.context["mine"]
    assert (mine.state, mine.next_step) == (
        "question asked",
        "Next: You – answer the question; until then the application waits.",
    )


@pytest.mark.parametrize("verb", ["", "edit/", "submit/", "answer/", "withdraw/"])
def test_visitors_are_asked_to_sign_in(client, verb):
    address = f"/desk/applications/{MembershipApplicationFactory(sent=True).pk}/{verb}"
    send = client.post if verb == "submit/" else client.get

    response = send(address)

    assert (response.status_code, response.url) == (302, f"/accounts/login/?next={address}") or verb == "submit/"
    assert response.status_code in (302, 403)


# --- The secretariat


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


# --- Standings


def standing(client, institution, **data):
    return client.post(f"/desk/memberships/institution/{institution.slug}/", data)


def test_decision_is_shown_before_it_is_recorded(at_desk):
    institution = InstitutionFactory(member=True)
    data = {"standing": "suspended", "starts_on": "2026-05-01", "note": "Fees.", "source_url": "https://example.org/m"}

    preview = standing(at_desk, institution, **data)
    assert "Membership is suspended: member → becomes suspended" in words(preview)
    assert "It leaves the list of members, the map and all figures." in words(preview)
    assert institution.memberships.count() == 1

    changed = standing(at_desk, institution, **fields(preview), change="1")
    assert fields(changed)["note"] == ["Fees."]
    recorded = at_desk.post(preview.wsgi_request.path, fields(preview) | {"record": "1"}, follow=True)

    assert told(recorded) == ["The decision is recorded."]
    row = institution.memberships.latest("pk")
    assert (row.standing, row.starts_on, row.note, row.source_urls) == (
        "suspended",
        datetime.date(2026, 5, 1),
        "Fees.",
        ["https://example.org/m"],
    )
    assert institution.name not in words(at_desk.get("/members/"))
    assert institution.name in words(at_desk.get("/members/?as_of=2026-04-30"))


def test_membership_goes_through_its_life(at_desk):
    institution = InstitutionFactory()
    for standing_, day in [("observer", "2020-01-01"), ("left", "2021-01-01"), ("member", "2022-01-01")]:
        assert standing(at_desk, institution, standing=standing_, starts_on=day, record="1").status_code == 302
    for standing_, day in [("suspended", "2023-01-01"), ("member", "2024-01-01"), ("left", "2025-01-01")]:
        assert standing(at_desk, institution, standing=standing_, starts_on=day, record="1").status_code == 302

    assert [row.standing for row in institution.memberships.all()] == [
        "observer",
        "left",
        "member",
        "suspended",
        "member",
        "left",
    ]


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        (None, ["observer"]),
        ("observer", ["left"]),
        ("member", ["suspended", "observer", "left"]),
        ("suspended", ["member", "left"]),
        ("left", ["member", "observer"]),
        ("candidate", ["partner", "observer"]),
    ],
)
def test_only_what_follows_is_offered_and_taken(at_desk, now, offered):
    institution = InstitutionFactory()
    if now:
        MembershipFactory(institution=institution, standing=now)
    page = at_desk.get(f"/desk/memberships/institution/{institution.slug}/")

    assert [value for value, _label in page.context["form"].fields["standing"].choices] == offered
    for other in {"candidate", "endorsed", "member", "observer", "suspended", "left", "partner"} - set(offered):
        refused = standing(at_desk, institution, standing=other, starts_on="2026-01-01", record="1")
        assert refused.status_code == 422
    assert institution.memberships.count() == bool(now)


def test_decision_before_the_last_one_is_refused(at_desk):
    institution = InstitutionFactory(member=True)

    refused = standing(at_desk, institution, standing="left", starts_on="2018-11-03", record="1")

    assert refused.status_code == 422
    assert "this one cannot be earlier" in words(refused)
    assert fields(refused)["starts_on"] == ["2018-11-03"]


def test_decision_takes_its_day_from_its_meeting(at_desk):
    institution = InstitutionFactory(member=True)
    meeting = MeetingFactory(name="General Assembly 3", held_on=datetime.date(2025, 10, 27))

    standing(at_desk, institution, standing="left", meeting=meeting.pk, record="1")

    row = institution.memberships.latest("pk")
    assert (row.starts_on, row.meeting) == (datetime.date(2025, 10, 27), meeting)


def test_decision_without_a_day_or_meeting_is_asked_for_one(at_desk):
    refused = standing(at_desk, InstitutionFactory(member=True), standing="left", record="1")

    assert "Say from which day, or which meeting decided." in words(refused)


def test_open_application_decides_instead(at_desk):
    application = MembershipApplicationFactory(sent=True)

    page = at_desk.get(f"/desk/memberships/institution/{application.institution.slug}/")
    assert "Its application to join is open" in words(page)
    assert (
        standing(at_desk, application.institution, standing="observer", starts_on="2026-01-01", record="1").status_code
        == 422
    )


def test_officer_does_not_decide_on_an_institution_of_their_own(at_desk, officer):
    institution = InstitutionRoleFactory(user=officer, institution__member=True).institution

    assert "another officer records decisions on it" in words(
        at_desk.get(f"/desk/memberships/institution/{institution.slug}/")
    )
    assert standing(at_desk, institution, standing="left", starts_on="2026-01-01", record="1").status_code == 403


def test_standing_of_nothing_is_not_found(at_desk):
    assert at_desk.get("/desk/memberships/institution/nowhere/").status_code == 404
