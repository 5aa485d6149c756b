"""The pages of reviews, through the front door: reviewers, officers, and those for whom there is nothing."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from proposals.actions.assignment import assign_by_hand
from proposals.actions.reviewing import change_phase, plan_of
from proposals.models import CallReviewer, DeclaredConflict, Panel, Redaction, Remark, Review, ReviewPlan
from tests.factories import UserFactory
from tests.proposals.acts import accepted_reviewer, begun, close, judge, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal():
    return close(sent())


@pytest.fixture
def officer(proposal):
    return proposal.call.officers.get().user


@pytest.fixture
def review(proposal, officer):
    plan = plan_of(proposal.call, officer)
    return begun(plan, proposal, accepted_reviewer(proposal.call), officer)


@pytest.fixture
def desk(proposal):
    return f"{proposal.call.desk_url}review/"


def answers(review, points=4, **more):
    criteria = review.reviewer.call.review_plan.criteria.all()
    return {
        **{f"c{one.pk}": points for one in criteria},
        "to_applicant": "Good wells.",
        "to_officers": "",
        "revision": Review.objects.get(pk=review.pk).revision,
        **more,
    }


# --- Reviewers


def test_reviewer_finds_the_work_on_the_desk_and_in_the_list(client, review):
    client.force_login(review.reviewer.user)
    for address in ("/desk/", "/desk/reviews/"):
        page = client.get(address).content.decode()
        assert f'href="{review.get_absolute_url()}"' in page
        assert review.proposal.title in page


def test_reviewer_answers_an_invitation(client, proposal):
    asked = accepted_reviewer(proposal.call, state="invited", answered_at=None)
    client.force_login(asked.user)
    assert asked.get_absolute_url() in client.get("/desk/").content.decode()
    response = client.post(asked.get_absolute_url(), {"accept": "yes", "most": "2"})

    asked.refresh_from_db()
    assert (response.status_code, asked.state, asked.most) == (302, "accepted", 2)


@pytest.mark.parametrize(
    "wrong", [{}, {"accept": "maybe"}, {"accept": "yes", "away_from": "2027-01-02"}, {"accept": "yes", "most": "-1"}]
)
def test_wrong_answer_is_kept_with_a_reason(client, proposal, wrong):
    asked = accepted_reviewer(proposal.call, state="invited", answered_at=None)
    client.force_login(asked.user)
    response = client.post(asked.get_absolute_url(), wrong | {"alternative": "Somebody else"})

    assert response.status_code == 422
    assert "Somebody else" in response.content.decode()
    assert CallReviewer.objects.get().state == "invited"


def test_reviewer_saves_and_hands_in(client, review):
    client.force_login(review.reviewer.user)
    page = client.get(review.get_absolute_url()).content.decode()
    assert "For all." in page
    assert "For officers." not in page
    client.post(review.get_absolute_url(), answers(review))
    assert Review.objects.get().state == "started"
    response = client.post(review.get_absolute_url(), answers(review, submit="1"))

    assert (response.status_code, response["Location"]) == (302, "/desk/reviews/")
    assert Review.objects.get().state == "submitted"
    assert "Good wells." in client.get(review.get_absolute_url()).content.decode()


def test_save_and_next_leads_through_the_open_ones(client, review, officer):
    second = close(sent(review.proposal.call))
    plan = ReviewPlan.objects.get()
    other = assign_by_hand(plan=plan, proposal=second, reviewer=review.reviewer, by=officer)
    client.force_login(review.reviewer.user)
    response = client.post(review.get_absolute_url(), answers(review, next="1"))
    assert response["Location"] == other.get_absolute_url()


def test_handing_in_unfinished_keeps_what_was_written(client, review):
    client.force_login(review.reviewer.user)
    response = client.post(review.get_absolute_url(), {"to_applicant": "Half", "revision": 0, "submit": "1"})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Not judged: Scientific quality" in page
    assert (Review.objects.get().to_applicant, Review.objects.get().state) == ("Half", "started")


def test_t40_second_window_keeps_its_text_and_sees_the_first(client, review):
    client.force_login(review.reviewer.user)
    client.post(review.get_absolute_url(), answers(review, to_applicant="The first text"))
    response = client.post(review.get_absolute_url(), answers(review, to_applicant="The second text", revision=0))

    page = response.content.decode()
    assert response.status_code == 409
    assert "The first text" in page
    assert "The second text" in page
    assert Review.objects.get().to_applicant == "The first text"


def test_abstaining_for_a_conflict_hides_it(client, review):
    client.force_login(review.reviewer.user)
    response = client.post(
        f"{review.get_absolute_url()}abstain/", {"has_conflict": "yes", "reason": "My former student."}
    )
    assert response.status_code == 302
    assert client.get(review.get_absolute_url()).status_code == 404
    assert review.proposal.title not in client.get("/desk/reviews/").content.decode()


def test_all_that_was_given_is_one_page(client, review):
    client.force_login(review.reviewer.user)
    page = client.get(f"/desk/reviews/calls/{review.reviewer.pk}/dossiers/").content.decode()
    assert review.proposal.reference in page
    assert "For all." in page


def test_discussion_is_open_after_the_own_review(client, review, officer):
    client.force_login(review.reviewer.user)
    client.post(f"{review.get_absolute_url()}remark/", {"text": "x"})
    assert not Remark.objects.exists()
    judge(review)
    change_phase(plan=ReviewPlan.objects.get(), to="discussing", by=officer)
    client.post(f"{review.get_absolute_url()}remark/", {"text": "I doubt it."})

    page = client.get(review.get_absolute_url()).content.decode()
    assert "I doubt it." in page
    assert str(officer) not in page


@pytest.mark.parametrize("path", ["", "abstain/", "reopen/", "remark/"])
def test_review_is_nothing_for_others(client, review, path):
    address = f"{review.get_absolute_url()}{path}"
    assert client.post(address)["Location"].startswith("/accounts/login/")
    for user in (UserFactory(roles=["reviewer"]), UserFactory(), review.proposal.applicant):
        client.force_login(user)
        assert client.post(address).status_code == 404


def test_list_costs_the_same_for_one_and_three(client, review, officer):
    client.force_login(review.reviewer.user)
    client.get("/desk/reviews/")
    with CaptureQueriesContext(connection) as one:
        client.get("/desk/reviews/")
    for _number in range(2):
        proposal = close(sent(review.proposal.call))
        Review.objects.create(proposal=proposal, reviewer=review.reviewer)
    with CaptureQueriesContext(connection) as three:
        client.get("/desk/reviews/")
    assert len(one) == len(three) <= 24


# --- Double blind


@pytest.mark.parametrize("text", ["", "A neutral title"])
def test_t3_redacted_text_is_in_no_answer_to_the_reviewer(client, review, text):
    """The original never shows, and an empty redaction shows nothing in its place."""
    ReviewPlan.objects.update(blindness="double")
    proposal = review.proposal
    secret = proposal.title
    Redaction.objects.create(proposal=proposal, field="title", text=text)
    client.force_login(review.reviewer.user)
    number = review.reviewer.pk
    for address in (
        *("/desk/", "/desk/reviews/", review.get_absolute_url(), f"{review.get_absolute_url()}abstain/"),
        *(f"/desk/reviews/calls/{number}/dossiers/", "/search/?q=proposal", "/accounts/data/"),
    ):
        page = client.get(address).content.decode()
        assert not re.search(rf"{re.escape(secret)}\b", page), address
        for partner in proposal.partners.all():
            assert partner.institution.name not in page, address


# --- Officers


def test_officer_makes_the_plan_invites_and_assigns(client, proposal, officer, desk):
    client.force_login(officer)
    assert "Make the plan" in client.get(desk).content.decode()
    values = {
        "blindness": "double",
        "per_proposal": 1,
        "per_reviewer": 5,
        "due_at": "2027-03-01T12:00",
        "instructions": "",
    }
    assert client.post(f"{desk}plan/", values).status_code == 302
    user = UserFactory(roles=["reviewer"])
    assert client.post(f"{desk}invite/", {"users": [user.pk]}).status_code == 302
    reviewer = accepted_reviewer(proposal.call)
    page = client.get(f"{desk}assign/").content.decode()
    key = re.search(r'name="key" value="(\w+)"', page)[1]
    assert client.post(f"{desk}assign/", {"key": key}).status_code == 302
    assert client.post(f"{desk}phase/", {"to": "reviewing"}).status_code == 302

    assert Review.objects.get().reviewer == reviewer
    assert ReviewPlan.objects.get().phase == "reviewing"
    assert proposal.title in client.get(desk).content.decode()


def test_assignment_that_was_not_shown_is_not_applied(client, review, officer, desk):
    accepted_reviewer(review.proposal.call)
    client.force_login(officer)
    response = client.post(f"{desk}assign/", {"key": "0" * 64})
    assert response.status_code == 409
    assert Review.objects.count() == 1


def test_page_of_a_proposal_shows_conflicts_and_refuses_them(client, review, officer, desk):
    bound = accepted_reviewer(review.proposal.call, works_at=review.proposal.partners.get().institution)
    client.force_login(officer)
    page = client.get(f"{desk}{review.proposal.pk}/").content.decode()
    assert "which takes part" in page
    response = client.post(f"{desk}{review.proposal.pk}/add/", {"reviewer": bound.pk})
    assert response.status_code == 422
    assert "conflict of interest" in response.content.decode()


def test_officer_who_records_the_own_conflict_sees_nothing_more(client, review, officer, desk):
    client.force_login(officer)
    values = {"user": officer.pk, "reason": "My brother leads it."}
    assert client.post(f"{desk}{review.proposal.pk}/conflict/", values).status_code == 302
    assert DeclaredConflict.objects.count() == 1
    assert client.get(f"{desk}{review.proposal.pk}/").status_code == 404
    for address in (desk, review.proposal.call.desk_url, f"{review.proposal.call.desk_url}ranking/"):
        assert review.proposal.title not in client.get(address).content.decode()


def test_ranking_is_a_page_and_a_file(client, review, officer):
    judge(review)
    client.force_login(officer)
    address = f"{review.proposal.call.desk_url}ranking/"
    assert "75.0" in client.get(address).content.decode()
    assert "75.0" in client.get(f"{address}?format=csv").content.decode()


def test_panel_ranks_and_locks(client, review, officer):
    client.force_login(officer)
    address, pk = f"{review.proposal.call.desk_url}panel/", review.proposal.pk
    assert (
        client.post(address, {"held_on": "2027-04-01", "minutes": "All were there.", f"place_{pk}": 1}).status_code
        == 302
    )
    assert client.post(f"{address}lock/").status_code == 302
    assert Panel.objects.get().locked_at
    response = client.post(address, {"held_on": "2027-04-02", f"place_{pk}": 1})
    assert response.status_code == 422
    assert "The ranking is locked." in response.content.decode()


def test_two_places_that_are_the_same_are_refused(client, review, officer):
    second = close(sent(review.proposal.call))
    client.force_login(officer)
    places = {f"place_{review.proposal.pk}": 1, f"place_{second.pk}": 1}
    response = client.post(f"{review.proposal.call.desk_url}panel/", places)
    assert response.status_code == 422


def test_redactions_of_two_officers_do_not_overwrite_each_other(client, review, officer, desk):
    ReviewPlan.objects.update(blindness="double")
    client.force_login(officer)
    address = f"{desk}{review.proposal.pk}/redact/"
    version = re.search(r'name="version" value="(\w+)"', client.get(address).content.decode())[1]
    assert client.post(address, {"version": version, "hide_title": "on", "text_title": "A"}).status_code == 302
    response = client.post(address, {"version": version, "hide_title": "on", "text_title": "B"})
    assert response.status_code == 409
    assert Redaction.objects.get().text == "A"


def test_desk_of_the_review_costs_the_same_for_one_and_three(client, review, officer, desk):
    client.force_login(officer)
    client.get(desk)
    with CaptureQueriesContext(connection) as one:
        client.get(desk)
    for _number in range(2):
        close(sent(review.proposal.call))
        accepted_reviewer(review.proposal.call)
    with CaptureQueriesContext(connection) as three:
        client.get(desk)
    assert len(one) == len(three)


def test_pages_of_officers_are_nothing_for_reviewers_and_strangers(client, review, desk):
    for user in (review.reviewer.user, UserFactory(), review.proposal.applicant):
        client.force_login(user)
        assert client.get(desk).status_code == 404
    client.force_login(UserFactory(roles=["officer"]))
    assert client.get(desk).status_code == 403


def test_reviewers_are_reminded_by_a_button(client, review, officer, desk):
    client.force_login(officer)
    assert client.post(f"{desk}remind/").status_code == 302
    assert "1 reviewer is reminded." in client.get(desk).content.decode()


def test_due_date_is_kept_while_reviews_are_written(client, review, officer, desk):
    client.force_login(officer)
    values = {"per_proposal": 1, "per_reviewer": 5, "due_at": "", "instructions": "", "blindness": "double"}
    assert client.post(f"{desk}plan/", values).status_code == 422
    values["due_at"] = f"{timezone.now():%Y-%m-%dT%H:%M}"
    assert client.post(f"{desk}plan/", values).status_code == 302
    assert ReviewPlan.objects.get().blindness == "single"
