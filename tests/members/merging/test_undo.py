"""A merge is taken back within thirty days."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, models

from members.actions.merges import undo_merge
from members.merging import plan_merge
from members.models import (
    Affiliation,
    Institution,
    InstitutionContact,
    InstitutionIdentifier,
    InstitutionMerge,
    InstitutionName,
    InstitutionRedirect,
    InstitutionRelation,
    InstitutionRole,
    Membership,
)
from notifications.models import Event
from projects.models import Participation
from tests.factories import (
    AffiliationFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    InvitationFactory,
    MembershipFactory,
    OfferFactory,
    ParticipationFactory,
    PersonFactory,
    ProjectFactory,
    ThemeFactory,
    UserFactory,
)
from tests.members.merging.acts import everything, merge, names_of
from tests.members.ror_records import CAS, UST
from workflow.actions import WrongState

pytestmark = pytest.mark.django_db


def fill(kept, gone):
    """Something of every kind, doubles among it."""
    user, theme, parent = UserFactory(), ThemeFactory(), InstitutionFactory()
    person = PersonFactory()
    for institution in (kept, gone):
        InstitutionRoleFactory(institution=institution, user=user)
        InstitutionRoleFactory(institution=institution)
        MembershipFactory(institution=institution)
        institution.themes.add(theme, ThemeFactory())
        InstitutionIdentifier.objects.create(institution=institution, scheme="wikidata", value="Q1")
        InstitutionContact.objects.create(institution=institution, kind="email", value="info@physics.example")
        AffiliationFactory(person=person, institution=institution)
        InstitutionRelation.objects.create(institution=institution, kind="parent", other=parent, origin="ror")
        OfferFactory(institution=institution)
    ProjectFactory(lead=gone, partners=[kept])
    ProjectFactory(lead=kept, partners=[gone])
    InstitutionName.objects.create(
        institution=gone, value="Institut für Physik", language="de", kind="label", origin="ror"
    )
    InstitutionRelation.objects.create(institution=gone, kind="successor", other=kept)
    Institution.objects.filter(pk=gone.pk).update(
        ror=UST, latitude="31.54970", longitude="74.34360", city="Multan", description="Text", own_facts=["place"]
    )
    Institution.objects.filter(pk=kept.pk).update(ror=CAS, established=1950)
    kept.refresh_from_db()
    gone.refresh_from_db()
    from members.actions.names import keep_names

    keep_names(institutions=[kept, gone])


@pytest.mark.parametrize("choice", ["kept", "gone"])
def test_undo_restores_every_row_of_every_table(kept, gone, officer, choice):
    fill(kept, gone)
    before = everything()

    done = merge(kept, gone, officer, choices=dict.fromkeys(["name", "acronym", "place", "ror", "kind"], choice))
    assert everything() != before
    undone = undo_merge(merge=done, reason="They are two", by=officer)

    assert undone.undo_notes == []
    assert everything() == before
    assert (undone.undone_by, undone.undo_reason) == (officer, "They are two")
    assert Event.objects.filter(kind="institution.merge_undone").count() == 1


def test_undo_keeps_what_came_since_and_says_what_it_cannot_restore(kept, gone, officer):
    moved = ParticipationFactory(institution=gone)
    removed = ParticipationFactory(institution=gone)
    elsewhere = ParticipationFactory(institution=gone)
    role = InstitutionRoleFactory(institution=kept)
    InstitutionRoleFactory(institution=gone, user=role.user)
    done = merge(kept, gone, officer)
    new = ParticipationFactory(institution=kept)
    Participation.objects.filter(pk=removed.pk).delete()
    Participation.objects.filter(pk=elsewhere.pk).update(institution=InstitutionFactory())
    Institution.objects.filter(pk=kept.pk).update(website="https://new.example")
    role.user.institution_roles.all().delete()
    role.user.delete()

    undone = undo_merge(merge=done, reason="They are two", by=officer)

    moved.refresh_from_db()
    new.refresh_from_db()
    kept.refresh_from_db()
    assert (moved.institution, new.institution, kept.website) == (gone, kept, "https://new.example")
    assert sorted(undone.undo_notes) == sorted(
        [
            f"Institution {kept.pk}: “website” was changed since, and stays as it is.",
            f"Lead or partner {removed.pk} was removed since, and stays so.",
            f"Lead or partner {elsewhere.pk}: “institution” was changed since, and stays as it is.",
            next(note for note in undone.undo_notes if note.startswith("Role in an institution")),
        ]
    )
    assert "cannot come back" in next(note for note in undone.undo_notes if note.startswith("Role"))


def test_undo_is_possible_for_thirty_days_of_the_database(kept, gone, officer):
    done = merge(kept, gone, officer)
    InstitutionMerge.objects.update(merged_at=models.functions.Now() - datetime.timedelta(days=30, seconds=1))
    with pytest.raises(PermissionDenied, match="within 30 days"):
        undo_merge(merge=done, reason="x", by=officer)

    InstitutionMerge.objects.update(merged_at=models.functions.Now() - datetime.timedelta(days=29, hours=23))
    assert undo_merge(merge=done, reason="x", by=officer).undone_at


def test_last_focal_point_goes_over_and_comes_back(kept, gone, officer):
    """The database guards the last focal point of an institution; one that is gone needs none."""
    role = InstitutionRoleFactory(institution=gone)
    done = merge(kept, gone, officer)
    assert list(InstitutionRole.objects.lasting_focal_points().values_list("institution", flat=True)) == [kept.pk]

    InstitutionRoleFactory(institution=kept, role="editor")
    undone = undo_merge(merge=done, reason="x", by=officer)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    role.refresh_from_db()
    assert role.institution == gone
    assert undone.undo_notes == ["“Institute of Physics” has no focal point: name one."]


def test_invitation_to_succeed_a_double_is_about_the_role_that_stays(kept, gone, officer):
    user = UserFactory()
    stays, double = (InstitutionRoleFactory(institution=institution, user=user) for institution in (kept, gone))
    invitation = InvitationFactory(institution=gone, succeeds=double)

    done = merge(kept, gone, officer)
    invitation.refresh_from_db()
    assert (invitation.institution, invitation.succeeds) == (kept, stays)

    undo_merge(merge=done, reason="x", by=officer)
    invitation.refresh_from_db()
    assert (invitation.institution, invitation.succeeds) == (gone, double)


def test_undo_twice_and_by_others_is_refused(kept, gone, officer):
    done = merge(kept, gone, officer)
    with pytest.raises(PermissionDenied):
        undo_merge(merge=done, reason="x", by=InstitutionRoleFactory(institution=kept).user)
    undo_merge(merge=done, reason="x", by=officer)
    with pytest.raises(WrongState, match="already"):
        undo_merge(merge=done, reason="x", by=officer)


def test_chain_of_merges_is_taken_back_from_its_end(kept, gone, officer):
    third = InstitutionFactory(name="Third", slug="third")
    project = ProjectFactory(partners=[gone])
    first = merge(kept, gone, officer)
    kept.refresh_from_db()
    second = merge(third, kept, officer)

    assert dict(InstitutionRedirect.objects.values_list("slug", "institution")) == {
        "physics": third.pk,
        "iop": third.pk,
    }
    with pytest.raises(WrongState, match="merged with another one since"):
        undo_merge(merge=first, reason="x", by=officer)

    undo_merge(merge=second, reason="x", by=officer)
    undo_merge(merge=first, reason="x", by=officer)
    assert project.participations.get().institution == gone
    assert set(Institution.objects.values_list("slug", flat=True)) == {"iop", "physics", "third"}
    assert not InstitutionRedirect.objects.exists()


def test_record_can_be_merged_again_after_an_undo(kept, gone, officer):
    undo_merge(merge=merge(kept, gone, officer), reason="x", by=officer)

    assert merge(kept, gone, officer)


def test_entries_hold_nothing_that_is_said_about_people(kept, gone, officer):
    marker = "Zebulon Marker"
    person = PersonFactory(name=marker)
    for institution in (kept, gone):
        AffiliationFactory(person=person, institution=institution, position=f"Chair {marker}")
        InstitutionContact.objects.create(
            institution=institution, kind="email", value="marker@example.org", label=f"Office of {marker}"
        )

    done = merge(kept, gone, officer)

    told = " ".join(f"{entry.before} {entry.after}" for entry in done.entries.all())
    assert "arker" not in told
    undo_merge(merge=done, reason="x", by=officer)
    assert Affiliation.objects.filter(position=f"Chair {marker}").count() == 2
    assert gone.contacts.get().label == f"Office of {marker}"


def test_addresses_of_merged_records_are_not_given_away(kept, gone, officer):
    merge(kept, gone, officer)

    assert Institution.objects.has_address("physics")
    assert not Institution.objects.has_address("chemistry")


def test_ror_brings_nothing_back_that_was_merged(kept, gone, officer):
    from members.ror.loading import import_records
    from tests.members.ror_records import record

    Institution.objects.filter(pk=gone.pk).update(ror=UST)
    Institution.objects.filter(pk=kept.pk).update(ror=CAS)
    kept.refresh_from_db()
    gone.refresh_from_db()
    merge(kept, gone, officer)

    report = import_records([record(ror=CAS), record(ror=UST, name="Physics")])

    assert Institution.objects.count() == 1
    assert (report.updated, report.created) == (1, 0)
    assert report.refused == {"was merged with another record here": 1}
    kept.refresh_from_db()
    assert {CAS, UST} <= set(kept.names_folded.split())
    assert ("alias", "Physics Institute") in names_of(kept)


def test_standing_that_changes_is_said_beforehand(kept, gone):
    MembershipFactory(institution=kept, starts_on=datetime.date(2018, 1, 1))
    MembershipFactory(institution=gone, starts_on=datetime.date(2024, 1, 1), standing=Membership.Standing.LEFT)

    assert plan_merge(kept, gone).warnings == ["Its standing changes: today it is “member”, after the merge “left”."]
    assert InstitutionRole.objects.count() == 0
