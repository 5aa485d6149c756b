import pytest
from django.contrib.messages import get_messages
from django.db import transaction
from django.urls import reverse

from exchanges.actions.offers import facts, open_offer
from notifications.actions import announce
from notifications.following import stop_mail
from notifications.links import stop_url
from notifications.models import Delivery, Follow, Notification, Preference, Subscriber
from tests.factories import CenterFactory, OfferFactory, ProjectFactory, ThemeFactory, UserFactory

pytestmark = pytest.mark.django_db

INBOX = "/desk/inbox/"
READ = "/desk/inbox/read/"
PREFERENCES = "/desk/notifications/"


@pytest.fixture
def reader(follower):
    return follower("country:PK", name="Reader")


@pytest.fixture
def tell(officer):
    """tell("Two places") announces an offer of this title in Pakistan."""

    def announce(title="Two places"):
        return open_offer(offer=OfferFactory(title=title), by=officer)

    return announce


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


# --- The link in the mail


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
