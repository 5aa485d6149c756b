"""The protocol with a mail server that answers as real ones do: yes, later, never, or not at all."""

import socket

import pytest
from aiosmtpd.controller import Controller
from django.db.models.functions import Now

from notifications import outbox
from notifications.emails import register_writer
from notifications.models import Delivery, Subscriber
from notifications.sender import drain
from tests.factories import UserFactory
from tests.notifications.conftest import parse

pytestmark = pytest.mark.django_db


class Sink:
    """Takes everything, unless `rcpt` or `data` hold an answer for the next question; "drop" hangs up."""

    def __init__(self):
        self.messages, self.rcpt, self.data, self.mail, self.connections = [], [], [], [], 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        answer = self.mail.pop(0) if self.mail else "250 OK"
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answer = self.rcpt.pop(0) if self.rcpt else "250 OK"
        if answer == "drop":
            server.transport.abort()
        elif answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        answer = self.data.pop(0) if self.data else "250 queued"
        if answer.startswith(("250", "drop")):
            self.messages.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        if answer == "drop":
            server.transport.abort()
        return answer


@pytest.fixture
def sink(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    sink = Sink()
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    settings.MAIL_TRANSPORT = "notifications.transport.SmtpTransport"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_TIMEOUT = 5
    sink.connections = 0
    yield sink
    controller.stop()


def again() -> None:
    """The wait is over for what shall be tried again."""
    Delivery.objects.filter(state="retry").update(next_at=Now())


def one() -> Delivery:
    return Delivery.objects.get()


def test_batch_goes_over_one_connection(sink, delivery, settings):
    settings.DEFAULT_FROM_EMAIL = "ANSO Portal <portal@portal.example>"
    rows = [delivery() for _ in range(5)]

    assert drain() == {"sent": 5}

    assert [(sender, to) for sender, to, _content in sink.messages] == [
        ("portal@portal.example", [row.address]) for row in rows
    ]
    assert sink.connections == 1
    assert [parse(content)["Message-ID"] for _sender, _to, content in sink.messages] == [row.message_id for row in rows]
    assert set(Delivery.objects.values_list("state", "smtp_reply")) == {("sent", "250 queued")}


@pytest.mark.parametrize("place", ["mail", "rcpt", "data"])
def test_not_now_is_tried_again_and_sent_once(sink, delivery, place):
    delivery()
    getattr(sink, place).append("451 greylisted")

    assert drain() == {"later": 1}
    row = one()
    assert (row.state, row.phase, row.uncertain) == ("retry", "", 0)
    assert "451 greylisted" in row.last_error
    again()

    assert drain() == {"sent": 1}
    assert len(sink.messages) == 1


def test_refused_address_is_given_up_and_flagged_and_the_next_one_is_sent(sink, delivery):
    reader = Subscriber.objects.create(user=UserFactory(email="gone@example.org"))
    gone = delivery(subscriber=reader, address="gone@example.org")
    delivery()
    sink.rcpt.append("550 no such user")

    assert drain() == {"refused": 1, "sent": 1}

    gone.refresh_from_db()
    assert (gone.state, gone.last_error) == ("dead", "550 no such user")
    reader.refresh_from_db()
    assert reader.is_refused
    assert len(sink.messages) == 1


def test_refused_message_is_given_up_and_the_address_is_not_blamed(sink, delivery):
    reader = Subscriber.objects.create(user=UserFactory(email="here@example.org"))
    delivery(subscriber=reader, address="here@example.org")
    sink.data.append("554 looks like spam")

    assert drain() == {"refused": 1}

    assert one().state == "dead"
    reader.refresh_from_db()
    assert not reader.is_refused


def test_server_that_does_not_want_us_kills_no_row(sink, delivery):
    for _ in range(3):
        delivery()
    sink.mail.append("550 sender not allowed")

    assert drain() == {"later": 1}

    assert set(Delivery.objects.values_list("state", flat=True)) == {"retry", "pending"}


def test_connection_lost_before_the_message_is_no_doubt(sink, delivery):
    delivery()
    sink.rcpt.append("drop")

    assert drain() == {"later": 1}

    assert (one().state, one().uncertain) == ("retry", 0)
    assert sink.messages == []


def test_connection_lost_after_the_message_is_a_counted_doubt_and_a_repeat_is_the_same_message(sink, delivery):
    delivery()
    sink.data.append("drop")

    assert drain() == {"in doubt": 1}
    assert (one().state, one().uncertain) == ("retry", 1)
    again()
    assert drain() == {"sent": 1}

    (_from, _to, first), (_from, _to, second) = sink.messages
    assert first == second
    assert parse(first)["Message-ID"] == one().message_id


def test_secret_in_doubt_waits_for_a_person(sink, delivery):
    delivery(sensitive=True)
    sink.data.append("drop")

    assert drain() == {"in doubt": 1}
    assert drain() == {}

    assert (one().state, one().uncertain) == ("uncertain", 1)


def test_server_away_delays_all_and_asks_once(sink, delivery, settings, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH", {"email": 20, "webhook": 10})
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = probe.getsockname()[1]
    for _ in range(100):
        delivery()

    assert drain() == {"later": 3}  # one question per batch of twenty, and no fourth one

    tried = Delivery.objects.filter(state="retry", attempts=1)
    assert tried.count() == 3
    assert Delivery.objects.filter(state="pending", attempts=0, next_at__gt=Now()).count() == 57
    assert Delivery.objects.due().count() == 40


def test_server_that_closes_for_today_is_asked_no_more(sink, delivery):
    for _ in range(3):
        delivery()
    sink.rcpt.append("421 closing")

    assert drain() == {"later": 1}

    assert sorted(Delivery.objects.values_list("state", "attempts")) == [("pending", 0), ("pending", 0), ("retry", 1)]


def test_address_that_smtp_cannot_carry_is_refused_here(sink, delivery):
    delivery(address="бухгалтер@example.org")
    delivery(address="reader@пример.рф")

    assert drain() == {"refused": 1, "sent": 1}

    assert [to for _from, to, _content in sink.messages] == [["reader@xn--e1afmkfd.xn--p1ai"]]


def test_lines_that_begin_with_a_dot_arrive_whole(sink, delivery):
    from notifications.emails import Letter

    register_writer("test.dots", lambda row: Letter(subject="Dots", heading=".", paragraphs=(".", "..", "...")))
    delivery(purpose="test.dots")

    drain()

    (_from, _to, content) = sink.messages[0]
    text = parse(content).get_body(("plain",)).get_content().split()
    assert text[:4] == [".", ".", "..", "..."]
