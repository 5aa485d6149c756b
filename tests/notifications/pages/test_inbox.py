"""The inbox, and what was read."""

import pytest
from django.db import transaction
from django.urls import reverse

from exchanges.actions.offers import facts
from notifications.actions import announce
from notifications.models import Notification
from tests.factories import OfferFactory, UserFactory
from tests.notifications.pages.acts import INBOX, READ

pytestmark = pytest.mark.django_db


# --- Inbox


def test_inbox_shows_what_the_reader_was_told_newest_first(client, reader, tell):
    first, second = tell("First"), tell("Second")
    client.force_login(reader)

    response = client.get(INBOX)

    assert response.status_code == 200
    assert [item.event.address for item in response.context["page"]] == [
        second.get_absolute_url(),
        first.get_absolute_url(),
    ]
    html = response.content.decode()
    assert f'<a href="{first.get_absolute_url()}"><bdi>New exchange offer: First</bdi></a>' in html
    assert "Because you follow <bdi>Pakistan</bdi>" in html
    assert html.count('class="unread"') == 2
    assert response["Cache-Control"] == "private, no-store"


def test_inbox_is_the_readers_own(client, reader, tell):
    tell()
    client.force_login(UserFactory(roles=["administrator"]))

    response = client.get(INBOX)

    assert list(response.context["page"]) == []
    assert "Nothing here yet" in response.content.decode()


def test_inbox_sends_a_visitor_to_sign_in(client):
    response = client.get(INBOX)

    assert (response.status_code, response["Location"]) == (302, f"{reverse('account_login')}?next={INBOX}")


def test_looking_at_the_inbox_changes_nothing(client, reader, tell):
    tell()
    client.force_login(reader)

    client.get(INBOX)

    assert Notification.objects.get().read_at is None


@pytest.mark.parametrize("count", [1, 3])
def test_inbox_query_count_is_constant(client, reader, tell, count, django_assert_num_queries):
    for number in range(count):
        tell(f"Offer {number}")
    client.force_login(reader)
    client.get(INBOX)  # branding is cached

    with django_assert_num_queries(7):  # session, user, topics, count, page; roles and unread of the masthead
        response = client.get(INBOX)

    assert len(response.context["page"]) == count


def test_inbox_is_read_by_topic(client, reader, tell, officer):
    tell("First"), tell("Second")
    with transaction.atomic():
        offer = OfferFactory(title="Mine")
        announce("offer.opened", offer, actor=officer, to=[reader], context=facts(offer))
    client.force_login(reader)
    page = client.get(INBOX)
    assert [one[0] for one in page.context["topics"]] == ["country:PK", "duty"]
    assert "2 of 2 new" in page.content.decode()

    def titles(topic):
        return [one.event.facts["title"] for one in client.get(INBOX, {"topic": topic}).context["page"]]

    assert titles("country:PK") == ["Second", "First"]
    assert titles("duty") == ["Mine"]
    assert titles("country:LK") == titles("a\x00b") == []
    client.post("/desk/inbox/read-all/", {"topic": "country:PK", "newest": page.context["newest"]})
    assert [one.event.facts["title"] for one in Notification.objects.unread()] == ["Mine"]


def test_inbox_has_pages(client, reader, tell):
    for number in range(27):
        tell(f"Offer {number}")
    client.force_login(reader)

    assert len(client.get(INBOX).context["page"]) == 25
    assert [item.event.facts["title"] for item in client.get(INBOX, {"page": "2"}).context["page"]] == [
        "Offer 1",
        "Offer 0",
    ]
    beyond = client.get(INBOX, {"page": "3"})
    assert (beyond.status_code, beyond.context["page"]) == (200, None)
    assert f'href="{INBOX}"' in beyond.content.decode()


@pytest.mark.parametrize("page", ["x", "-1", "1e9", "0", "١", "a\x00"])
def test_page_that_cannot_be_read_is_a_bad_request(client, reader, page):
    client.force_login(reader)

    assert client.get(INBOX, {"page": page}).status_code == 400


@pytest.mark.parametrize("page", ["9" * 30, "00000000000000000002"])
def test_page_far_behind_the_last_is_empty(client, reader, page):
    client.force_login(reader)

    assert client.get(INBOX, {"page": page}).status_code == 200


# --- Read


def test_one_is_marked_as_read(client, reader, tell):
    tell("First")
    tell("Second")
    client.force_login(reader)
    one = Notification.objects.earliest("pk")

    response = client.post(READ, {"notification": one.pk})

    assert (response.status_code, response["Location"]) == (302, INBOX)
    assert list(Notification.objects.order_by("pk").values_list("read_at", flat=True))[1] is None


def test_reading_twice_keeps_the_first_time(client, reader, tell):
    tell()
    client.force_login(reader)
    key = {"notification": Notification.objects.get().pk}
    client.post(READ, key)
    first = Notification.objects.get().read_at

    client.post(READ, key)

    assert Notification.objects.get().read_at == first


@pytest.mark.parametrize("roles", [[], ["administrator"]])
def test_somebody_elses_notification_is_not_found(client, reader, tell, roles):
    tell()
    client.force_login(UserFactory(roles=roles))

    response = client.post(READ, {"notification": Notification.objects.get().pk})

    assert response.status_code == 404
    assert Notification.objects.get().read_at is None


@pytest.mark.parametrize("key", ["", "x", "0", "9" * 30, "1\x00"])
def test_key_that_names_nothing_is_not_found(client, reader, key):
    client.force_login(reader)

    assert client.post(READ, {"notification": key}).status_code == 404


def test_all_that_was_shown_is_marked_as_read_and_what_came_since_is_not(client, reader, tell):
    tell("Shown")
    client.force_login(reader)
    newest = client.get(INBOX).context["newest"]
    tell("Came since")

    client.post(f"{INBOX}read-all/", {"newest": newest})

    assert list(Notification.objects.order_by("pk").values_list("read_at", flat=True))[1] is None


@pytest.mark.parametrize("newest", ["", "x", "9" * 40])
def test_all_is_marked_as_read_for_the_reader_alone(client, reader, follower, tell, newest):
    other = follower("country:PK")
    tell()
    client.force_login(reader)

    client.post(f"{INBOX}read-all/", {"newest": newest})

    assert [item.subscriber.user for item in Notification.objects.unread()] == [other]


@pytest.mark.parametrize("address", [READ, f"{INBOX}read-all/", "/notifications/unfollow/"])
def test_get_is_not_allowed_where_something_changes(client, reader, address):
    client.force_login(reader)

    assert client.get(address).status_code == 405
