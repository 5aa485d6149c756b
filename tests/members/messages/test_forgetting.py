"""Messages go after a while, and with the account; what is known of a person."""

import datetime
import uuid

import pytest
from django.core.management import call_command
from django.utils import timezone

from anso_portal.closing import all_joins, erase_account, own_data
from members.actions.messages import answer_message, forget_old_messages, report_message, send_message
from members.models import Message, MessageBlock
from members.tasks import forget_messages
from notifications.models import Delivery, Event, Notification
from tests.factories import PersonFactory, UserFactory
from tests.members.messages.acts import SECRETS, browser, mails, member, write
from toolkit.personal import join_rows

pytestmark = pytest.mark.django_db


# --- Forgetting


def age(message, days):
    Message.objects.filter(pk=message.pk).update(sent_at=timezone.now() - datetime.timedelta(days=days))


@pytest.mark.parametrize("times", [1, 2])
def test_message_is_forgotten_with_all_that_was_told_of_it(message, reader, settings, tmp_path, times):
    mails(settings, tmp_path)
    write(member("other@example.org", "Other"), subject="New")
    age(message, 181)

    for _ in range(times):
        forget_messages()

    assert [kept.subject for kept in Message.objects.all()] == ["New"]
    assert Event.objects.count() == Notification.objects.count() == Delivery.objects.count() == 1


def test_message_is_kept_for_180_days_and_a_report_until_somebody_has_looked(message, reader, officer):
    age(message, 179)
    assert forget_old_messages() == 0
    report_message(message=message, reason="", by=reader)
    age(message, 181)
    assert forget_old_messages() == 0
    browser(officer).post(f"{message.get_absolute_url()}handle/", {"outcome": "close"})

    assert forget_old_messages() == 1


def test_answer_outlives_what_it_answers(message, reader, writer):
    answer = answer_message(message=message, by=reader, text="Yes.", token=uuid.uuid4())
    age(message, 181)

    forget_old_messages()

    assert browser(writer).get(answer.get_absolute_url()).status_code == 200


def test_many_old_messages_go_in_parts(message, monkeypatch, reader):
    monkeypatch.setattr("members.actions.messages.FORGOTTEN_AT_ONCE", 2)
    for number in range(4):
        age(send_message(to=reader.person, by=message.sender, subject=str(number), text="x", token=uuid.uuid4()), 200)

    assert forget_old_messages() == 4
    assert Message.objects.get() == message


def test_clock_forgets_old_messages(settings):
    assert "members.forget_old_messages" in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    call_command("check")


# --- What the portal knows of a person


def test_export_holds_what_was_written_and_received_and_no_address_of_others(message, writer, reader):
    write(writer, subject="Withheld")
    Message.objects.filter(subject="Withheld").update(withheld=True)
    MessageBlock.objects.create(blocker=reader, blocked=UserFactory())

    known = own_data(reader)

    assert [got["subject"] for got in known["messages_received"]] == ["Glacier lakes"]
    assert known["messages_sent"] == []
    assert known["senders_blocked"] == 1
    assert known["profile"]["takes_messages"] is True
    assert SECRETS[0] not in str(known)
    assert [sent["subject"] for sent in own_data(writer)["messages_sent"]] == ["Glacier lakes", "Withheld"]


@pytest.mark.parametrize("who", ["writer", "reader"])
def test_closed_account_takes_its_messages_along_with_all_that_told_of_them(message, writer, reader, who):
    MessageBlock.objects.create(blocker=reader, blocked=writer)
    MessageBlock.objects.create(blocker=None, blocked=writer)

    erase_account(user=writer if who == "writer" else reader, by=writer if who == "writer" else reader)

    assert not Message.objects.exists()
    assert not Event.objects.filter(kind="message.received").exists()
    assert not Notification.objects.exists()
    assert not Delivery.objects.filter(purpose="message.received").exists()
    assert MessageBlock.objects.count() == (0 if who == "writer" else 1)


def test_joined_accounts_have_the_messages_of_both_but_for_those_between_them(message, writer, reader):
    third = member("third@example.org", "Third")
    PersonFactory(user=third, slug="third")
    write(third)
    write(writer, slug="third", subject="To the other account")
    MessageBlock.objects.create(blocker=reader, blocked=third)
    MessageBlock.objects.create(blocker=writer, blocked=third)

    join_rows(third, writer, all_joins())

    assert sorted(Message.objects.values_list("sender", "recipient", "subject")) == [
        (third.pk, reader.pk, "Glacier lakes"),
        (third.pk, reader.pk, "Glacier lakes"),
    ]
    assert list(MessageBlock.objects.values_list("blocker", "blocked")) == [(reader.pk, third.pk)]
