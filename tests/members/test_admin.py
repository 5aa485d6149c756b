import io

import pytest
import tablib
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from members.models import (
    Affiliation,
    Institution,
    InstitutionName,
    InstitutionRelation,
    InstitutionRole,
    Membership,
    Person,
)
from tests.desk import errors, fields, queries_of, send
from tests.factories import (
    AffiliationFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    MeetingFactory,
    MembershipFactory,
    PersonFactory,
    UserFactory,
)
from tests.members.ror_records import CAS, UST

pytestmark = pytest.mark.django_db

LIST = reverse("admin:members_institution_changelist")
ADD = reverse("admin:members_institution_add")
IMPORT = reverse("admin:members_institution_import")


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"], name="Olive Officer")


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


def page(record, name="change"):
    return reverse(f"admin:members_{record._meta.model_name}_{name}", args=[record.pk])


def names_of(institution):
    return set(institution.names.values_list("kind", "value", "origin"))


# --- Lists


@pytest.mark.parametrize("model", ["institution", "membership", "person", "institutionrole", "meeting"])
def test_lists_ask_as_often_for_three_records_as_for_one(desk, model):
    address = reverse(f"admin:members_{model}_changelist")

    def make():
        AffiliationFactory()
        InstitutionRoleFactory()
        MembershipFactory(meeting=MeetingFactory())

    make()
    assert desk.get(address).context["cl"].result_count in (1, 3)
    one = queries_of(desk, address)
    make()
    make()

    assert queries_of(desk, address) == one <= 12


@pytest.mark.parametrize(
    "query", ["academie", "ACADÉMIE des sciences", "科学院", "acs", CAS, f"https://ror.org/{CAS}", "sciences academie"]
)
def test_search_finds_by_any_name_whatever_its_accents(desk, query):
    found = InstitutionFactory(
        name="Académie des Sciences", acronym="ACS", ror=CAS, names=[("中国科学院", "zh", "label")]
    )
    InstitutionFactory(name="University of Elsewhere")

    response = desk.get(LIST, {"q": query})

    assert list(response.context["cl"].result_list) == [found]


@pytest.mark.parametrize(("standing", "shown"), [("member", "Member"), ("left", "Leaver"), ("partner", "Partner")])
def test_list_filters_by_the_standing_of_today(desk, standing, shown):
    InstitutionFactory(name="Member", member=True)
    MembershipFactory(
        institution=InstitutionFactory(name="Leaver", member=True), standing="left", starts_on="2020-01-01"
    )
    InstitutionFactory(name="Partner")

    response = desk.get(LIST, {"standing": standing})

    assert [institution.name for institution in response.context["cl"].result_list] == [shown]


def test_completion_tells_namesakes_apart(desk):
    InstitutionFactory(name="Institute of Physics", acronym="IOP", country_id="CN")
    address = reverse("admin:autocomplete")

    response = desk.get(
        address, {"app_label": "members", "model_name": "membership", "field_name": "institution", "term": "physics"}
    )

    assert [result["text"] for result in response.json()["results"]] == ["Institute of Physics · IOP · CN"]


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


# --- People


def test_person_is_edited_in_plain_lines(desk):
    account = UserFactory(email="scientist@example.org")
    send(
        desk,
        reverse("admin:members_person_add"),
        {
            "name": "Ibn Sina",
            "user": "scientist@example.org",
            "orcid": "https://orcid.org/0000-0002-1825-0097",
            "translations": "fa: ابن سینا\nzh: 伊本·西那",
            "expertise": "medicine, old and new\nlogic",
        },
    )

    person = Person.objects.get()
    assert (person.slug, person.user, person.orcid) == ("ibn-sina", account, "0000-0002-1825-0097")
    assert person.translations == {"fa": "ابن سینا", "zh": "伊本·西那"}
    assert person.expertise == ["medicine, old and new", "logic"]

    sent_back = fields(desk.get(page(person)))
    assert sent_back["expertise"] == ["medicine, old and new\nlogic"]
    assert sent_back["user"] == ["scientist@example.org"]
    send(desk, page(person))
    assert not LogEntry.objects.filter(action_flag=2).exclude(change_message="[]").exists()


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"translations": "no language"}, "is not a language and a name"),
        ({"translations": "zh: a\nzh: b"}, "is there twice"),
        ({"orcid": "0000-0002-1825-0098"}, "typing error"),
        ({"user": "nobody@example.org"}, "There is no account"),
        ({"expertise": "x" * 101}, "at most 100"),
        ({"name": "Ibn <i>Sina</i>"}, "cannot hold “&lt;”"),
        ({"name": "Ibn\u2066Sina"}, "cannot be seen (U+2066)"),
        ({"translations": "fa: http://evil.example"}, "cannot hold a web address"),
    ],
)
def test_what_is_wrong_with_a_person_is_said(desk, changes, complaint):
    response = send(desk, page(PersonFactory()), changes)

    assert complaint in response.content.decode()
    assert Affiliation.objects.count() == 0


# --- Import and export


def upload(client, rows, *, form="csv", name=None):
    data = tablib.Dataset(*[list(row.values()) for row in rows], headers=list(rows[0]))
    content = data.export(form)
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = name or f"institutions.{form}"
    return client.post(IMPORT, {"import_file": file, "format": "0" if form == "csv" else "1", "resource": "0"})


def confirm(client, response):
    address = reverse("admin:members_institution_process_import")
    answer = client.post(address, response.context["confirm_form"].initial, follow=True)
    return [str(message) for message in answer.context["messages"]]


