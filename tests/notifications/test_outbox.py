from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from notifications import outbox
from notifications.actions import post_mail
from notifications.emails import Letter, ObsoleteError, register_writer, secret_of
from notifications.models import Delivery, Subscriber
from notifications.sender import drain
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def pass_time(row: Delivery, by: timedelta) -> None:
    """Time passes for a lease: its end moves nearer."""
    Delivery.objects.filter(pk=row.pk).update(lease_until=F("lease_until") - by)


def claim_one() -> Delivery:
    (row,) = outbox.claim("me")
    return row


def test_claim_takes_a_hundred_due_rows_oldest_first_and_counts_the_attempt(delivery):
    later = delivery(next_at=Now() + timedelta(minutes=1))
    due = [delivery(next_at=Now() - timedelta(minutes=n)) for n in range(105)]
    for state in ["sent", "dead", "held", "cancelled", "uncertain"]:
        delivery(state=state, sent_at=Now())

    first, second, third = outbox.claim("a"), outbox.claim("b"), outbox.claim("c")

    assert [row.pk for row in first] == [row.pk for row in due[:4:-1]]
    assert [row.pk for row in second] == [row.pk for row in due[4::-1]]
    assert third == []
    assert {(row.state, row.attempts, row.owner) for row in first} == {("leased", 1, "a")}
    assert len({row.lease for row in first}) == 1 != len({row.lease for row in first + second})
    later.refresh_from_db()
    assert later.state == "pending"


def test_row_that_died_with_its_sender_is_claimed_alone(delivery):
    for _ in range(3):
        delivery(crashes=1)
    whole = delivery()

    assert outbox.claim("me") == [whole]
    assert [len(outbox.claim("me", crashed=True)) for _ in range(4)] == [1, 1, 1, 0]


def test_fence_holds_once_for_the_lease_and_prolongs_it(delivery):
    delivery()
    row = claim_one()

    assert outbox.pass_fence([row]) == {row.pk}

    stored = Delivery.objects.get()
    assert stored.phase == "data"
    assert stored.lease_until > row.lease_until + timedelta(minutes=8)


def test_fence_is_closed_when_the_lease_ran_out(delivery):
    delivery()
    row = claim_one()
    pass_time(row, outbox.LEASE)

    assert outbox.pass_fence([row]) == set()
    assert Delivery.objects.get().phase == ""


def test_fence_is_closed_to_a_sender_whose_row_another_one_has(delivery):
    delivery()
    slow = claim_one()
    pass_time(slow, outbox.LEASE)
    assert outbox.reap() == 1
    (again,) = outbox.claim("other", crashed=True)

    assert outbox.pass_fence([slow]) == set()
    assert outbox.mark_sent(slow.lease, [(slow.pk, "250")]) == 0
    outbox.try_later(slow, "late")
    outbox.give_up(slow, "late")
    assert outbox.pass_fence([again]) == {again.pk}


def test_reaped_before_the_fence_is_tried_again_without_doubt(delivery):
    delivery()
    pass_time(claim_one(), outbox.LEASE)

    assert outbox.reap() == 1

    row = Delivery.objects.get()
    assert (row.state, row.phase, row.crashes, row.uncertain) == ("retry", "", 1, 0)


def test_reaped_in_data_is_in_doubt_and_sent_again(delivery):
    delivery()
    row = claim_one()
    outbox.pass_fence([row])
    pass_time(row, outbox.LEASE_IN_DATA)

    assert outbox.reap() == 1

    row.refresh_from_db()
    assert (row.state, row.phase, row.crashes, row.uncertain) == ("retry", "", 1, 1)


def test_secret_reaped_in_data_waits_for_a_person(delivery):
    delivery(sensitive=True)
    row = claim_one()
    outbox.pass_fence([row])
    pass_time(row, outbox.LEASE_IN_DATA)

    outbox.reap()

    row.refresh_from_db()
    assert (row.state, row.uncertain) == ("uncertain", 1)


def test_living_lease_is_left_alone(delivery):
    delivery()
    claim_one()

    assert outbox.reap() == 0


def test_three_crashes_end_a_row(delivery):
    delivery()
    pass_time(claim_one(), outbox.LEASE)
    outbox.reap()
    for _ in range(2):
        (row,) = outbox.claim("me", crashed=True)
        pass_time(row, outbox.LEASE)
        outbox.reap()

    row.refresh_from_db()
    assert (row.state, row.crashes, row.attempts) == ("dead", 3, 3)


def test_slow_sender_may_still_say_that_it_sent(delivery):
    delivery()
    row = claim_one()
    outbox.pass_fence([row])
    pass_time(row, outbox.LEASE_IN_DATA)
    outbox.reap()

    assert outbox.mark_sent(row.lease, [(row.pk, "250 ok")]) == 1

    row.refresh_from_db()
    assert (row.state, row.uncertain, row.smtp_reply) == ("sent", 1, "250 ok")


