"""Following by an e-mail address alone: nothing is sent before whoever has the mailbox has said so."""

import re
from datetime import timedelta

import pytest
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.cache import cache
from django.utils import timezone

from exchanges.actions.offers import open_offer
from notifications.following import take_over_address
from notifications.links import Wish, confirm_url, mine_path
from notifications.models import Delivery, Follow, Notification, Preference, Subscriber
from notifications.sender import drain
from tests.factories import OfferFactory, ProjectFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/notifications/follow/"
ADDRESS = "ada@example.org"


def path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


@pytest.fixture
def link():
    return path(confirm_url(Wish(ADDRESS, "country:PK", "en", "Asia/Karachi")))


@pytest.fixture
def alone(db):
    subscriber = Subscriber.objects.create(address=ADDRESS, confirmed_at=timezone.now())
    subscriber.follows.create(topic="country:PK", label="Pakistan", address="/countries/PK/")
    return subscriber


def test_visitor_follows_by_address_alone_and_hears_of_it(client, officer, read_mails, settings):
    page = client.get(f"{PAGE}?topic=country:PK")
    assert "Follow <bdi>Pakistan</bdi>" in page.content.decode()

    asked = client.post(PAGE, {"topic": "country:PK", "email": "Ada@Example.ORG"})
    assert "Look into your mail" in asked.content.decode()
    assert not Subscriber.objects.exists()
    drain()
    (mail,) = read_mails()
    assert (mail["To"], mail["Subject"]) == (ADDRESS, "Do you want to follow Pakistan?")
    assert mail["List-Unsubscribe"] is None
    confirm = re.search(r"http://\S+/notifications/follow/\S+", mail.get_body(("plain",)).get_content())
    assert confirm

    shown = client.get(path(confirm.group()))
    assert "Yes, follow it" in shown.content.decode()
    assert not Subscriber.objects.exists()  # programs follow links
    done = client.post(path(confirm.group()))
    assert "You follow Pakistan" in client.get(done["Location"]).content.decode()

    open_offer(offer=OfferFactory(title="Wells"), by=officer)
    drain()
    told = read_mails()[1]
    assert told["To"] == ADDRESS
    text = told.get_body(("plain",)).get_content()
    assert "You get this because you follow Pakistan." in text
    assert f"{settings.PORTAL_BASE_URL}{done['Location']}" in text


def test_answer_tells_nothing_of_who_follows_or_has_an_account(client, alone):
    UserFactory(email="known@example.org")
    pages = set()
    for address in ("new@example.org", "known@example.org", ADDRESS):
        html = client.post(PAGE, {"topic": "country:PK", "email": address}).content.decode()
        html = re.sub(r'nonce="[^"]*"|value="[^"]*"', "", html)
        pages.add(html.replace(address, "ADDRESS"))

    assert len(pages) == 1
    assert Delivery.objects.count() == 3


@pytest.mark.parametrize("address", ["", "no address", "ada@", "ада@example.org", "a@b\x00.org"])
def test_what_is_no_address_is_refused_beside_the_field(client, address):
    response = client.post(PAGE, {"topic": "country:PK", "email": address})

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_nobody_may_see_cannot_be_followed(client, method):
    hidden = ProjectFactory(published_at=None)
    for topic in ["", "country:XX", "nothing", f"project:{hidden.pk}"]:
        assert getattr(client, method)(PAGE, {"topic": topic, "email": ADDRESS}).status_code == 404


def test_nobody_is_flooded(client):
    cache.clear()
    for _time in range(7):
        answer = client.post(PAGE, {"topic": "country:PK", "email": ADDRESS})
        assert "Look into your mail" in answer.content.decode()
    assert Delivery.objects.count() == 5

    for number in range(20):
        client.post(PAGE, {"topic": "country:PK", "email": f"a{number}@example.org"})
    assert Delivery.objects.count() < 20  # from one network
    cache.clear()


def test_confirming_twice_is_once(client, link):
    first, second = client.post(link), client.post(link)

    assert first["Location"] == second["Location"]
    assert Subscriber.objects.get().address == ADDRESS
    assert Follow.objects.count() == 1


def test_whoever_has_an_account_follows_with_it(client, link):
    user = UserFactory(email=ADDRESS)

    assert client.post(link)["Location"] == "/desk/notifications/"

    assert Follow.objects.get().subscriber.user == user


def test_forged_and_old_links_do_nothing(client, link, monkeypatch):
    assert client.post(link[:-3] + "xx/").status_code == 404
    monkeypatch.setattr("notifications.links.TO_CONFIRM_IN", timedelta(seconds=-1))
    response = client.post(link)

    assert response.status_code == 404
    assert "This link no longer holds" in response.content.decode()
    assert not Subscriber.objects.exists()


# --- The page of an address alone


def test_address_alone_chooses_rhythm_and_zone_by_its_link(client, alone):
    page = mine_path(alone)
    html = client.get(page).content.decode()
    assert "Pakistan" in html
    assert "email_stays" not in html  # what concerns people with accounts
    assert "inbox_" not in html

    names = re.findall(r'name="(email_\w+)"', html)
    data = {
        **dict.fromkeys(names, "daily"),
        "quiet_from": "",
        "quiet_until": "",
        "time_zone": "Asia/Karachi",
        "save": "1",
    }
    assert client.post(page, data)["Location"] == page

    alone.refresh_from_db()
    assert alone.time_zone == "Asia/Karachi"
    assert set(Preference.objects.values_list("rhythm", flat=True)) == {"daily"}
    assert client.post(page, {**data, "time_zone": "Mars/Base"}).status_code == 422


def test_address_alone_stops_a_topic_and_everything(client, alone, officer):
    page = mine_path(alone)
    open_offer(offer=OfferFactory(), by=officer)
    client.post(page, {"stop": "country:PK"})
    assert not Follow.objects.exists()
    assert Delivery.objects.get().state == "cancelled"

    assert "Your address is forgotten" in client.post(page, {"forget": "1"}).content.decode()

    assert not Subscriber.objects.exists()
    assert not Delivery.objects.exists()
    assert client.get(page).status_code == 404


def test_link_of_another_does_not_open_the_page(client, alone):
    user = UserFactory()
    (subscriber,) = Subscriber.objects.of_users([user])
    page = mine_path(alone)
    assert client.get(page[:-4] + "abc/").status_code == 404
    assert client.get(page.replace(alone.token, subscriber.token)).status_code == 404
    assert mine_path(subscriber) == "/desk/notifications/"


def test_account_takes_over_what_its_address_followed(alone, officer):
    open_offer(offer=OfferFactory(), by=officer)
    user = UserFactory(email=ADDRESS)

    take_over_address(user=user, address="ADA@example.org")

    kept = Subscriber.objects.get()
    assert kept.user == user
    assert Follow.objects.get().subscriber == kept
    assert Delivery.objects.get().subscriber == kept
    assert Notification.objects.get().subscriber == kept


def test_confirming_the_address_of_an_account_takes_over(rf, alone):
    from allauth.account.models import EmailAddress

    from anso_portal.adapter import AccountAdapter

    user = UserFactory(email=ADDRESS)
    address, _made = EmailAddress.objects.update_or_create(
        user=user, email=ADDRESS, defaults={"verified": False, "primary": True}
    )
    request = rf.get("/")
    request._messages = CookieStorage(request)
    AccountAdapter().confirm_email(request, address)

    assert Subscriber.objects.get().user == user
