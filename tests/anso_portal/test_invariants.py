"""Each check finds the fault that is planted for it, and nothing else does."""

import datetime
from contextlib import suppress

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from members.models import (
    Institution,
    InstitutionIdentifier,
    InstitutionMerge,
    InstitutionName,
    InstitutionRedirect,
    InstitutionRelation,
    Membership,
    MembershipApplication,
    Person,
)
from notifications.models import Follow, Subscriber
from projects.models import Project
from proposals.models import (
    Call,
    CallReviewer,
    Criterion,
    Decision,
    LateCode,
    Partner,
    Proposal,
    Review,
    ReviewPlan,
    Score,
    SignOff,
    Submission,
)
from tests.exchanges import faults
from tests.factories import (
    InstitutionFactory,
    InstitutionRoleFactory,
    OfferFactory,
    PersonFactory,
    ProjectFactory,
    UserFactory,
)
from tests.members.ror_records import CAS
from tests.proposals.acts import sent
from toolkit.invariants import invariants
from workflow.models import Step

pytestmark = pytest.mark.django_db


@pytest.fixture
def institution():
    """Everything is there, and right."""
    made = InstitutionFactory(name="Institute of Physics", acronym="IOP", ror=CAS, member=True)
    InstitutionRelation.objects.create(institution=made, kind="related", other=InstitutionFactory())
    PersonFactory()
    ProjectFactory()
    sent()
    return made


def spoil_skeleton(institution):
    InstitutionName.objects.filter(institution=institution, kind="display").update(skeleton="x")


def spoil_columns(institution):
    Institution.objects.filter(pk=institution.pk).update(names_folded="x")


def spoil_display_name(institution):
    InstitutionName.objects.filter(institution=institution, kind="display").update(kind="label")


def spoil_redirect(institution):
    InstitutionRedirect.objects.create(slug=institution.slug, number=10**9, institution=InstitutionFactory())


def spoil_merge(institution):
    InstitutionMerge.objects.create(
        kept=institution, kept_number=institution.pk, gone_number=10**9, gone_slug="gone", gone_name="Gone", reason="x"
    )


def spoil_undone_merge(institution):
    spoil_merge(institution)
    InstitutionMerge.objects.update(undone_at=timezone.now())
    InstitutionRedirect.objects.create(slug="gone", number=10**9, institution=institution)


def spoil_follow(institution):
    (subscriber,) = Subscriber.objects.of_users([UserFactory()])
    Follow.objects.create(subscriber=subscriber, topic="institution:1000000000", label="x", address="/")


def spoil_member(institution):
    Institution.objects.filter(pk=institution.pk).update(record_status="withdrawn")


def spoil_decision(institution):
    application = MembershipApplication.objects.create(institution=InstitutionFactory())
    Membership.objects.filter(institution=institution).update(application=application)


def spoil_ror(institution):
    InstitutionIdentifier.objects.create(institution=InstitutionFactory(), scheme="ror", value=CAS)


def spoil_relation(institution):
    one = InstitutionRelation.objects.get()
    InstitutionRelation.objects.create(institution=one.other, kind="related", other=one.institution)


def spoil_person(institution):
    Person.objects.update(names_folded="x")


def spoil_project(institution):
    Project.objects.update(sort_key="x")


def spoil_state(institution):
    offer = OfferFactory(open=True)
    Step.objects.create(
        object_label="exchanges.offer", object_id=str(offer.pk), field="state", source="open", target="closed"
    )


def spoil_move(institution):
    offer = OfferFactory()
    Step.objects.create(
        object_label="exchanges.offer", object_id=str(offer.pk), field="state", source="closed", target="draft"
    )


def spoil_instant(institution):
    Call.objects.update(closes_at=timezone.now() - datetime.timedelta(days=1))


def spoil_late_code(institution):
    """It was used, and came too late all the same."""
    spoil_instant(institution)
    known = {"call": Call.objects.get(), "proposal": Proposal.objects.get(), "code_hash": "0" * 64}
    earlier = timezone.now() - datetime.timedelta(hours=1)
    LateCode.objects.create(until=earlier, used_at=earlier, **known)


def spoil_digest(institution):
    Submission.objects.update(digest="0" * 64)


def spoil_lead(institution):
    Partner.objects.all().delete()


def spoil_submission(institution):
    Submission.objects.all().delete()


def spoil_last_submission(institution):
    Proposal.objects.update(submitted_at=timezone.now())


def spoil_total(institution):
    row = Submission.objects.get()
    Submission.objects.update(content=row.content | {"total": "1.00"})


def spoil_confirmation(institution):
    SignOff.objects.all().delete()


def spoil_sign_off(institution):
    SignOff.objects.update(revision=99)


def spoil_decision_not_applied(institution):
    Proposal.objects.update(state="accepted")
    Decision.objects.create(proposal=Proposal.objects.get(), outcome="accepted")


