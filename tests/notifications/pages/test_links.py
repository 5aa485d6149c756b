"""The link in the mail that stops it."""

import pytest

from notifications.links import stop_url
from notifications.models import Delivery, Follow, Preference

pytestmark = pytest.mark.django_db


@pytest.fixture
def stop_address(reader):
    return "/" + stop_url(reader.subscriber, topic="country:PK").split("/", 3)[3]


def test_t42_stop_link_asks_first(client, reader, stop_address):
    response = client.get(stop_address)

    assert response.status_code == 200
    html = response.content.decode()
    assert "Pakistan" in html
    assert reader.email in html
    assert Follow.objects.count() == 1


def test_t42_stop_button_works_without_signing_in_and_at_once(client, reader, stop_address, tell):
    tell()

    response = client.post(stop_address)

    assert response.status_code == 200
    assert "hears no more" in response.content.decode()
    assert not Follow.objects.exists()
    assert Delivery.objects.get().state == "cancelled"


def test_t42_mail_program_stops_with_one_click(stop_address):
    """RFC 8058: a form post of its own, with no cookie and no token of ours."""
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post(
        stop_address, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )

    assert response.status_code == 200
    assert not Follow.objects.exists()


def test_stopping_twice_is_no_error(client, stop_address):
    client.post(stop_address)

    assert client.post(stop_address).status_code == 200
    text = client.get(stop_address).content.decode()
    assert "Stopped" in text
    assert "Pakistan" in text
    assert "country:PK" not in text


def test_kind_is_stopped_by_its_link(client, reader):
    address = "/" + stop_url(reader.subscriber, kind="offer.opened").split("/", 3)[3]
    assert "An exchange offer opens" in client.get(address).content.decode()
    assert not Preference.objects.exists()

    client.post(address)

    assert [(row.about, row.rhythm) for row in Preference.objects.all()] == [("offer.opened", "off")]
    assert Follow.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_link_that_is_not_ours_says_so(client, stop_address, method):
    response = getattr(client, method)(stop_address[:-3] + "x/")

    assert response.status_code == 404
    assert "no longer holds" in response.content.decode()
    assert Follow.objects.count() == 1


def test_follow_button_on_a_page(rf, reader, django_assert_num_queries):
    from django.contrib.auth.models import AnonymousUser
    from django.template import engines

    template = engines["django"].from_string("{% load notifications %}{% follow_button topic label %}")

    def button(user, topic, label=""):
        request = rf.get("/countries/PK/?x=1")
        request.user = user
        return template.render({"topic": topic, "label": label}, request)

    with django_assert_num_queries(1):
        following = button(reader, "country:PK", "Pakistan")
    with django_assert_num_queries(0):
        visitor = button(AnonymousUser(), "country:PK", "Pakistan")

    assert 'action="/notifications/unfollow/"' in following
    assert 'value="/countries/PK/?x=1"' in following
    assert 'action="/notifications/follow/"' in button(reader, "country:NP")
    assert "Nepal" in button(reader, "country:NP")
    assert 'href="/notifications/follow/?topic=country%3APK"' in visitor
