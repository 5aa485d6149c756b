"""What stops a merge."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from members.actions.merges import Outdated, merge_institutions
from members.merging import plan_merge
from members.models import ChangeRequest, Institution, InstitutionMerge, MembershipApplication
from tests.factories import (
    AffiliationFactory,
    InstitutionRoleFactory,
    ParticipationFactory,
    ProjectFactory,
    UserFactory,
)
from tests.members.merging.acts import merge
from workflow.actions import WrongState

pytestmark = pytest.mark.django_db


def test_only_the_secretariat_merges(kept, gone):
    focal_point = InstitutionRoleFactory(institution=kept).user

    for user in (focal_point, UserFactory(), UserFactory(roles=["reviewer"])):
        with pytest.raises(PermissionDenied, match="Programme officers"):
            merge(kept, gone, user)
    assert merge(kept, gone, UserFactory(roles=["administrator"]))


def test_changes_that_wait_must_be_decided_first(kept, gone, officer):
    request = ChangeRequest.objects.create(
        institution=gone, by=UserFactory(), state="proposed", proposed_at=datetime.datetime.now(datetime.UTC)
    )

    with pytest.raises(ValidationError, match=r"wait for an officer \(1\)"):
        merge(kept, gone, officer)
    request.delete()
    assert merge(kept, gone, officer)


def test_two_open_applications_must_be_decided_first(kept, gone, officer):
    for serial, institution in enumerate((kept, gone), 1):
        MembershipApplication.objects.create(
            institution=institution,
            state="checking",
            year=2026,
            serial=serial,
            submitted_at=datetime.datetime.now(datetime.UTC),
        )

    with pytest.raises(ValidationError, match="Both have an application"):
        merge(kept, gone, officer)


def test_what_has_changed_since_the_preview_is_shown_first(kept, gone, officer):
    token = plan_merge(kept, gone).token
    ParticipationFactory(institution=gone)

    with pytest.raises(Outdated) as stopped:
        merge_institutions(kept=kept, gone=gone, choices={}, reason="x", token=token, by=officer)

    assert [part.count for part in stopped.value.plan.moving] == [1]
    assert Institution.objects.count() == 2


def test_second_click_and_the_other_way_round_come_too_late(kept, gone, officer):
    token = plan_merge(kept, gone).token
    merge(kept, gone, officer)

    for one, other in ((kept, gone), (gone, kept)):
        with pytest.raises((WrongState, PermissionDenied)):
            merge_institutions(kept=one, gone=other, choices={}, reason="x", token=token, by=officer)
    assert InstitutionMerge.objects.count() == 1


def test_plan_asks_as_often_for_much_as_for_little(kept, gone, django_assert_num_queries):
    def asked() -> int:
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            plan_merge(kept, gone)
        return len(queries)

    before = asked()
    for _number in range(3):
        ParticipationFactory(institution=gone)
        ProjectFactory(lead=kept, partners=[gone])
        AffiliationFactory(institution=gone)
    assert asked() == before <= 6
