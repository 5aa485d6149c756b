import pytest
from django.urls import reverse

from centers.models import Center, CenterInstitution, Participant
from tests.desk import errors, queries_of, send
from tests.factories import CenterFactory, CourseSessionFactory, InstitutionFactory, ThemeFactory, UserFactory

pytestmark = pytest.mark.django_db

LIST = reverse("admin:centers_center_changelist")


@pytest.fixture
def desk(client):
    client.force_login(UserFactory(roles=["officer"]))
    return client


def page(center, name="change"):
    return reverse(f"admin:centers_center_{name}", args=[center.pk])


def test_seat_moves_from_one_site_to_another(desk):
    center = CenterFactory(sites=["PK", "NP"])

    response = send(desk, page(center), {"sites-0-is_seat": None, "sites-1-is_seat": "on"})

    assert response.status_code == 302, errors(response)
    assert list(center.sites.filter(is_seat=True).values_list("country", flat=True)) == ["NP"]


def test_center_has_one_seat(desk):
    response = send(desk, page(CenterFactory(sites=["PK", "NP"])), {"sites-1-is_seat": "on"})

    assert "A center has one seat." in errors(response)


def test_place_needs_both_coordinates(desk):
    response = send(desk, page(CenterFactory()), {"sites-0-latitude": "20"})

    assert "Give latitude" in errors(response)


def test_new_center_comes_with_its_hosts_and_facilities(desk):
    host = InstitutionFactory()

    send(
        desk,
        reverse("admin:centers_center_add"),
        {"name": "Sino-Test Center", "fields": "water, clean\nice", "established_precision": "unknown"},
        add={
            "participations": [{"role": "host", "name_as_given": "The host", "institution": str(host.pk)}],
            "facilities": [{"name": "Laboratory"}],
            "sites": [{"country": "LK", "city": "Colombo", "is_seat": "on"}],
        },
    )

    center = Center.objects.get()
    assert (center.slug, center.fields) == ("sino-test-center", ["water, clean", "ice"])
    assert CenterInstitution.objects.get().institution == host
    assert center.sites.get().city == "Colombo"
    assert center.facilities.get().name == "Laboratory"


def test_namesakes_in_several_countries_are_numbered(desk):
    CenterFactory(slug="sino-test-center")

    send(desk, reverse("admin:centers_center_add"), {"name": "Sino-Test Center"})

    assert Center.objects.latest("pk").slug == "sino-test-center-2"


def test_list_and_page_ask_as_often_for_three_as_for_one(desk):
    center = CenterFactory(sites=["PK"])
    for address in (LIST, page(center)):
        desk.get(address)
    one = queries_of(desk, LIST), queries_of(desk, page(center))
    for country in ("NP", "LK"):
        CenterFactory(sites=[country, "CN"]).themes.add(ThemeFactory())
        center.sites.create(country_id=country)
        CenterInstitution.objects.create(
            center=center, role="lead", name_as_given=country, institution=InstitutionFactory()
        )

    assert (queries_of(desk, LIST), queries_of(desk, page(center))) == one
    assert max(one) <= 14


@pytest.mark.parametrize(("state", "shown"), [("active", "Open"), ("closed", "Closed")])
def test_list_filters_by_whether_a_center_is_open(desk, state, shown):
    CenterFactory(name="Open")
    CenterFactory(name="Closed", closed_on="2020-01-01")

    response = desk.get(LIST, {"state": state})

    assert [center.name for center in response.context["cl"].result_list] == [shown]


def test_course_in_which_people_took_part_cannot_be_taken_away(desk):
    session = CourseSessionFactory()
    Participant.objects.create(session=session, person=UserFactory())
    address = reverse("admin:centers_course_delete", args=[session.course.pk])
    assert desk.post(address, {"post": "yes"}).status_code == 403
    change = reverse("admin:centers_course_change", args=[session.course.pk])
    assert "sessions-0-DELETE" not in desk.get(change).content.decode()
    assert Participant.objects.exists()
