"""Institutions from a file, and to one."""

import pytest
import tablib
from django.urls import reverse

from members.models import Institution
from tests.desk import fields
from tests.factories import InstitutionFactory, UserFactory
from tests.members.admin.acts import confirm, names_of, upload
from tests.members.ror_records import CAS, UST

pytestmark = pytest.mark.django_db


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
