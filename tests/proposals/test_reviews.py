"""Reviews: who is asked, who is kept away, who sees what in which phase, and what is written."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from accounts.access import can
from accounts.models import User
from exchanges.models import Stay
from members.models import InstitutionRelation
from notifications.models import Notification
from proposals.actions.assignment import ChangedSince, apply_assignment, assign_by_hand, take_away, work_out
from proposals.actions.conflicts import conflicts
from proposals.actions.dossiers import dossier, version_of
from proposals.actions.redactions import save_redactions
from proposals.actions.reviewing import answer_invitation, change_phase, invite_reviewers, plan_of, remind_reviewers
from proposals.actions.reviews import SavedMeanwhile, abstain, add_remark, reopen_review, save_review, submit_review
from proposals.bonds import conflicting
from proposals.models import Call, CallReviewer, DeclaredConflict, Proposal, Remark, Review, ReviewPlan
from tests.factories import AffiliationFactory, InstitutionFactory, OfferFactory, ProjectFactory, UserFactory
from tests.proposals.acts import accepted_reviewer, begun, close, judge, sent
from workflow.actions import NotAllowed, WrongState

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def proposal():
    """Sent to a call that is over, of which the officer has made the plan."""
    return close(sent())


@pytest.fixture
def officer(proposal):
    return proposal.call.officers.get().user


@pytest.fixture
def plan(proposal, officer):
    return plan_of(proposal.call, officer)


@pytest.fixture
def reviewer(proposal):
    return accepted_reviewer(proposal.call)


@pytest.fixture
def review(plan, proposal, reviewer, officer):
    return begun(plan, proposal, reviewer, officer)


# --- Reviewers


def test_reviewers_are_invited_once_and_told(plan, proposal, officer):
    user = UserFactory(roles=["reviewer"])
    stranger = UserFactory()
    made = invite_reviewers(call=proposal.call, users=[user, stranger], by=officer)
    again = invite_reviewers(call=proposal.call, users=[user], by=officer)

    assert ([one.user for one in made], again) == ([user], [])
    assert Notification.objects.filter(event__kind="review.invited", subscriber__user=user).count() == 1


def test_officer_of_another_call_invites_nobody(proposal):
    with pytest.raises(PermissionDenied):
        invite_reviewers(call=proposal.call, users=[], by=UserFactory(roles=["officer"]))


def test_answer_is_the_reviewers_own(proposal, officer):
    asked = accepted_reviewer(proposal.call, state="invited", answered_at=None)
    with pytest.raises(PermissionDenied):
        answer_invitation(reviewer=asked, accept=True, by=officer)
    answered = answer_invitation(reviewer=asked, accept=True, most=4, by=asked.user)

    assert (answered.state, answered.most) == ("accepted", 4)
    assert Notification.objects.filter(event__kind="review.answered", subscriber__user=officer).count() == 1


def test_decline_gives_back_what_was_not_begun(review, reviewer):
    answer_invitation(reviewer=reviewer, accept=False, alternative="Dr. Who", by=reviewer.user)

    reviewer.refresh_from_db()
    assert (reviewer.state, reviewer.alternative) == ("declined", "Dr. Who")
    assert not Review.objects.exists()


def test_who_has_begun_cannot_decline_any_more(review, reviewer):
    judge(review, submit=False)
    with pytest.raises(ValidationError, match="abstain"):
        answer_invitation(reviewer=reviewer, accept=False, by=reviewer.user)


# --- Conflicts of interest


def bound_in(way, person, institution):
    """Binds the person to the institution in the way that the name says."""
    other = InstitutionFactory()
    match way:
        case "same":
            AffiliationFactory(person=person, institution=institution)
        case "ended lately":
            AffiliationFactory(person=person, institution=institution, ends_on=datetime.date.today() - 300 * DAY)
        case "parent":
            AffiliationFactory(person=person, institution=other)
            InstitutionRelation.objects.create(institution=institution, kind="parent", other=other)
        case "child":
            AffiliationFactory(person=person, institution=other)
            InstitutionRelation.objects.create(institution=other, kind="parent", other=institution)
        case "guest":
            offer = OfferFactory(institution=institution)
            days = {"starts_on": datetime.date.today() - 40 * DAY, "ends_on": datetime.date.today() - 20 * DAY}
            stay = {"applicant": person.user, "home": other, "host": institution, "submitted_at": timezone.now()}
            Stay.objects.create(offer=offer, state="closed", **stay, **days)
        case "project":
            AffiliationFactory(person=person, institution=other)
            ProjectFactory(lead=other, partners=[institution])


@pytest.mark.parametrize("way", ["same", "ended lately", "parent", "child", "guest", "project"])
def test_registry_knows_conflicts(proposal, way, reviewer):
    partner = proposal.partners.get().institution
    assert not conflicts([reviewer.user_id], [proposal.pk]).of
    bound_in(way, reviewer.user.person, partner)

    found = conflicts([reviewer.user_id], [proposal.pk])
    assert list(found.of) == [(proposal.pk, reviewer.user_id)]
    assert found.of[proposal.pk, reviewer.user_id][0]
    assert proposal.pk in conflicting(reviewer.user).values_list("pk", flat=True)


def test_what_ended_long_ago_is_no_conflict(proposal, reviewer):
    partner, long_ago = proposal.partners.get().institution, datetime.date.today() - 5 * 365 * DAY
    AffiliationFactory(person=reviewer.user.person, institution=partner, ends_on=long_ago)
    ProjectFactory(lead=reviewer.user.person.affiliations.first().institution, partners=[partner], ends_on=long_ago)

    assert not conflicts([reviewer.user_id], [proposal.pk]).of
    assert not conflicting(reviewer.user).exists()


def test_own_proposal_and_a_declared_one(proposal, reviewer, officer):
    user = reviewer.user
    DeclaredConflict.objects.create(proposal=proposal, user=user, reason="Old friends.")
    Proposal.objects.update(applicant=user)

    assert conflicts([user.pk], [proposal.pk]).of[proposal.pk, user.pk] == [
        "It is this person's own proposal.",
        "Declared: Old friends.",
    ]


def test_of_whom_nothing_is_known_counts_as_conflicted(plan, proposal, officer):
    unknown = accepted_reviewer(proposal.call, works_at=None)

    assert conflicts([unknown.user_id], [proposal.pk]).are_there(proposal.pk, unknown.user_id)
    with pytest.raises(ValidationError, match="not known where this person works"):
        assign_by_hand(plan=plan, proposal=proposal, reviewer=unknown, by=officer)


def test_conflict_that_comes_up_later_hides_the_review(review, proposal, reviewer):
    assert can(reviewer.user, "view", review)
    bound_in("same", reviewer.user.person, proposal.partners.get().institution)

    in_the_next_request = User.objects.get(pk=reviewer.user_id)
    assert not can(in_the_next_request, "view", review)
    assert not can(in_the_next_request, "write", review)


def test_conflict_hides_reviews_from_the_officer_too(review, proposal, officer):
    assert can(officer, "view", review)
    DeclaredConflict.objects.create(proposal=proposal, user=officer)

    for record in (review, proposal):
        assert not can(officer, "view", record)


def test_review_is_hidden_when_nothing_is_known_any_more(review, reviewer):
    reviewer.user.person.affiliations.all().delete()
    assert not can(User.objects.get(pk=reviewer.user_id), "view", review)


# --- Assignment


def test_assignment_avoids_conflicts_and_explains_itself(plan, proposal, officer, reviewer):
    bound = accepted_reviewer(proposal.call)
    bound_in("same", bound.user.person, proposal.partners.get().institution)
    knows = accepted_reviewer(proposal.call, expertise=["Rivers"])
    Proposal.objects.update(title="On rivers and their people")
    assignment = work_out(plan, officer)

    assert {pair.reviewer for pair in assignment.new} == {reviewer, knows}
    assert [pair.why["words"] for pair in assignment.new if pair.reviewer == knows] == [["rivers"]]
    (empty,) = assignment.unfilled
    assert (empty.proposal, empty.missing) == (proposal, 1)
    assert "Of 3 reviewers, 1 have a conflict of interest" in empty.sentence


def test_assignment_is_applied_as_it_was_shown_or_not_at_all(plan, proposal, officer, reviewer):
    shown = work_out(plan, officer)
    accepted_reviewer(proposal.call)
    with pytest.raises(ChangedSince):
        apply_assignment(plan=plan, key=shown.key, by=officer)
    assert not Review.objects.exists()
    apply_assignment(plan=plan, key=work_out(plan, officer).key, by=officer)
    assert Review.objects.count() == 2


def test_assigning_again_moves_nothing_that_was_begun(plan, proposal, officer, reviewer):
    review = begun(plan, proposal, reviewer, officer)
    judge(review, submit=False)
    ReviewPlan.objects.update(per_proposal=1)
    plan.refresh_from_db()
    accepted_reviewer(proposal.call)
    assignment = work_out(plan, officer)

    assert (assignment.new, assignment.kept, assignment.gone) == ([], [review], [])


def test_by_hand_a_conflict_is_refused_with_its_reason(plan, proposal, officer, reviewer):
    partner = proposal.partners.get().institution
    bound_in("same", reviewer.user.person, partner)
    with pytest.raises(ValidationError, match=partner.name):
        assign_by_hand(plan=plan, proposal=proposal, reviewer=reviewer, by=officer)


def test_by_hand_it_is_an_officer_without_a_conflict(plan, proposal, reviewer, officer):
    for user in (reviewer.user, UserFactory(roles=["officer"]), proposal.applicant):
        with pytest.raises(PermissionDenied):
            assign_by_hand(plan=plan, proposal=proposal, reviewer=reviewer, by=user)


def test_only_what_was_not_begun_is_taken_away(review, officer, reviewer):
    judge(review, submit=False)
    with pytest.raises(ValidationError, match="begun"):
        take_away(review=review, by=officer)
    with pytest.raises(PermissionDenied):
        take_away(review=review, by=reviewer.user)


# --- Phases


def test_review_begins_when_the_call_is_over_and_something_is_given(plan, officer, proposal, reviewer):
    with pytest.raises(ValidationError, match="a reviewer for at least one proposal"):
        change_phase(plan=plan, to="reviewing", by=officer)
    assign_by_hand(plan=plan, proposal=proposal, reviewer=reviewer, by=officer)
    Call.objects.update(closes_at=timezone.now() + DAY)
    with pytest.raises(ValidationError, match="not closed yet"):
        change_phase(plan=plan, to="reviewing", by=officer)


def test_reviewers_are_told_when_it_begins(review, reviewer):
    assert Notification.objects.filter(event__kind="review.begun", subscriber__user=reviewer.user).count() == 1


def test_nothing_is_shown_to_reviewers_while_it_is_prepared(plan, proposal, reviewer, officer):
    review = assign_by_hand(plan=plan, proposal=proposal, reviewer=reviewer, by=officer)
    assert not can(reviewer.user, "view", review)


def test_phase_is_changed_by_the_officers_of_the_call(review, plan, reviewer):
    for user in (reviewer.user, UserFactory(roles=["officer"])):
        with pytest.raises(NotAllowed):
            change_phase(plan=plan, to="discussing", by=user)


def test_late_reviewers_are_reminded(review, plan, reviewer, officer):
    plan.refresh_from_db()
    silent = accepted_reviewer(plan.call, state="invited", answered_at=None)
    assert remind_reviewers(plan=plan, by=officer) == 2
    kinds = Notification.objects.filter(subscriber__user__in=[reviewer.user, silent.user])
    assert {"review.reminder", "review.invited"} <= set(kinds.values_list("event__kind", flat=True))


# --- The review


def test_review_is_saved_handed_in_and_changed(review, reviewer):
    judge(review, submit=False)
    assert review.scores.count() == 3
    submit_review(review=review, by=reviewer.user)
    review.refresh_from_db()
    assert (review.state, review.submitted_at is not None) == ("submitted", True)
    with pytest.raises(WrongState):
        judge(review, submit=False)
    reopen_review(review=review, by=reviewer.user)
    judge(review, points=1)
    assert set(review.scores.values_list("points", flat=True)) == {1}


def test_unfinished_review_is_not_handed_in(review, reviewer):
    save_review(review=review, points={}, to_applicant="", to_officers="", revision=0, by=reviewer.user)
    with pytest.raises(ValidationError) as problem:
        submit_review(review=review, by=reviewer.user)
    assert len(problem.value.messages) == 4


def test_points_stay_within_the_scale(review, reviewer):
    criterion = review.reviewer.call.review_plan.criteria.first()
    other = 10**6
    for points in ({criterion.pk: 6}, {criterion.pk: 0}, {other: 1}):
        with pytest.raises(ValidationError):
            save_review(review=review, points=points, to_applicant="", to_officers="", revision=0, by=reviewer.user)


def test_two_windows_do_not_overwrite_each_other(review, reviewer):
    save_review(review=review, points={}, to_applicant="First", to_officers="", revision=0, by=reviewer.user)
    with pytest.raises(SavedMeanwhile):
        save_review(review=review, points={}, to_applicant="Second", to_officers="", revision=0, by=reviewer.user)
    review.refresh_from_db()
    assert review.to_applicant == "First"


def test_nobody_else_writes_it(review, officer, proposal):
    other = accepted_reviewer(proposal.call)
    for user in (officer, other.user, proposal.applicant, UserFactory(roles=["administrator"])):
        with pytest.raises(PermissionDenied):
            save_review(review=review, points={}, to_applicant="x", to_officers="", revision=0, by=user)


def test_whose_role_is_over_sees_nothing(review, reviewer):
    yesterday = datetime.date.today() - DAY
    reviewer.user.alliance_roles.update(starts_on=yesterday, ends_on=yesterday)
    again = type(reviewer.user).objects.get(pk=reviewer.user_id)
    assert not can(again, "view", review)


def test_abstaining_for_a_conflict_hides_the_proposal_and_tells_the_officers(review, reviewer, officer, proposal):
    abstain(review=review, reason="We wrote a book together.", has_conflict=True, by=reviewer.user)

    assert not can(reviewer.user, "view", review)
    assert DeclaredConflict.objects.get().user == reviewer.user
    assert Notification.objects.filter(event__kind="review.abstained", subscriber__user=officer).count() == 1
    assert work_out(proposal.call.review_plan, officer).new == []


def test_abstaining_for_lack_of_time_is_no_conflict(review, reviewer):
    abstain(review=review, reason="No time.", has_conflict=False, by=reviewer.user)
    review.refresh_from_db()
    assert (review.state, DeclaredConflict.objects.count()) == ("abstained", 0)
    assert not can(reviewer.user, "write", review)


# --- Who reads what


def test_reviews_of_others_are_read_after_the_own_is_in(review, plan, proposal, reviewer, officer):
    second = accepted_reviewer(proposal.call)
    other = assign_by_hand(plan=plan, proposal=proposal, reviewer=second, by=officer)
    judge(other)
    judge(review, submit=False)
    assert not can(reviewer.user, "view", other)
    change_phase(plan=plan, to="discussing", by=officer)
    assert not can(reviewer.user, "view", other)
    judge(review)
    assert can(reviewer.user, "view", other)
    change_phase(plan=plan, to="reviewing", by=officer)
    assert not can(reviewer.user, "view", other)


def test_discussion_is_for_those_who_have_handed_in(review, plan, proposal, reviewer, officer):
    with pytest.raises(PermissionDenied):
        add_remark(proposal=proposal, text="x", by=reviewer.user)
    judge(review)
    change_phase(plan=plan, to="discussing", by=officer)
    add_remark(proposal=proposal, text="I doubt it.", by=reviewer.user)
    add_remark(proposal=proposal, text="Why?", by=officer)

    assert [one.review for one in Remark.objects.all()] == [review, None]
    stranger = accepted_reviewer(proposal.call)
    assert not Remark.objects.visible_to(stranger.user).exists()
    assert Remark.objects.visible_to(reviewer.user).count() == 2


def test_applicants_see_no_review(review, proposal):
    judge(review)
    assert not Review.objects.visible_to(proposal.applicant).exists()
    assert not CallReviewer.objects.visible_to(proposal.applicant).exists()


def test_single_blind_dossier_names_the_partners_and_leaves_out_what_is_not_for_reviewers(plan, proposal):
    content = dossier(proposal, plan)
    assert content["partners"][0]["name"] == proposal.partners.get().institution.name
    answers = [one["answer"] for part in content["parts"] for one in part["answers"]]
    assert answers == ["For all."]


def test_double_blind_dossier_names_nobody(plan, proposal, officer):
    plan.blindness = "double"
    save_redactions(proposal=proposal, texts={"title": "", "summary": None}, version=version_of(proposal), by=officer)
    content = str(dossier(proposal, plan))

    institution = proposal.partners.get().institution
    for told in (institution.name, institution.slug, proposal.title, "What we bring"):
        assert told not in content
    assert "Partner 1" in content


def test_answer_without_a_word_on_reviewers_is_not_shown(plan, proposal):
    submission = proposal.submissions.get()
    for part in submission.content["parts"]:
        for one in part["answers"]:
            del one["for_reviewers"]
    submission.save()
    assert [part["answers"] for part in dossier(proposal, plan)["parts"]] == [[]]
