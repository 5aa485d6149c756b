"""Memberships that change: suspended, left, returned."""

import datetime

import pytest

from tests.desk import fields, told
from tests.factories import (
    InstitutionFactory,
    InstitutionRoleFactory,
    MeetingFactory,
    MembershipApplicationFactory,
    MembershipFactory,
)
from tests.pages import words

pytestmark = pytest.mark.django_db


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
