import pytest
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.db.backends.utils import CursorWrapper
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from redis.exceptions import ConnectionError as RedisConnectionError

from anso_portal import urls
from tests.factories import UserFactory
from tests.pages import body, heading, words

pytestmark = pytest.mark.django_db

PROBLEMS = {
    "bad-request": BadRequest("page: “x” is not the number of a page."),
    "suspicious": SuspiciousOperation("details for the log alone"),
    "denied": PermissionDenied("Only the host may open this offer."),
    "broken": ZeroDivisionError("details for the log alone"),
    "database": OperationalError("server closed the connection"),
    "interface": InterfaceError("connection already closed"),
    "redis": RedisConnectionError("refused"),
}


def problem(request, name):
    raise PROBLEMS[name]


def wrapped(request):
    try:
        raise OperationalError("server closed the connection")
    except OperationalError as cause:
        raise ValueError("a library wrapped it") from cause


urlpatterns = [
    path("problem/<str:name>/", problem),
    path("wrapped/", wrapped),
    path("fine/", lambda request: HttpResponse("fine")),
    *urls.urlpatterns,
]
handler400, handler500 = urls.handler400, urls.handler500


@pytest.fixture
def client(settings):
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


def test_unknown_address_is_told_in_the_look_with_a_search(client):
    response = client.get("/nowhere/")

    assert response.status_code == 404
    assert heading(response) == "There is no page at this address"
    assert 'role="search"' in body(response)
    assert "/accounts/login/?next=/nowhere/" in body(response)


@pytest.mark.parametrize("address", ["/members/a%00b/", "/%FF", "/themes/x%2Fy/", "/" + "x" * 8000])
def test_no_address_breaks_the_portal(client, address):
    assert client.get(address).status_code == 404


def test_bad_request_gives_the_reason_that_we_wrote(client):
    response = client.get("/problem/bad-request/?page=x")

    assert response.status_code == 400
    assert "page: “x” is not the number of a page." in words(response)
    assert 'href="/problem/bad-request/"' in body(response)


def test_suspicious_request_is_told_nothing(client):
    response = client.get("/problem/suspicious/")

    assert response.status_code == 400
    assert "log alone" not in body(response)
    assert heading(response) == "This address cannot be read"


def test_unknown_host_is_refused(client):
    response = client.get("/", headers={"host": "evil.example"})

    assert response.status_code == 400
    assert "evil.example" not in body(response)


def test_refusal_says_why(client):
    response = client.get("/problem/denied/")

    assert response.status_code == 403
    assert heading(response) == "You may not do this"
    assert "Only the host may open this offer." in words(response)


def test_old_form_is_refused_with_what_to_do():
    client = Client(enforce_csrf_checks=True)

    response = client.post("/report/", {"message": "x"})

    assert response.status_code == 403
    assert heading(response) == "This form has been open for too long"


def test_fault_is_admitted_without_its_details(client):
    response = client.get("/problem/broken/")

    assert response.status_code == 500
    assert heading(response) == "Something broke on our side"
    assert "log alone" not in body(response)


@pytest.mark.parametrize("address", ["/problem/database/", "/problem/interface/", "/problem/redis/", "/wrapped/"])
def test_outage_of_a_server_is_503_with_the_time_to_try_again(client, address):
    response = client.get(address)

    assert response.status_code == 503
    assert response["Retry-After"] == "15"
    assert response["Cache-Control"] == "no-store"
    assert heading(response) == "The portal will be back in a moment"
    assert f'href="{address}"' in body(response)


@pytest.fixture
def database_is_down(monkeypatch):
    asked = []

    def fail(self, sql, *arguments):
        asked.append(sql)
        raise OperationalError("connection to server failed")

    monkeypatch.setattr(CursorWrapper, "execute", fail)
    return asked


@pytest.mark.parametrize("address", ["/", "/members/x/", "/search/?q=x", "/countries/PK/"])
def test_page_without_database_is_503_and_asks_it_once(client, database_is_down, address):
    assert client.get(address).status_code == 503
    assert len(database_is_down) == 1


def test_reader_who_has_signed_in_meets_the_same_page(client, request):
    client.force_login(UserFactory())
    request.getfixturevalue("database_is_down")

    assert client.get("/fine/").status_code == 503


def test_form_sent_during_an_outage_is_503(client, database_is_down):
    assert client.post("/report/?about=/members/x/", {"message": "x"}).status_code == 503


def test_process_still_answers_without_database(client, database_is_down):
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options", "trace"])
def test_pages_take_no_other_method(client, method):
    response = getattr(client, method)("/")

    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, POST"