def spoil_decision_missing(institution):
    Proposal.objects.update(state="accepted")


def spoil_project_without_partner(institution):
    Proposal.objects.update(state="accepted", project=Project.objects.get())


def review(institution, **fields) -> Review:
    proposal, now = Proposal.objects.get(), timezone.now()
    plan = ReviewPlan.objects.create(call=proposal.call, due_at=now)
    Criterion.objects.create(plan=plan, label="Quality", labels=["poor", "good"])
    reviewer = CallReviewer.objects.create(
        call=proposal.call, user=UserFactory(roles=["reviewer"]), **{"state": "accepted", "answered_at": now} | fields
    )
    return Review.objects.create(proposal=proposal, reviewer=reviewer)


def spoil_conflict(institution):
    InstitutionRoleFactory(user=review(institution).reviewer.user, institution=Partner.objects.get().institution)


def spoil_reviewer(institution):
    review(institution, state="invited", answered_at=None)


def spoil_judgement(institution):
    review(institution)
    Review.objects.update(state="submitted", submitted_at=timezone.now())


def spoil_points(institution):
    made = review(institution)
    Score.objects.create(review=made, criterion=Criterion.objects.get(), points=9)


def spoil_reviewed_draft(institution):
    review(institution)
    Proposal.objects.update(state="draft")


FAULTS = {
    spoil_skeleton: "members.skeletons",
    spoil_columns: "members.name_columns",
    spoil_display_name: "members.display_names",
    spoil_redirect: "members.redirects",
    spoil_merge: "members.merges",
    spoil_undone_merge: "members.merges",
    spoil_follow: "members.followed_institutions",
    spoil_member: "members.members_with_records",
    spoil_decision: "members.decisions_on_applications",
    spoil_ror: "members.ror_ids",
    spoil_relation: "members.related_once",
    spoil_person: "members.people",
    spoil_project: "projects.projects",
    spoil_state: "workflow.states",
    spoil_move: "workflow.moves",
    spoil_instant: "proposals.taken_in_time",
    spoil_late_code: "proposals.taken_in_time",
    spoil_digest: "proposals.submissions_are_whole",
    spoil_lead: "proposals.proposals_are_whole",
    spoil_submission: "proposals.proposals_are_whole",
    spoil_last_submission: "proposals.instants_are_of_the_last_submission",
    spoil_total: "proposals.totals_are_sums",
    spoil_confirmation: "proposals.submitted_is_confirmed",
    spoil_sign_off: "proposals.sign_offs_are_of_their_part",
    spoil_decision_not_applied: "proposals.decisions_are_applied",
    spoil_decision_missing: "proposals.decisions_are_applied",
    spoil_project_without_partner: "proposals.projects_have_their_partners",
    spoil_conflict: "proposals.reviews_are_without_conflict",
    spoil_reviewer: "proposals.reviewers_are_of_the_call",
    spoil_judgement: "proposals.reviews_are_whole",
    spoil_points: "proposals.reviews_are_whole",
    spoil_reviewed_draft: "proposals.reviews_are_of_sent_proposals",
    **faults.FAULTS,
}


def broken(capsys) -> set[str]:
    with suppress(CommandError):
        call_command("check_invariants")
    return {line.split()[1].rstrip(":") for line in capsys.readouterr().out.splitlines() if line.startswith("WRONG")}


def test_where_all_is_right_the_command_says_so(institution, capsys):
    call_command("check_invariants")

    assert f"All {len(invariants())} checks hold." in capsys.readouterr().out


@pytest.mark.parametrize("spoil", FAULTS)
def test_each_check_finds_its_fault(institution, spoil, capsys):
    spoil(institution)

    assert FAULTS[spoil] in broken(capsys)


def test_every_check_has_a_fault_that_it_finds():
    call_command("check_invariants", verbosity=0)

    assert {check.name for check in invariants()} == set(FAULTS.values())
    assert len(invariants()) >= 25


def test_one_check_alone_and_one_that_is_not_there(institution, capsys):
    spoil_columns(institution)

    call_command("check_invariants", "members.skeletons")
    with pytest.raises(CommandError, match=r"no check named members\.nothing"):
        call_command("check_invariants", "members.nothing")


def test_merged_records_leave_everything_right(institution, capsys):
    from members.actions.merges import merge_institutions, undo_merge
    from members.merging import plan_merge

    officer, double = UserFactory(roles=["officer"]), InstitutionFactory(name="Physics Institute", acronym="PI")
    done = merge_institutions(
        kept=institution,
        gone=double,
        choices={"name": "gone", "acronym": "gone"},
        reason="x",
        token=plan_merge(institution, double).token,
        by=officer,
    )
    assert broken(capsys) == set()

    undo_merge(merge=done, reason="x", by=officer)
    assert broken(capsys) == set()
    assert InstitutionMerge.objects.get().undone_at > datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
