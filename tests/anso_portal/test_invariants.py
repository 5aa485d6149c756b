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
from tests.factories import InstitutionFactory, OfferFactory, PersonFactory, ProjectFactory, UserFactory
from tests.members.ror_records import CAS
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

    assert {
        check.name for check in invariants() if check.name.startswith(("members.", "projects.", "workflow."))
    } == set(FAULTS.values())


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