def test_sent_secret_forgets_what_it_was_made_of(delivery):
    delivery(sensitive=True, context={"ip": "192.0.2.1"})
    delivery(context={"n": 1})

    for row in outbox.claim("me"):
        outbox.mark_sent(row.lease, [(row.pk, "250")])

    assert [row.context for row in Delivery.objects.order_by("pk")] == [{}, {"n": 1}]


def test_try_later_waits_longer_each_time_and_keeps_the_reason(delivery):
    delivery()
    row = claim_one()

    outbox.try_later(row, "451 busy")

    row.refresh_from_db()
    assert (row.state, row.last_error, row.uncertain) == ("retry", "451 busy", 0)
    assert not Delivery.objects.due().exists()


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (2, 2), (5, 16), (9, 256), (40, 360)])
def test_back_off_doubles_up_to_six_hours_give_or_take_half(attempts, minutes):
    waits = [outbox.back_off(attempts) / timedelta(minutes=1) for _ in range(200)]

    assert minutes / 2 <= min(waits) <= max(waits) <= min(minutes * 1.5, 360)
    assert len(set(waits)) > 1


def test_row_is_given_up_after_its_time(delivery):
    delivery(give_up_at=Now() - timedelta(seconds=1))
    row = claim_one()

    outbox.try_later(row, "451 busy")

    row.refresh_from_db()
    assert row.state == "dead"


def test_delivery_has_three_days(delivery):
    row = delivery()
    row.refresh_from_db()

    assert row.give_up_at - row.created_at == timedelta(days=3)


def test_refused_address_is_flagged_until_it_changes(delivery):
    reader = UserFactory(email="gone@example.org")
    subscriber = Subscriber.objects.create(user=reader)
    delivery(subscriber=subscriber, address="gone@example.org")

    outbox.give_up(claim_one(), "550 no such user", address_refused=True)

    subscriber.refresh_from_db()
    assert Delivery.objects.get().state == "dead"
    assert subscriber.is_refused
    reader.email = "new@example.org"
    reader.save()
    assert not Subscriber.objects.get().is_refused


def test_released_rows_are_as_if_never_claimed(delivery):
    delivery()
    delivery(state="retry", attempts=2)

    outbox.release(outbox.claim("me"))

    assert list(Delivery.objects.order_by("pk").values_list("state", "attempts")) == [("pending", 0), ("retry", 2)]
    assert Delivery.objects.due().count() == 2


def test_renewed_rows_are_not_reaped(delivery):
    delivery()
    row = claim_one()
    pass_time(row, timedelta(seconds=119))

    outbox.renew([row])

    pass_time(row, timedelta(seconds=100))
    assert outbox.reap() == 0


def test_secret_is_kept_sealed_and_wiped_when_sent(db):
    post_mail(address="reader@example.org", purpose="test", secret="BCDF-GHJK")
    row = claim_one()
    assert "BCDF" not in repr(Delivery.objects.values().get())
    assert secret_of(row) == "BCDF-GHJK"

    outbox.mark_sent(row.lease, [(row.pk, "250")])

    assert Delivery.objects.get().secret == ""


@pytest.mark.parametrize("state", ["pending", "dead", "cancelled", "uncertain"])
def test_secret_whose_time_is_over_is_wiped_wherever_it_stayed(db, state):
    late = post_mail(address="a@example.org", purpose="test", secret="BCDF-GHJK", secret_for=timedelta(0))
    early = post_mail(address="b@example.org", purpose="test", secret="BCDF-GHJK")
    Delivery.objects.update(state=state)

    assert outbox.wipe_secrets() == 1

    late.refresh_from_db()
    early.refresh_from_db()
    with pytest.raises(ObsoleteError):
        secret_of(late)
    assert secret_of(early) == "BCDF-GHJK"


def test_mail_whose_secret_is_over_is_called_off(db, mail_folder):
    register_writer("secret", lambda row: Letter(subject=secret_of(row), heading=""))
    post_mail(address="a@example.org", purpose="secret", secret="BCDF-GHJK", secret_for=timedelta(0))
    post_mail(address="b@example.org", purpose="secret", secret="BCDF-GHJK")

    assert drain() == {"obsolete": 1, "sent": 1}
    assert set(Delivery.objects.values_list("secret", flat=True)) == {""}


@pytest.mark.parametrize(
    ("crashed", "channel", "index"),
    [
        (False, "email", "delivery_due "),
        (True, "email", "delivery_due_crashed "),
        (False, "webhook", "delivery_due_webhook "),
        (True, "webhook", "delivery_due_"),
    ],
)
def test_due_rows_are_found_by_an_index_however_many_wait(delivery, crashed, channel, index):
    """Ten thousand mails of one moment would be sorted for each hundred, and looked through for a webhook that is not there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notifications_delivery (address, purpose, idem, message_id)"
            " SELECT 'a@example.org', 'test', 'n' || n, '<' || n || '@x>' FROM generate_series(1, 3000) n"
        )
        cursor.execute("ANALYZE notifications_delivery")

    plan = outbox.waiting(crashed=crashed, channel=channel)[:100].explain()

    assert index in plan
    assert "Sort" not in plan
