"""Mail to many before it goes: seen, held, worded anew, released or called off by officers."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from exchanges.actions.offers import open_offer
from notifications import kinds
from notifications.bulk import call_off_event, hold_event, hold_kind, let_kind_go, release_event, waiting, word_event
from notifications.models import Delivery, Event, HeldKind, Notification
from notifications.outbox import claim
from notifications.sender import drain
from notifications.texts import forget, save_text
from tests.factories import OfferFactory, UserFactory
from toolkit.clock import database_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def readers(follower):
    return [follower("country:PK") for _ in range(3)]


@pytest.fixture
def opened(readers, officer):
    """opened() is the event of an offer of which three readers hear by mail."""

    def make(title="Two places"):
        open_offer(offer=OfferFactory(title=title), by=officer)
        return Event.objects.get(kind="offer.opened", facts__title=title)

    return make


def states() -> list[str]:
    return sorted(Delivery.objects.values_list("state", flat=True))


def test_what_goes_to_many_waits_for_a_moment(opened, settings, officer):
    settings.MAIL_BULK, settings.MAIL_BULK_PAUSE = 3, 600
    event = opened()
    wait = Delivery.objects.first().next_at - database_now()
    assert timedelta(seconds=540) < wait <= timedelta(seconds=600)
    assert [(row["event"], row["number"], row["held"]) for row in waiting(officer)] == [(event, 3, 0)]
    assert not claim("test")
    assert Notification.objects.count() == 3

    assert release_event(event=event, by=officer) == 3
    assert len(claim("test")) == 3


def test_what_goes_to_few_goes_at_once(opened, settings, officer):
    settings.MAIL_BULK, settings.MAIL_BULK_PAUSE = 4, 600
    opened()
    assert waiting(officer) == []
    assert len(claim("test")) == 3


def test_mail_of_a_held_kind_waits_until_it_is_released(opened, officer, mail_folder):
    hold_kind(kind=kinds.get("offer.opened"), by=officer)
    hold_kind(kind=kinds.get("offer.opened"), by=officer)
    event = opened()
    assert states() == ["held"] * 3
    assert not drain()

    let_kind_go(kind=kinds.get("offer.opened"), by=officer)
    assert states() == ["held"] * 3
    release_event(event=event, by=officer)
    assert drain() == {"sent": 3}


def test_held_mail_is_worded_anew(opened, officer, read_mails):
    event = opened()
    hold_event(event=event, by=officer)
    word_event(event=event, language="en", subject="Go: %(title)s", sentence="100 %% paid.", by=officer)
    release_event(event=event, by=officer)
    drain()
    assert {mail["Subject"] for mail in read_mails()} == {"Go: Two places"}
    assert "100 % paid." in read_mails()[0].get_body(("plain",)).get_content()
    assert Notification.objects.select_related("event").first().event.headline == "Go: Two places"


def test_what_may_have_reached_somebody_is_sent_again_as_it_was(opened, officer):
    event = opened()
    hold_event(event=event, by=officer)
    first, second, _third = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(subject="As it was", body_text="x", uncertain=1)
    Delivery.objects.filter(pk=second.pk).update(subject="As it was", body_text="x")
    word_event(event=event, language="en", subject="Anew", sentence="", by=officer)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.subject, second.subject) == ("As it was", "")


def test_words_are_refused_while_mail_is_about_to_go_and_where_a_name_is_wrong(opened, officer):
    event = opened()
    with pytest.raises(ValidationError, match="Hold it first"):
        word_event(event=event, language="en", subject="Anew", sentence="", by=officer)
    hold_event(event=event, by=officer)
    with pytest.raises(ValidationError, match="There is no"):
        word_event(event=event, language="en", subject="%(nothing)s", sentence="", by=officer)


def test_mail_is_called_off_and_the_inbox_tells_it_still(opened, officer):
    event = opened()
    assert call_off_event(event=event, by=officer) == 3
    assert states() == ["cancelled"] * 3
    assert Notification.objects.filter(in_inbox=True).count() == 3
    assert call_off_event(event=event, by=officer) == 0


@pytest.mark.parametrize("act", [hold_event, release_event, call_off_event])
def test_others_cannot_touch_it(opened, act):
    with pytest.raises(PermissionDenied):
        act(event=opened(), by=UserFactory())
    with pytest.raises(PermissionDenied):
        hold_kind(kind=kinds.get("offer.opened"), by=UserFactory())


def test_officer_does_it_on_the_pages(client, opened, officer):
    client.force_login(officer)
    client.post("/desk/outbox/kinds/", {"kind": "offer.opened"})
    event = opened()
    page = client.get("/desk/outbox/").content.decode()
    assert "New exchange offer: Two places" in page
    assert "3 mails" in page
    address = f"/desk/outbox/{event.pk}/"
    page = client.get(address).content.decode()
    assert "You get this because you follow Pakistan" in page  # as it reads
    assert "held: 3" in page

    refused = client.post(address, {"word": "1", "subject": "%(nothing)s", "sentence": "My words"})
    assert refused.status_code == 422
    assert "My words" in refused.content.decode()
    client.post(address, {"word": "1", "subject": "Go: %(title)s", "sentence": ""})
    assert "Go: Two places" in client.get(address).content.decode()
    assert "3 mails go now." in client.post(address, {"release": "1"}, follow=True).content.decode()
    assert states() == ["pending"] * 3
    client.post("/desk/outbox/kinds/", {"kind": "offer.opened", "let_go": "1"})
    assert not HeldKind.objects.exists()


def test_pages_cost_the_same_for_one_and_for_three(client, opened, officer, django_assert_max_num_queries):
    client.force_login(officer)
    hold_kind(kind=kinds.get("offer.opened"), by=officer)
    opened("One")
    client.get("/desk/outbox/")
    with django_assert_max_num_queries(12) as first:
        client.get("/desk/outbox/")
    opened("Two")
    opened("Three")
    with django_assert_max_num_queries(len(first)):
        client.get("/desk/outbox/")


def test_mail_that_somebody_waits_for_cannot_be_held(client, officer):
    client.force_login(officer)
    sensitive = next(kind for area in kinds.areas() for kind in kinds.in_area(area.name) if kind.sensitive)
    assert f'value="{sensitive.name}"' not in client.get("/desk/outbox/").content.decode()
    assert client.post("/desk/outbox/kinds/", {"kind": sensitive.name}).status_code == 404
    assert not HeldKind.objects.exists()


def test_form_begins_with_the_words_in_force(client, opened, officer):
    client.force_login(officer)
    save_text(kind=kinds.get("offer.opened"), language="en", subject="Come: %(title)s", sentence="", by=officer)
    forget()  # as the commit does
    event = opened()
    hold_event(event=event, by=officer)
    assert 'value="Come: %(title)s"' in client.get(f"/desk/outbox/{event.pk}/").content.decode()


def test_officer_sees_how_it_reads_and_not_the_readers_own_links(client, opened, officer):
    client.force_login(officer)
    event = opened()
    hold_event(event=event, by=officer)
    html = client.get(f"/desk/outbox/{event.pk}/").content.decode()
    assert "How it reads" in html
    assert "New exchange offer" in html
    assert "/notifications/stop/…" in html
    keys = re.compile(r"/notifications/(stop|mine)/[\w-]")
    assert not keys.search(html)
    Delivery.objects.update(state="pending")
    drain()
    sent = Delivery.objects.order_by("pk").first()
    assert keys.search(sent.body_text)
    page = client.get(f"/admin/notifications/delivery/{sent.pk}/change/").content.decode()
    assert "/notifications/stop/…" in page
    assert not keys.search(page)
