"""One institution in the administration, its history and the log."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from members.models import Institution, InstitutionName, InstitutionRelation, InstitutionRole, Membership
from tests.desk import errors, queries_of, send
from tests.factories import (
    AffiliationFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    MeetingFactory,
    MembershipFactory,
    PersonFactory,
    UserFactory,
)
from tests.members.admin.acts import ADD, names_of, page
from tests.members.ror_records import CAS

pytestmark = pytest.mark.django_db


# --- One institution


def test_new_institution_gets_an_address_and_a_display_name(desk):
    send(
        desk,
        ADD,
        {"name": "Académie de l’Eau", "acronym": "ADE", "country": "CI", "ror": f"https://ror.org/{CAS.upper()}"},
    )

    made = Institution.objects.get()
    assert (made.slug, made.ror) == ("academie-de-l-eau", CAS)
    assert names_of(made) == {("display", "Académie de l’Eau", "portal"), ("acronym", "ADE", "portal")}
    assert made.names_folded == f"academie de l eau ade {CAS}"


def test_address_avoids_those_that_are_taken_and_never_changes(desk):
    InstitutionFactory(slug="university-of-x")
    send(desk, ADD, {"name": "University of X", "country": "PK"})
    made = Institution.objects.get(slug="university-of-x-pk")

    send(desk, page(made), {"slug": "hijacked", "names-0-value": "University of Y"})

    made.refresh_from_db()
    assert (made.slug, made.name) == ("university-of-x-pk", "University of Y")


def test_address_of_a_name_without_latin_form_is_the_records_number(desk):
    send(desk, ADD, {"name": "科学院", "country": "CN"})

    made = Institution.objects.get()
    assert made.slug == str(made.pk)


def test_display_name_moves_from_one_name_to_another(desk):
    institution = InstitutionFactory(name="Old", names=[("New", "en", "label")])
    assert [name.value for name in institution.names.order_by("kind")] == ["Old", "New"]

    send(desk, page(institution), {"names-0-kind": "label", "names-1-kind": "display"})

    institution.refresh_from_db()
    assert (institution.name, institution.names_folded) == ("New", "new old")
    assert names_of(institution) == {("label", "Old", "portal"), ("display", "New", "portal")}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"names-1-kind": "display"}, "Only one of the names"),
        ({"names-0-kind": "label"}, "One of the names must be"),
        ({"names-0-DELETE": "on"}, "One of the names must be"),
        ({"names-1-value": "Old", "names-1-kind": "display"}, "Only one of the names"),
        ({"ror": "034t30j36"}, "typing error"),
        ({"names-1-value": "New <b>"}, "cannot hold “&lt;”"),
        ({"names-1-value": "New https://evil.example"}, "cannot hold a web address"),
        ({"names-1-value": "N\u200bew"}, "cannot be seen (U+200B)"),
        ({"names-1-value": "N\u202eew"}, "cannot be seen (U+202E)"),
        ({"country": ""}, "needs a country"),
        ({"latitude": "95", "longitude": "10"}, "Give latitude"),
        ({"latitude": "35"}, "Give latitude"),
        ({"source_urls": "javascript:alert(1)"}, "valid URL"),
    ],
)
def test_what_the_rules_forbid_is_said_on_the_page(desk, changes, complaint):
    institution = InstitutionFactory(name="Old", names=[("New", "en", "label")])

    response = send(desk, page(institution), changes)

    assert response.status_code == 200
    assert complaint in errors(response)


def test_same_name_twice_is_said_on_the_page(desk):
    institution = InstitutionFactory(name="Old")
    row = {"value": "Twice", "language": "en", "kind": "alias"}

    response = send(desk, page(institution), add={"names": [row, row]})

    assert "This name is there already" in errors(response)


def test_name_that_somebody_changed_is_ours_from_then_on(desk):
    institution = InstitutionFactory(name="Theirs")
    institution.names.update(origin="ror")
    other = InstitutionFactory()
    InstitutionRelation.objects.create(institution=institution, kind="parent", other=other, origin="ror")

    send(desk, page(institution), {"relations-0-kind": "related"}, add={"names": [{"value": "New", "kind": "alias"}]})
    assert names_of(institution) == {("display", "Theirs", "ror"), ("alias", "New", "portal")}
    assert institution.relations.get().origin == "portal"

    send(desk, page(institution), {"names-1-value": "Ours"})
    assert names_of(institution) == {("display", "Ours", "portal"), ("alias", "New", "portal")}


def test_memberships_are_edited_with_their_institution(desk):
    institution = InstitutionFactory()

    response = send(
        desk,
        page(institution),
        add={
            "memberships": [
                {"standing": "member", "starts_on": "2018-11-04", "starts_precision": "day", "source_urls": ""}
            ],
        },
    )

    assert response.status_code == 302, errors(response)
    assert Membership.objects.get().institution == institution


def test_roles_are_shown_with_their_institution_and_changed_at_its_desk(desk):
    role = InstitutionRoleFactory(user=UserFactory(name="Ibn Sina"), role="editor")

    send(desk, page(role.institution), {"roles-0-role": "focal_point", "roles-0-DELETE": "on", "city": "Bukhara"})

    assert "Ibn Sina" in desk.get(page(role.institution)).content.decode()
    assert list(InstitutionRole.objects.values_list("role", flat=True)) == ["editor"]
    assert "ina" not in LogEntry.objects.get().change_message.replace("institution", "")
    for name in ("change", "delete"):
        assert desk.post(page(role, name), {"post": "yes"}).status_code == 403
    assert desk.get(reverse("admin:members_institutionrole_add")).status_code == 403


def test_page_of_an_institution_asks_as_often_for_three_parts_as_for_one(desk):
    institution = InstitutionFactory()

    def make(year):
        InstitutionName.objects.create(institution=institution, value=f"Name {year}", kind="alias")
        InstitutionRelation.objects.create(institution=institution, kind="parent", other=InstitutionFactory())
        InstitutionRoleFactory(institution=institution)
        MembershipFactory(institution=institution, starts_on=f"{year}-01-01", meeting=MeetingFactory())

    make(2020)
    desk.get(page(institution))
    one = queries_of(desk, page(institution))
    make(2021)
    make(2022)

    assert queries_of(desk, page(institution)) == one <= 15


# --- History and the log


def test_history_tells_who_changed_what_from_what_to_what(desk):
    institution = InstitutionFactory(name="Old", city="Lahore", names=[("Alias", "en", "alias")])
    send(desk, page(institution), {"city": "Karachi", "country": "NP", "names-1-value": "Neu"})

    entries = desk.get(page(institution, "history")).context["page"].entries

    changes = {
        (str(entry.who), c.what, str(c.label), str(c.field), c.before, c.after)
        for entry in entries
        for c in entry.changes
    }
    assert ("Olive Officer", "", "changed", "city", "Lahore", "Karachi") in changes
    assert ("Olive Officer", "", "changed", "country", "Pakistan", "Nepal") in changes
    assert ("Olive Officer", "name", "changed", "name", "Old", "Neu") in changes
    assert ("somebody with access to the database (anso_app)", "", "added", "city", "", "Lahore") in changes


def test_history_of_a_person_names_no_words_and_the_log_no_people(desk):
    person = PersonFactory(name="Ibn Sina", biography="Private.")
    AffiliationFactory(person=person)
    send(desk, page(person), {"biography": "Secret.", "affiliations-0-position": "Physician"})

    text = desk.get(page(person, "history")).content.decode()

    assert "Changed About" in text
    assert "Secret." not in text
    logged = LogEntry.objects.get()
    assert logged.object_repr == f"person {person.pk}"
    assert "Ibn Sina" not in logged.change_message


@pytest.mark.parametrize("act", ["add", "delete"])
def test_log_of_people_holds_numbers_only(desk, act):
    if act == "add":
        send(desk, reverse("admin:members_person_add"), {"name": "Ibn Sina"})
    else:
        desk.post(page(PersonFactory(name="Ibn Sina"), "delete"), {"post": "yes"})

    logged = LogEntry.objects.get()
    assert "Sina" not in logged.object_repr + logged.change_message
