import pytest
from django.core.cache import cache

from anso_portal.models import ErrorReport
from tests.factories import (
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    OfferFactory,
    ProjectFactory,
    ThemeFactory,
    UserFactory,
)
from tests.pages import body, heading, links, words

pytestmark = pytest.mark.django_db

MESSAGE = "The city is wrong: https://example.org says Lahore."


@pytest.fixture(autouse=True)
def _no_reports_yet():
    cache.clear()


def send(client, record, **data):
    return client.post(f"/report/?about={record.get_absolute_url()}", {"message": MESSAGE, **data})


@pytest.mark.parametrize("make", [InstitutionFactory, CenterFactory, ProjectFactory, ThemeFactory])
def test_report_is_kept_with_the_record_it_is_about(client, make):
    record = make()

    response = send(client, record, email="reader@example.org")

    (report,) = ErrorReport.objects.values("address", "record", "message", "email", "state")
    assert report == {
        "address": record.get_absolute_url(),
        "record": str(record),
        "message": MESSAGE,
        "email": "reader@example.org",
        "state": "open",
    }
    assert response.status_code == 302


def test_page_after_sending_says_what_happens_next_and_can_be_reloaded(client):
    institution = InstitutionFactory(name="The Academy")
    response = send(client, institution)

    for _ in range(2):
        after = client.get(response["Location"])

    assert heading(after) == "Thank you: your report is with the secretariat"
    assert "It is about The Academy." in words(after)
    assert institution.get_absolute_url() in links(after)
    assert ErrorReport.objects.count() == 1


def test_form_names_the_record(client):
    institution = InstitutionFactory(name="<The> Academy")

    response = client.get(f"/report/?about={institution.get_absolute_url()}?page=2")

    assert "In the record <The> Academy." in words(response)
    assert "<The>" not in body(response)


def test_country_can_be_reported(client):
    assert client.post("/report/?about=/countries/PK/", {"message": MESSAGE}).status_code == 302
    assert ErrorReport.objects.get().record == "Pakistan"


@pytest.mark.parametrize("query", ["", "?about=", "?about=/"])
def test_report_without_a_record_is_about_the_portal(client, query):
    assert client.post(f"/report/{query}", {"message": MESSAGE}).status_code == 302
    assert ErrorReport.objects.get().address == "/"


def test_who_has_signed_in_need_not_type_the_address(client):
    client.force_login(UserFactory(email="me@example.org"))

    assert 'value="me@example.org"' in body(client.get("/report/"))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"message": ""}, "This field is required."),
        ({"message": "x" * 4001}, "at most 4000 characters"),
        ({"message": "a\x00b"}, "Null characters are not allowed."),
        ({"email": "nobody"}, "Enter a valid email address."),
    ],
)
def test_what_is_wrong_is_said_and_the_text_kept(client, data, problem):
    response = send(client, InstitutionFactory(), **data)

    assert response.status_code == 422
    assert "There is a problem" in words(response)
    assert problem in words(response)
    assert "<title>Error:" in body(response)
    if "message" not in data:
        assert MESSAGE in words(response)
    assert not ErrorReport.objects.exists()


def test_program_that_fills_in_every_field_is_thanked_and_forgotten(client):
    response = send(client, InstitutionFactory(), website="https://spam.example")

    assert response.status_code == 302
    assert not ErrorReport.objects.exists()


def test_eleventh_report_within_the_hour_is_refused_and_its_text_kept(client):
    institution = InstitutionFactory()
    codes = [send(client, institution).status_code for _ in range(10)]

    refused = send(client, institution)

    assert codes == [302] * 10
    assert refused.status_code == 429
    assert "Many reports came from your network" in words(refused)
    assert MESSAGE in words(refused)
    assert ErrorReport.objects.count() == 10
    assert client.post("/report/", {"message": MESSAGE}, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_t32_forged_header_starts_no_new_count(client):
    codes = [
        client.post("/report/", {"message": MESSAGE}, headers={"x-forwarded-for": f"192.0.2.{n}"}).status_code
        for n in range(11)
    ]

    assert codes == [302] * 10 + [429]


def test_t32_visitors_behind_our_proxy_are_counted_each(client, settings):
    settings.TRUSTED_PROXIES = 1
    codes = [
        client.post("/report/", {"message": MESSAGE}, headers={"x-forwarded-for": f"192.0.2.{n}"}).status_code
        for n in range(11)
    ]

    assert codes == [302] * 11


@pytest.mark.parametrize(
    "about",
    [
        "/members/nowhere/",
        "/members/",
        "/about/",
        "https://evil.example/",
        "//evil.example/",
        "members",
        "/%00",
        "/members/\x00/",
        "/[",
        "/countries/ZZ/",
        "/admin/",
        "x" * 5000,
    ],
)
def test_what_is_no_record_is_not_found(client, about):
    assert client.get("/report/", {"about": about}).status_code == 404
    assert client.get("/report/done/", {"about": about}).status_code == 404


def test_draft_is_not_betrayed(client):
    project, offer = ProjectFactory(published_at=None, lead=(institution := InstitutionFactory())), OfferFactory()

    for record in (project, offer):
        assert client.get("/report/", {"about": record.get_absolute_url()}).status_code == 404

    client.force_login(InstitutionRoleFactory(institution=institution).user)
    assert client.get("/report/", {"about": project.get_absolute_url()}).status_code == 200


def test_report_cannot_be_deleted_or_put(client):
    assert client.delete("/report/").status_code == 405
    assert client.post("/report/done/").status_code == 405
