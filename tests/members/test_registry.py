"""The page of what records lack."""

import csv
import io

import pytest

from members.models import InstitutionConfirmation, InstitutionIdentifier
from tests.factories import InstitutionFactory, InstitutionRoleFactory, UserFactory
from tests.members.ror_records import CAS, RAS, UST
from tests.pages import heading, links, statements, words

pytestmark = pytest.mark.django_db

PAGE = "/desk/registry/"


@pytest.fixture
def desk(client):
    client.force_login(UserFactory(roles=["officer"]))
    return client


def whole(role="focal_point", **fields):
    """A record that lacks nothing."""
    made = InstitutionFactory(**{"city": "Lahore", "latitude": "31.5", "longitude": "74.3", "ror": CAS} | fields)
    InstitutionRoleFactory(institution=made, role=role)
    InstitutionConfirmation.objects.create(institution=made)
    return made


def rows(client, query="") -> list[str]:
    content = client.get(f"{PAGE}?format=csv{query}").content.decode()
    return [row["name"] for row in csv.DictReader(io.StringIO(content))]


def test_record_that_lacks_nothing_is_not_there(desk):
    whole(name="Whole")
    InstitutionFactory(name="Bare")

    assert rows(desk) == ["Bare"]


@pytest.mark.parametrize(
    ("gap", "fields"),
    [("ror", {"ror": None}), ("place", {"city": ""}), ("place", {"latitude": None, "longitude": None})],
)
def test_each_gap_finds_what_lacks_it(desk, gap, fields):
    whole(name="Lacking", **fields)
    whole(name="Whole", ror=UST)

    assert rows(desk, f"&gap={gap}") == ["Lacking"]
    assert rows(desk) == ["Lacking"]


def test_focal_points_and_confirmations(desk):
    whole(name="Alone", role="editor")
    for name, ror, fields in (("Old", UST, {"member": True}), ("Partner", RAS, {})):
        whole(name=name, ror=ror, **fields).confirmations.update(confirmed_at="2020-01-01T00:00:00Z")

    assert rows(desk, "&gap=focal-point") == ["Alone"]
    assert rows(desk, "&gap=confirmation") == ["Old"]
    assert rows(desk, "&gap=focal-point&gap=confirmation") == ["Old", "Alone"]


def test_doubles_are_found_by_name_identifier_and_website(desk):
    for name, site in (("Institute of Physics", "https://www.physics.example/"), ("lnstitute of Physics", "")):
        InstitutionFactory(name=name, slug=name[:3].lower(), website=site)
    other = InstitutionFactory(name="Academy", slug="academy", website="http://physics.example")
    third = InstitutionFactory(name="Third", slug="third")
    for institution in (other, third):
        InstitutionIdentifier.objects.create(institution=institution, scheme="wikidata", value="Q1")
        InstitutionIdentifier.objects.create(institution=institution, scheme="fundref", value="100")

    assert rows(desk, "&gap=double") == ["Academy", "Institute of Physics", "lnstitute of Physics", "Third"]
    assert rows(desk, "&gap=website") == ["Academy", "Institute of Physics"]
    page = desk.get(f"{PAGE}?gap=double")
    assert "looks like lnstitute of Physics" in words(page)
    assert "/desk/registry/merge/?kept=ins&gone=lns" in links(page)
    assert "has the website of Academy" in words(page)


def test_members_come_first_and_filters_narrow(desk):
    InstitutionFactory(name="Aardvark Institute")
    InstitutionFactory(name="Zebra Institute", member=True)
    InstitutionFactory(name="Chinese Institute", country_id="CN")

    assert rows(desk) == ["Zebra Institute", "Aardvark Institute", "Chinese Institute"]
    assert rows(desk, "&status=member") == ["Zebra Institute"]
    assert rows(desk, "&country=CN") == ["Chinese Institute"]
    assert rows(desk, "&q=aardvark") == ["Aardvark Institute"]
    assert "There is no gap “nothing”." in words(desk.get(f"{PAGE}?gap=nothing"))


def test_withdrawn_records_are_nobodys_care(desk):
    InstitutionFactory(name="Withdrawn", record_status="withdrawn")

    assert rows(desk) == []
    assert "Nothing found" in words(desk.get(PAGE))


def test_page_counts_and_leads_to_mending(desk):
    made = InstitutionFactory(name="Bare")

    page = desk.get(PAGE)

    assert heading(page) == "Care of the registry"
    assert "no focal point 1" in words(page)
    assert f"/admin/members/institution/{made.pk}/change/" in links(page)
    assert "/desk/registry/" in links(desk.get("/desk/"))


def test_page_and_file_ask_as_often_for_three_as_for_one(desk):
    def add(number):
        made = InstitutionFactory(name="Alike", slug=f"alike-{number}", member=True, website="https://x.example")
        InstitutionRoleFactory(institution=made)

    add(1)
    before = [statements(desk, address) for address in (PAGE, f"{PAGE}?format=csv")]
    add(2)
    add(3)

    assert [statements(desk, address) for address in (PAGE, f"{PAGE}?format=csv")] == before
    assert before[0] <= 12


def test_others_find_no_page(client):
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")
    for user in (InstitutionRoleFactory().user, UserFactory(roles=["reviewer"])):
        client.force_login(user)
        assert client.get(PAGE).status_code == 404
        assert PAGE not in links(client.get("/desk/"))
    client.force_login(UserFactory(roles=["administrator"]))
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE).status_code == 405
