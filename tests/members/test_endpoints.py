"""Programs of institutions that are told: asked for by who speaks for them, approved by administrators."""

import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from members.actions.endpoints import approve_endpoint, ask_endpoint, remove_endpoint, renew_secret
from members.models import Endpoint
from members.views.endpoints import topics_of
from notifications.models import Event, Notification, Subscriber
from tests.factories import InstitutionFactory, InstitutionRoleFactory, UserFactory

pytestmark = pytest.mark.django_db
URL = "https://hooks.example.org/changed"


@pytest.fixture
def institution():
    return InstitutionFactory(name="Own Institute", slug="own", country_id="PK")


@pytest.fixture
def speaker(institution):
    return InstitutionRoleFactory(institution=institution, role="focal_point").user


@pytest.fixture
def administrator():
    return UserFactory(roles=["administrator"])


def ask(institution, by, url=URL):
    return ask_endpoint(institution=institution, url=url, topics=topics_of(institution), by=by)


def test_it_is_asked_for_and_approved(institution, speaker, administrator):
    endpoint, secret = ask(institution, speaker)
    assert secret.startswith("whsec_")
    assert secret not in endpoint.subscriber.secret
    assert list(Endpoint.objects.waiting()) == [endpoint]
    assert Notification.objects.get().subscriber.user == administrator
    assert [follow.label for follow in endpoint.subscriber.follows.all()] == ["Own Institute", "Pakistan"]

    assert approve_endpoint(endpoint=endpoint, by=administrator)
    assert not approve_endpoint(endpoint=endpoint, by=administrator)
    assert not Endpoint.objects.waiting()
    assert Event.objects.filter(kind="endpoint.approved").count() == 1


def test_address_is_there_once_and_five_are_the_most(institution, speaker):
    ask(institution, speaker)
    with pytest.raises(ValidationError, match="there already"):
        ask(institution, speaker)
    for number in range(4):
        ask(institution, speaker, f"{URL}/{number}")
    with pytest.raises(ValidationError, match="five"):
        ask(institution, speaker, f"{URL}/last")
    with pytest.raises(ValidationError):
        ask(institution, speaker, "https://127.0.0.1/")


def test_others_can_do_none_of_it(institution, speaker, administrator):
    endpoint, _secret = ask(institution, speaker)
    for stranger in (UserFactory(), InstitutionRoleFactory(role="focal_point").user, UserFactory(roles=["officer"])):
        with pytest.raises(PermissionDenied):
            ask(institution, stranger, f"{URL}/2")
        with pytest.raises(PermissionDenied):
            approve_endpoint(endpoint=endpoint, by=stranger)
        with pytest.raises(PermissionDenied):
            remove_endpoint(endpoint=endpoint, by=stranger)
        with pytest.raises(PermissionDenied):
            renew_secret(endpoint=endpoint, by=stranger)
    with pytest.raises(PermissionDenied):
        approve_endpoint(endpoint=endpoint, by=speaker)
    with pytest.raises(PermissionDenied):
        renew_secret(endpoint=endpoint, by=administrator)


def test_new_secret_starts_one_again_that_had_stopped(institution, speaker):
    endpoint, secret = ask(institution, speaker)
    Subscriber.objects.filter(pk=endpoint.subscriber_id).update(refused_address=URL)
    assert renew_secret(endpoint=endpoint, by=speaker) != secret
    endpoint.subscriber.refresh_from_db()
    assert not endpoint.subscriber.is_refused


def test_from_the_page_of_the_institution_to_the_administrator(client, institution, speaker, administrator):
    client.force_login(speaker)
    page = "/desk/institution/own/endpoints/"
    wrong = client.post(page, {"ask": "1", "url": "https://localhost/", "topics": f"institution:{institution.pk}"})
    assert wrong.status_code == 422
    assert 'value="https://localhost/"' in wrong.content.decode()

    told = client.post(page, {"ask": "1", "url": URL, "topics": f"institution:{institution.pk}"}).content.decode()
    secret = re.search(r"whsec_[A-Za-z0-9+/=]+", told)
    assert secret
    shown = client.get(page).content.decode()
    assert URL in shown
    assert "waits for an administrator" in shown
    assert secret[0] not in shown

    endpoint = Endpoint.objects.get()
    client.force_login(administrator)
    assert URL in client.get("/desk/endpoints/").content.decode()
    client.post(f"/desk/endpoints/{endpoint.pk}/", {"approve": "1"})
    client.force_login(speaker)
    assert "is told" in client.get(page).content.decode()
    renewed = client.post(page, {"endpoint": endpoint.pk, "renew": "1"}).content.decode()
    assert "whsec_" in renewed
    client.post(page, {"endpoint": endpoint.pk, "remove": "1"})
    assert not Endpoint.objects.exists()
    assert not Subscriber.objects.filter(url=URL).exists()


@pytest.mark.parametrize("number", ["", "x", "0", "9" * 30, "²"])
def test_endpoint_that_is_not_there_is_not_found(client, institution, speaker, number):
    client.force_login(speaker)
    assert client.post("/desk/institution/own/endpoints/", {"endpoint": number, "remove": "1"}).status_code == 404


def test_nothing_is_removed_without_its_button(client, institution, speaker, administrator):
    endpoint, _secret = ask(institution, speaker)
    client.force_login(speaker)
    client.post("/desk/institution/own/endpoints/", {"endpoint": endpoint.pk})
    client.force_login(administrator)
    client.post(f"/desk/endpoints/{endpoint.pk}/")
    assert list(Endpoint.objects.waiting()) == [endpoint]
