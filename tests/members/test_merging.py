"""What a merge of two records does, from its declarations to its undo."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, models
from django.test.utils import isolate_apps

from centers.models import CenterInstitution
from members.actions.merges import Outdated, merge_institutions, undo_merge
from members.merging import Key, declared, plan_merge, relations, rules, undeclared
from members.merging.fields import unknown_columns
from members.models import (
    Affiliation,
    ChangeRequest,
    Institution,
    InstitutionContact,
    InstitutionIdentifier,
    InstitutionMerge,
    InstitutionName,
    InstitutionRedirect,
    InstitutionRelation,
    InstitutionRole,
    Membership,
    MembershipApplication,
)
from notifications.models import Event, Follow, Notification
from projects.models import Participation
from tests.factories import (
    AffiliationFactory,
    CenterFactory,
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
from tests.members.ror_records import CAS, UST
from workflow.actions import WrongState

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"])


@pytest.fixture
def kept():
    return InstitutionFactory(name="Institute of Physics", slug="iop", acronym="IOP", city="Lahore")


@pytest.fixture
def gone():
    return InstitutionFactory(name="Physics Institute", slug="physics", acronym="PI", website="https://physics.example")


def merge(kept, gone, officer, *, choices=None, reason="The same house") -> InstitutionMerge:
    token = plan_merge(kept, gone).token
    return merge_institutions(kept=kept, gone=gone, choices=choices or {}, reason=reason, token=token, by=officer)


def names_of(institution):
    return set(institution.names.values_list("kind", "value"))


def everything() -> dict[str, list]:
    """All rows of all tables of ours, but for what tells of the merge itself."""
    from django.apps import apps

    telling = {"InstitutionMerge", "MergeEntry", "Event", "Notification", "Delivery", "Subscriber"}
    found = {}
    for model in apps.get_models(include_auto_created=True):
        ours = model._meta.app_label in ("members", "projects", "centers", "exchanges", "notifications")
        if ours and model._meta.managed and model.__name__ not in telling and not hasattr(model, "pgh_tracked_model"):
            found[model._meta.label] = sorted(map(str, model._base_manager.values()))
    return found


# --- Declarations


def test_every_relation_of_every_model_is_declared():
    assert undeclared() == []
    assert unknown_columns() == []


def test_nothing_is_declared_that_there_is_not():
    assert set(declared()) - set(relations()) == set()


def test_walk_finds_keys_and_texts_that_may_name_an_institution():
    found = set(relations())

    assert {
        Key("members.institutionrole", "institution"),
        Key("members.institution_themes", "institution"),
        Key("members.institutionrelation", "other"),
        Key("projects.participation", "institution"),
        Key("notifications.follow", "topic"),
        Key("notifications.event", "topics"),
        Key("notifications.event", "subject_id"),
        Key("workflow.step", "object_id"),
        Key("admin.logentry", "object_id"),
        Key("anso_portal.samplerecord", "key"),
    } <= found


@isolate_apps("members")
def test_model_that_nobody_declared_is_found():
    class Prize(models.Model):
        institution = models.ForeignKey(Institution, models.CASCADE, related_name="+")
        others = models.ManyToManyField(Institution, related_name="+")
        topic = models.CharField(max_length=10)
        subject_label = models.CharField(max_length=10)
        subject_id = models.CharField(max_length=10)

        class Meta:
            app_label = "members"

    registry = Prize._meta.apps

    assert undeclared(registry) == [
        Key("members.prize", "institution"),
        Key("members.prize", "subject_id"),
        Key("members.prize", "topic"),
        Key("members.prize_others", "institution"),
    ]


def test_relation_that_nobody_declared_refuses_the_merge_and_is_named(monkeypatch, kept, gone, officer):
    monkeypatch.delitem(rules._rules, Key("projects.participation", "institution"))

    plan = plan_merge(kept, gone)
    assert len(plan.refusals) == 1
    assert "lead and partners” (projects.participation.institution)" in plan.refusals[0]
    with pytest.raises(ValidationError, match=r"projects\.participation\.institution"):
        merge(kept, gone, officer)
    assert Institution.objects.count() == 2


def test_row_that_the_walk_missed_stops_the_merge_in_the_database(monkeypatch, kept, gone, officer):
    """Even where a declaration lies: the database knows what refers to the record that would go."""
    key = Key("projects.participation", "institution")
    ParticipationFactory(institution=gone)
    monkeypatch.setitem(rules._rules, key, rules.Keep("a lie"))

    with pytest.raises(ValidationError, match="The database still knows something"):
        merge(kept, gone, officer)


# --- What moves


def test_everything_moves_and_the_old_record_is_gone(kept, gone, officer):
    project, center = ProjectFactory(partners=[gone]), CenterFactory()
    CenterInstitution.objects.create(center=center, role="host", name_as_given="As given", institution=gone)
    OfferFactory(institution=gone)
    AffiliationFactory(institution=gone)
    role = InstitutionRoleFactory(institution=gone)
    MembershipFactory(institution=gone)
    gone.themes.add(ThemeFactory())
    InstitutionIdentifier.objects.create(institution=gone, scheme="wikidata", value="Q1")
    InstitutionContact.objects.create(institution=gone, kind="email", value="info@physics.example")

    done = merge(kept, gone, officer)

    assert list(Institution.objects.all()) == [kept]
    assert project.participations.get().institution == kept
    assert project.participations.get().name_as_given == "Physics Institute"
    assert center.participations.get().institution == kept
    assert kept.offers.count() == kept.affiliations.count() == kept.memberships.count() == kept.themes.count() == 1
    assert list(kept.identifiers.values_list("value", flat=True)) == ["Q1"]
    assert list(kept.contacts.values_list("value", flat=True)) == ["info@physics.example"]
    assert list(kept.roles.values_list("user", flat=True)) == [role.user_id]
    assert (done.kept, done.gone_slug, done.gone_name, done.by, done.reason) == (
        kept,
        "physics",
        "Physics Institute",
        officer,
        "The same house",
    )
    assert list(InstitutionRedirect.objects.values_list("slug", "institution")) == [("physics", kept.pk)]


def test_names_become_aliases_and_columns_follow(kept, gone, officer):
    InstitutionName.objects.create(
        institution=gone, value="Institut für Physik", language="de", kind="label", origin="ror"
    )
    InstitutionName.objects.create(institution=gone, value="Institute of Physics", language="en", kind="label")

    merge(kept, gone, officer)

    kept.refresh_from_db()
    assert (kept.name, kept.acronym) == ("Institute of Physics", "IOP")
    assert names_of(kept) == {
        ("display", "Institute of Physics"),
        ("acronym", "IOP"),
        ("alias", "Physics Institute"),
        ("alias", "PI"),
        ("label", "Institut für Physik"),
    }
    assert "institut fur physik" in kept.names_folded
    assert not kept.names.filter(value="Institut für Physik", origin="ror").exists()
    assert list(Institution.objects.look_alikes("PHYSICS INSTITUTE")) == [kept]


def test_officer_chooses_which_fields_are_right(kept, gone, officer):
    gone.city, gone.kind = "Multan", "institute"
    gone.save()

    merge(kept, gone, officer, choices={"name": "gone", "acronym": "gone", "kind": "gone", "place": "kept"})

    kept.refresh_from_db()
    assert (kept.name, kept.acronym, kept.kind, kept.city) == ("Physics Institute", "PI", "institute", "Lahore")
    assert kept.website == "https://physics.example"  # only the one that went had one
    assert names_of(kept) == {
        ("alias", "Institute of Physics"),
        ("alias", "IOP"),
        ("display", "Physics Institute"),
        ("acronym", "PI"),
    }
    assert kept.slug == "iop"


def test_chosen_name_may_stand_among_the_others_already(kept, gone, officer):
    InstitutionName.objects.create(institution=kept, value="Physics Institute", language="en", kind="label")

    merge(kept, gone, officer, choices={"name": "gone"})

    kept.refresh_from_db()
    assert kept.name == "Physics Institute"
    assert kept.names.filter(kind="display").count() == 1


@pytest.mark.parametrize(("choice", "own", "further"), [("kept", CAS, UST), ("gone", UST, CAS)])
def test_both_ror_ids_stay_known(kept, gone, officer, choice, own, further):
    Institution.objects.filter(pk=kept.pk).update(ror=CAS)
    Institution.objects.filter(pk=gone.pk).update(ror=UST)
    kept.refresh_from_db()
    gone.refresh_from_db()

    merge(kept, gone, officer, choices={"ror": choice})

    kept.refresh_from_db()
    assert kept.ror == own
    assert list(kept.identifiers.values_list("scheme", "value")) == [("ror", further)]
    assert {CAS, UST} <= set(kept.names_folded.split())


def test_projects_of_both_keep_their_lead(kept, gone, officer):
    led = ProjectFactory(lead=gone, partners=[kept])
    joined = ProjectFactory(lead=kept, partners=[gone])

    merge(kept, gone, officer)

    for project in (led, joined):
        part = project.participations.get()
        assert (part.role, part.institution) == ("lead", kept)


def test_doubles_are_dropped(kept, gone, officer):
    user, theme = UserFactory(), ThemeFactory()
    for institution in (kept, gone):
        InstitutionRoleFactory(institution=institution, user=user)
        MembershipFactory(institution=institution)
        institution.themes.add(theme)
        InstitutionIdentifier.objects.create(institution=institution, scheme="wikidata", value="Q1")
        InstitutionContact.objects.create(institution=institution, kind="email", value="info@physics.example")
    person = PersonFactory()
    for institution in (kept, gone):
        AffiliationFactory(person=person, institution=institution, starts_on=datetime.date(2020, 1, 1))

    merge(kept, gone, officer)

    for rows in (kept.roles, kept.memberships, kept.themes, kept.identifiers, kept.contacts, kept.affiliations):
        assert rows.count() == 1


def test_relations_to_others_move_and_those_between_the_two_end(kept, gone, officer):
    parent, friend = InstitutionFactory(), InstitutionFactory()
    relate = InstitutionRelation.objects.create
    relate(institution=gone, kind="parent", other=parent)
    relate(institution=kept, kind="parent", other=parent)
    relate(institution=friend, kind="related", other=gone)
    relate(institution=kept, kind="related", other=friend)
    relate(institution=gone, kind="successor", other=kept)

    merge(kept, gone, officer)

    assert set(InstitutionRelation.objects.values_list("institution", "kind", "other")) == {
        (kept.pk, "parent", parent.pk),
        (kept.pk, "related", friend.pk),
    }


def test_followers_follow_the_record_that_stays_once(kept, gone, officer):
    from notifications.following import follow_topic
    from notifications.topics import resolve

    both, one = UserFactory(), UserFactory()
    for user, institution in ((both, kept), (both, gone), (one, gone)):
        follow_topic(topic=resolve(f"institution:{institution.pk}"), by=user)

    merge(kept, gone, officer)

    assert (
        list(Follow.objects.values_list("topic", "label", "address"))
        == [(f"institution:{kept.pk}", "Institute of Physics", "/members/iop/")] * 2
    )


def test_people_of_both_are_told_with_the_reason(kept, gone, officer):
    people = {InstitutionRoleFactory(institution=institution).user_id for institution in (kept, gone)}
    InstitutionRoleFactory()

    merge(kept, gone, officer)

    event = Event.objects.get(kind="institution.merged")
    assert set(Notification.objects.filter(event=event).values_list("subscriber__user", flat=True)) == people
    assert event.facts["former"] == "Physics Institute"
    assert event.facts["reason"] == "The same house"


# --- What stops it


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


# --- Undo


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
