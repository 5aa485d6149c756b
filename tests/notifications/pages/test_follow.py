"""Following from a page, and how people want to be told."""

import pytest
from django.contrib.messages import get_messages

from notifications.following import stop_mail
from notifications.models import Delivery, Follow, Notification, Preference, Subscriber
from tests.factories import CenterFactory, ProjectFactory, ThemeFactory, UserFactory
from tests.notifications.pages.acts import PREFERENCES

pytestmark = pytest.mark.django_db


# --- Follow


@pytest.fixture
def topics():
    """One of each: what can be followed, and how it is called."""
    theme, center = ThemeFactory(name="Water"), CenterFactory(name="Marine center")
    return {f"theme:{theme.pk}": "Water", f"center:{center.pk}": "Marine center", "country:PK": "Pakistan"}


def test_scientist_follows_a_theme_a_center_and_a_country(client, topics):
    user = UserFactory()
    client.force_login(user)

    for topic in topics:
        response = client.post("/notifications/follow/", {"topic": topic, "next": "/centers/"})
        assert (response.status_code, response["Location"]) == (302, "/centers/")

    follows = Follow.objects.filter(subscriber__user=user)
    assert {follow.topic: follow.label for follow in follows} == topics
    assert all(follow.address.startswith("/") for follow in follows)


def test_following_twice_is_following_once(client, reader):
    client.force_login(reader)

    client.post("/notifications/follow/", {"topic": "country:PK"})

    assert Follow.objects.count() == 1


NOTHING = ["", "country", "country:", "country:XX", "country:pk", "country:P\x00K", "nothing:1", "x" * 500]
NOTHING += ["theme:0", "theme:x", "theme:" + "9" * 30, "center:1 or 1=1"]


@pytest.mark.parametrize("topic", NOTHING)
def test_what_does_not_exist_cannot_be_followed(client, topic):
    client.force_login(UserFactory())

    assert client.post("/notifications/follow/", {"topic": topic}).status_code == 404
    assert not Follow.objects.exists()


def test_draft_that_no_visitor_may_see_cannot_be_followed(client):
    from notifications import topics

    hidden = ProjectFactory(published_at=None)
    if topics.resolve(f"project:{ProjectFactory().pk}") is None:
        pytest.skip("projects cannot be followed yet")
    client.force_login(UserFactory())

    assert client.post("/notifications/follow/", {"topic": f"project:{hidden.pk}"}).status_code == 404


def test_looking_at_the_page_of_following_changes_nothing(client, reader):
    client.force_login(reader)

    assert "Follow <bdi>Nepal</bdi>" in client.get("/notifications/follow/?topic=country:NP").content.decode()
    assert Follow.objects.count() == 1


@pytest.mark.parametrize(
    "address",
    ["//evil.example", "https://evil.example", "/\\evil.example", "https:evil", "javascript:alert(1)", "%0d%0a//x"],
)
def test_next_leads_nowhere_else(client, address):
    client.force_login(UserFactory())

    response = client.post("/notifications/follow/", {"topic": "country:PK", "next": address})

    assert response["Location"] in (PREFERENCES, address)
    assert "evil" not in response["Location"]
    assert not response["Location"].startswith(("//", "javascript"))


def test_follow_needs_a_csrf_token(reader):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(reader)

    assert strict.post("/notifications/follow/", {"topic": "country:NP"}).status_code == 403


def test_unfollow_stops_and_calls_off_what_waits(client, reader, tell):
    tell()
    client.force_login(reader)

    response = client.post("/notifications/unfollow/", {"topic": "country:PK"})

    assert response["Location"] == PREFERENCES
    assert [str(message) for message in get_messages(response.wsgi_request)] == ["You no longer follow Pakistan."]
    assert not Follow.objects.exists()
    assert Delivery.objects.get().state == "cancelled"
    assert Notification.objects.count() == 1


def test_unfollow_leaves_what_others_follow(client, reader, follower):
    other = follower("country:PK")
    client.force_login(reader)

    client.post("/notifications/unfollow/", {"topic": "country:PK"})

    assert [follow.subscriber.user for follow in Follow.objects.all()] == [other]


@pytest.mark.parametrize("topic", ["country:NP", "", "\x00"])
def test_what_is_not_followed_cannot_be_stopped(client, reader, topic):
    client.force_login(reader)

    assert client.post("/notifications/unfollow/", {"topic": topic}).status_code == 404


def test_administrator_does_not_stop_the_follow_of_another(client, reader):
    client.force_login(UserFactory(roles=["administrator"]))

    assert client.post("/notifications/unfollow/", {"topic": "country:PK"}).status_code == 404
    assert Follow.objects.count() == 1


# --- Preferences


@pytest.mark.parametrize("count", [1, 3])
def test_preferences_list_what_the_reader_follows(client, follower, count, django_assert_num_queries):
    follower("country:AF")
    reader = follower(*["country:PK", "country:NP", "country:CN"][:count])
    client.force_login(reader)
    client.get(PREFERENCES)

    with django_assert_num_queries(7):
        response = client.get(PREFERENCES)

    assert {follow.label for follow in response.context["follows"]} == set(["Pakistan", "Nepal", "China"][:count])


def test_preferences_of_an_administrator_are_the_own_ones(client, reader):
    client.force_login(UserFactory(roles=["administrator"]))

    assert list(client.get(PREFERENCES).context["follows"]) == []


def test_preferences_send_a_visitor_to_sign_in(client):
    assert client.get(PREFERENCES).status_code == 302


def test_mail_of_a_kind_can_be_had_again(client, reader):
    stop_mail(kind="offer.opened", subscriber=reader.subscriber)
    client.force_login(reader)
    assert "An exchange offer opens" in client.get(PREFERENCES).content.decode()

    response = client.post(f"{PREFERENCES}resume/", {"kind": "offer.opened", "next": "no-name-of-a-view"})
    assert response["Location"] == "no-name-of-a-view"

    assert not Preference.objects.exists()


def test_reader_is_told_that_the_address_was_refused(client, reader):
    Subscriber.objects.update(refused_address=reader.email.upper())
    client.force_login(reader)

    assert "came back, or was called spam" in client.get(PREFERENCES).content.decode()
