"""Answers, and senders who are blocked without a sign."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.actions.messages import answer_message
from members.models import Message, MessageBlock
from notifications.models import Delivery, Notification
from notifications.sender import drain
from tests.desk import fields
from tests.members.messages.acts import SECRETS, browser, mails, write
from tests.pages import heading, links, words

pytestmark = pytest.mark.django_db


# --- Answering


def test_answer_goes_the_same_way_back(message, writer, reader, settings, tmp_path):
    page = browser(reader).get(message.get_absolute_url())
    assert "waits for you" in words(browser(reader).get("/desk/messages/"))

    response = browser(reader).post(
        f"{message.get_absolute_url()}answer/", {"text": "With pleasure.", "token": fields(page)["token"][0]}
    )

    answer = Message.objects.get(reply_to=message)
    assert response["Location"] == answer.get_absolute_url()
    assert (answer.sender, answer.recipient, answer.subject) == (reader, writer, "Re: Glacier lakes")
    assert "waits for you" not in words(browser(reader).get("/desk/messages/"))
    assert "from Ayesha Malik" in words(browser(writer).get(answer.get_absolute_url()))
    assert message.get_absolute_url() in links(browser(writer).get(answer.get_absolute_url()))
    assert answer.get_absolute_url() in links(browser(writer).get(message.get_absolute_url()))
    raws, found = mails(settings, tmp_path)
    assert sorted(mail["To"] for mail in found) == sorted(SECRETS)
    for raw, mail in zip(raws, found, strict=True):
        other = SECRETS[0] if mail["To"] == SECRETS[1] else SECRETS[1]
        assert other not in raw.decode() + mail.get_body(("plain",)).get_content()
    again = answer_message(message=answer, by=writer, text="Good.", token=uuid.uuid4())
    assert again.subject == "Re: Glacier lakes"


def test_invalid_answer_keeps_its_text(message, reader):
    address = f"{message.get_absolute_url()}answer/"

    response = browser(reader).post(address, {"text": "x" * 5001, "token": str(uuid.uuid4())})

    assert response.status_code == 422
    assert fields(response)["text"] == ["x" * 5001]
    assert heading(response) == "Glacier lakes"
    assert Message.objects.count() == 1


def test_message_needs_no_answer(message, reader):
    assert "message" in words(browser(reader).get("/desk/"))
    assert "Wanjiru Kiprotich" in words(browser(reader).get("/desk/"))

    assert browser(reader).post(f"{message.get_absolute_url()}settle/").status_code == 302

    assert "Wanjiru Kiprotich" not in words(browser(reader).get("/desk/"))


# --- Blocking: the sender sees no difference


def shape(user, call) -> tuple:
    """What a sender can tell: the answer, what follows from it, and the work done for it."""
    with CaptureQueriesContext(connection) as asked:
        response = call()
    page = browser(user).get(response["Location"])
    text = words(page).replace(response["Location"].split("/")[3], "KEY")
    return response.status_code, text, len(asked), [query["sql"].split()[0] for query in asked.captured_queries]


def test_blocked_sender_gets_the_same_answer_and_nothing_arrives(message, writer, reader, settings, tmp_path):
    drain()
    write(writer)
    before = shape(writer, lambda: write(writer))
    response = browser(reader).post(f"{message.get_absolute_url()}block/")
    assert response.status_code == 302
    told = Notification.objects.count()

    after = shape(writer, lambda: write(writer))

    assert after == before
    assert Notification.objects.count() == told
    withheld = Message.objects.get(withheld=True)
    assert browser(reader).get(withheld.get_absolute_url()).status_code == 404
    assert withheld.get_absolute_url() not in links(browser(reader).get("/desk/messages/"))
    assert withheld.get_absolute_url() in links(browser(writer).get("/desk/messages/"))
    assert browser(reader).post(f"{withheld.get_absolute_url()}answer/").status_code == 404
    assert Delivery.objects.filter(subscriber__user=reader).count() == 3


def test_blocked_answer_is_withheld_too(message, writer, reader):
    answer = answer_message(message=message, by=reader, text="No.", token=uuid.uuid4())
    browser(writer).post(f"{answer.get_absolute_url()}block/")

    again = answer_message(message=message, by=reader, text="But…", token=uuid.uuid4())

    assert again.withheld


def test_block_is_lifted_by_who_set_it(message, writer, reader, officer):
    browser(reader).post(f"{message.get_absolute_url()}block/")
    block = MessageBlock.objects.get()
    for user in (writer, officer):
        assert browser(user).post(f"/desk/messages/blocks/{block.pk}/lift/").status_code == 404
    assert "Whose messages you do not get Wanjiru Kiprotich" in words(browser(reader).get("/desk/messages/"))

    assert browser(reader).post(f"/desk/messages/blocks/{block.pk}/lift/").status_code == 302

    write(writer, subject="Again")
    assert not Message.objects.get(subject="Again").withheld