NEW = {
    "name": "Institut für Wasser",
    "acronym": "IFW",
    "country": "de",
    "kind": "institute",
    "city": "Köln",
    "established": "1990",
}


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_import_shows_what_it_will_do_and_does_it_when_confirmed(desk, form):
    preview = upload(desk, [NEW], form=form)
    assert "Institut für Wasser" in preview.content.decode()
    assert not Institution.objects.exists()

    confirm(desk, preview)

    made = Institution.objects.get()
    assert (made.slug, made.name, made.acronym, made.country_id) == (
        "institut-fur-wasser",
        "Institut für Wasser",
        "IFW",
        "DE",
    )
    assert (made.kind, made.city, made.established) == ("institute", "Köln", 1990)
    assert names_of(made) == {("display", "Institut für Wasser", "portal"), ("acronym", "IFW", "portal")}
    assert made.names_folded == "institut fur wasser ifw"


def test_import_that_something_has_come_before_says_so_and_imports_nothing(desk):
    preview = upload(desk, [{"name": "Academy", "country": "DE"}, {"name": "Institute of Physics", "country": "CN"}])
    InstitutionFactory(name="Institute-of-Physics", slug="iop")

    (told,) = confirm(desk, preview)

    assert told.startswith(
        "Nothing was imported, because something has changed since you looked at it. Line 3: This name"
    )
    assert Institution.objects.count() == 1


@pytest.mark.parametrize("key", [{"ror": f"https://ror.org/{CAS}"}, {"slug": "cas"}])
def test_import_changes_what_a_row_names_and_leaves_the_rest(desk, key):
    institution = InstitutionFactory(
        name="CAS", slug="cas", ror=CAS, city="Peking", kind="academy", website="https://cas.cn"
    )
    institution.names.update(origin="ror")

    confirm(desk, upload(desk, [{**key, "name": "Chinese Academy of Sciences", "city": "Beijing", "kind": ""}]))

    institution.refresh_from_db()
    assert (institution.name, institution.city, institution.slug) == ("Chinese Academy of Sciences", "Beijing", "cas")
    assert (institution.kind, institution.website) == ("academy", "https://cas.cn")
    assert names_of(institution) == {("label", "CAS", "ror"), ("display", "Chinese Academy of Sciences", "portal")}


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"country": "Atlantis"}, "“Atlantis” is no code of a country"),
        ({"country": ""}, "A national institution needs a country."),
        ({"kind": "circus"}, "“circus” is none of: academy"),
        ({"established": "long ago"}, "“long ago” is no number."),
        ({"established": "1990.5"}, "“1990.5” is no number."),
        ({"latitude": "95", "longitude": "0"}, "Give latitude"),
        ({"ror": "034t30j36"}, "typing error"),
        ({"slug": "nowhere"}, "No institution has this address."),
        ({"name": ""}, "cannot be blank"),
        ({"name": "Insti\u200dtute"}, "cannot be seen (U+200D)"),
        ({"name": "Institute", "acronym": "<I>"}, "cannot hold “&lt;”"),
        ({"website": "javascript:alert(1)"}, "valid URL"),
        ({"ror": CAS, "slug": "ustc"}, "another institution than the ROR id names"),
    ],
)
def test_import_says_in_plain_words_what_is_wrong_with_a_row(desk, row, complaint):
    InstitutionFactory(ror=CAS)
    InstitutionFactory(ror=UST, slug="ustc")

    response = upload(
        desk, [NEW, {**NEW, "ror": "", "slug": "", "latitude": "", "longitude": "", "website": "", **row}][1:]
    )

    assert complaint in response.content.decode()
    assert "Line 2" in response.content.decode()
    assert "confirm_form" not in response.context
    assert Institution.objects.count() == 2


def test_import_refuses_two_rows_about_one_institution(desk):
    InstitutionFactory(slug="one", ror=CAS)

    response = upload(desk, [{"slug": "one", "ror": "", "city": "A"}, {"slug": "", "ror": CAS, "city": "B"}])

    assert "Line 2 is about the same institution." in response.content.decode()


@pytest.mark.parametrize(("rows", "name"), [([{"colour": "red"}], None), ([NEW], "large.csv")])
def test_import_refuses_what_is_no_list_of_institutions(desk, rows, name, monkeypatch):
    if name:
        monkeypatch.setattr("members.admin.records.InstitutionImportForm.LIMIT", 10)

    text = upload(desk, rows, name=name).content.decode()

    assert "larger than 5 MB" in text if name else "The first line must name the columns" in text
    assert "Traceback" not in text


def test_import_and_export_need_the_permission(client):
    client.force_login(UserFactory(roles=["reviewer"]))
    for name in ("import", "export", "process_import"):
        assert client.post(reverse(f"admin:members_institution_{name}")).status_code == 404


def test_export_refuses_a_filter_that_the_list_does_not_have(desk):
    response = desk.get(reverse("admin:members_institution_export") + "?as_of=2020-01-01")

    assert response.status_code == 400
    assert "names a filter that the list does not have" in response.content.decode()


def test_export_gives_what_the_list_shows_and_can_be_imported_again(desk):
    InstitutionFactory(name="=cmd()", slug="one", country_id="CN", ror=CAS)
    InstitutionFactory(name="Other", country_id="NP")
    address = reverse("admin:members_institution_export") + "?country__code__exact=CN"
    columns = {name: "on" for name in fields(desk.get(address)) if name.startswith("institutionresource_")}

    response = desk.post(address, {"format": "0", "resource": "0", **columns})

    rows = tablib.Dataset().load(response.content.decode(), "csv").dict
    assert [(row["slug"], row["ror"], row["country"]) for row in rows] == [("one", CAS, "CN")]
    assert not rows[0]["name"].startswith("=")
