"""What a merge moves, and what it drops."""

import datetime

import pytest

from centers.models import CenterInstitution
from members.models import (
    Institution,
    InstitutionContact,
    InstitutionIdentifier,
    InstitutionName,
    InstitutionRedirect,
    InstitutionRelation,
)
from notifications.models import Event, Follow, Notification
from tests.factories import (
    AffiliationFactory,
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    MembershipFactory,
    OfferFactory,
    PersonFactory,
    ProjectFactory,
    ThemeFactory,
    UserFactory,
)
from tests.members.merging.acts import merge, names_of
from tests.members.ror_records import CAS, UST

pytestmark = pytest.mark.django_db


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
