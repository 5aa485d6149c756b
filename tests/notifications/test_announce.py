from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.db.transaction import TransactionManagementError

from exchanges.actions.offers import open_offer
from notifications import kinds
from notifications.actions import announce
from notifications.fanout import ANNOUNCEMENT, fan_out, identity
from notifications.following import stop_mail
from notifications.models import Delivery, Event, Notification, Subscriber
from tests.factories import OfferFactory, ThemeFactory, UserFactory

pytestmark = pytest.mark.django_db

KIND = "offer.opened"
CONTEXT = {"host": "Institution A"}


def told() -> list:
    return sorted(Notification.objects.values_list("subscriber__user__email", flat=True))


def test_opened_offer_is_told_to_followers_once_with_its_reason(offer, officer, follower):
    reader = follower("country:PK")
    follower("country:NP")

    open_offer(offer=offer, by=officer)

    event = Event.objects.get()
    assert (event.kind, event.actor, event.subject_label) == (KIND, officer, "exchanges.offer")
    assert event.subject_id == str(offer.pk)
    assert event.topics == offer.topics()
    assert event.facts["title"] == "Two places in Gwadar"
    assert event.facts["address"] == offer.get_absolute_url()
    notification = Notification.objects.get()
    assert (notification.subscriber.user, notification.event, notification.read_at) == (reader, event, None)
    assert (notification.topic, notification.reason) == ("country:PK", "Pakistan")
    delivery = Delivery.objects.get()
    assert (delivery.address, delivery.purpose, delivery.state) == (reader.email, KIND, "pending")
    assert list(delivery.notifications.all()) == [notification]


def test_several_topics_of_one_reader_make_one_notification_with_the_first_reason(officer, follower):
    theme = ThemeFactory(name="Water")
    offer = OfferFactory()
    offer.themes.add(theme)
    follower(f"theme:{theme.pk}", "country:PK")

    open_offer(offer=offer, by=officer)

    assert [item.reason for item in Notification.objects.all()] == ["Pakistan"]
    assert Delivery.objects.get() == Notification.objects.get().delivery


def test_actor_inactive_users_and_unconfirmed_addresses_are_not_told(offer, follower):
    actor = follower("country:PK", roles=["officer"])
    follower("country:PK", is_active=False)
    unconfirmed = Subscriber.objects.create(address="later@example.org")
    unconfirmed.follows.create(topic="country:PK", label="Pakistan", address="/countries/PK/")

    open_offer(offer=offer, by=actor)

    assert Event.objects.count() == 1
    assert not Notification.objects.exists()
    assert not Delivery.objects.exists()


def test_confirmed_address_alone_gets_mail(offer, officer):
    subscriber = Subscriber.objects.create(address="Only@example.org", confirmed_at=datetime(2026, 1, 1, tzinfo=UTC))
    subscriber.follows.create(topic="country:PK", label="Pakistan", address="/countries/PK/")

    open_offer(offer=offer, by=officer)

    assert [row.address for row in Delivery.objects.all()] == ["Only@example.org"]


def test_followers_do_not_hear_of_what_a_visitor_may_not_see(offer, officer, follower):
    follower("country:PK")
    duty = UserFactory()

    announce(KIND, offer, actor=officer, about=offer.topics(), to=[duty], context=CONTEXT)

    notification = Notification.objects.get()
    assert (notification.subscriber.user, notification.topic, notification.reason) == (duty, "", "")


def test_named_people_are_told_once_even_if_they_follow_and_are_named_twice(officer, follower):
    offer = OfferFactory(open=True)
    reader = follower("country:PK")

    announce(KIND, offer, actor=officer, about=["country:PK"], to=[reader, reader.subscriber, officer], context=CONTEXT)

    assert told() == [reader.email]
    assert Notification.objects.get().topic == ""


def test_mail_of_a_kind_that_was_stopped_stays_in_the_inbox(offer, officer, follower):
    reader = follower("country:PK")
    stop_mail(kind=KIND, subscriber=reader.subscriber)

    open_offer(offer=offer, by=officer)

    assert told() == [reader.email]
    assert not Delivery.objects.exists()


def test_fan_out_again_adds_nothing(offer, officer, follower):
    follower("country:PK")
    open_offer(offer=offer, by=officer)

    assert fan_out(Event.objects.get(), named=[], public=True) == 0

    assert Delivery.objects.get() == Notification.objects.get().delivery


def test_identity_of_a_delivery_is_the_one_that_python_computes(offer, officer, follower, settings):
    settings.MAIL_DOMAIN = "portal.example"
    reader = follower("country:PK")

    open_offer(offer=offer, by=officer)

    delivery = Delivery.objects.get()
    assert delivery.idem == identity(Event.objects.get().pk, reader.subscriber.pk, "email", ANNOUNCEMENT)
    assert delivery.message_id == f"<{delivery.idem[:32]}@portal.example>"


@pytest.mark.parametrize("count", [1, 30])
def test_announcing_takes_the_same_statements_for_any_number(count, officer, follower, django_assert_num_queries):
    offer = OfferFactory(open=True)
    for _ in range(count):
        follower("country:PK")

    with django_assert_num_queries(3):  # may a visitor see it, the event, all that follows from it
        announce(KIND, offer, actor=officer, about=["country:PK"], context=CONTEXT)

    assert Delivery.objects.count() == count


def test_facts_are_frozen_when_it_happens(offer, officer, follower):
    follower("country:PK")
    open_offer(offer=offer, by=officer)

    offer.title = "Another title"
    offer.save()

    assert Notification.objects.get().event.headline == "New exchange offer: Two places in Gwadar"


def test_dates_and_numbers_are_frozen_and_shown(offer, officer):
    event = announce(
        KIND,
        offer,
        actor=officer,
        context={
            **CONTEXT,
            "starts_on": date(2027, 3, 1),
            "ends_on": datetime(2027, 3, 9, 12, tzinfo=UTC),
            "places": 2,
            "place": "",
            "apply_by": None,
        },
    )

    event.refresh_from_db()
    assert dict(kinds.get(KIND).shown_rows(event.facts)) == {
        "From": "1 Mar 2027",
        "Until": "9 Mar 2027, 12:00 UTC",
        "Places": "2",
    }


def test_unknown_kind_is_refused(offer, officer):
    with pytest.raises(LookupError, match=r"no\.such"):
        announce("no.such", offer, actor=officer)

    assert not Event.objects.exists()


def test_missing_fact_is_refused(offer, officer):
    with pytest.raises(KeyError, match="host"):
        announce(KIND, offer, actor=officer)

    assert not Event.objects.exists()


def test_event_of_a_kind_that_left_the_code_still_has_a_headline():
    assert Event(kind="long.gone", facts={"title": "100 % yours"}).headline == "100 % yours"


def test_rollback_leaves_nothing(offer, officer, follower):
    follower("country:PK")

    with transaction.atomic():
        open_offer(offer=offer, by=officer)
        transaction.set_rollback(True)

    assert not Event.objects.exists()
    assert not Notification.objects.exists()
    assert not Delivery.objects.exists()
    offer.refresh_from_db()
    assert offer.state == "draft"


def test_announcing_outside_a_transaction_is_refused(offer, officer, monkeypatch):
    monkeypatch.setattr("notifications.actions.connection", SimpleNamespace(in_atomic_block=False))

    with pytest.raises(TransactionManagementError, match="inside the transaction"):
        announce(KIND, offer, actor=officer, context=CONTEXT)
