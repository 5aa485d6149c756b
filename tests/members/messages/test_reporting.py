"""Messages that officers read because they were reported."""

import uuid

import pytest

from members.actions.messages import answer_message, report_message
from members.models import Message, MessageBlock
from tests.factories import PersonFactory, UserFactory
from tests.members.messages.acts import SECRETS, browser, member, write
from tests.pages import body, links, words

pytestmark = pytest.mark.django_db


def test_officers_read_what_was_reported_and_nothing_else(message, writer, reader, officer):
    write(writer, subject="Harmless")
    other = Message.objects.get(subject="Harmless")
    client = browser(reader)
    assert "and no other" in words(client.get(f"{message.get_absolute_url()}report/"))

    response = client.post(f"{message.get_absolute_url()}report/", {"reason": "It wants money."})

    assert response["Location"] == message.get_absolute_url()
    assert "You reported this message." in words(client.get(message.get_absolute_url()))
    desk = browser(officer)
    assert "reported message" in words(desk.get("/desk/"))
    assert links(desk.get("/desk/messages/reported/")).count(message.get_absolute_url()) == 1
    page = desk.get(message.get_absolute_url())
    assert "Reported message Glacier lakes from Wanjiru Kiprotich to Ayesha Malik" in words(page)
    assert "It wants money." in words(page)
    for secret in SECRETS:
        assert secret not in body(page)
    assert desk.get(other.get_absolute_url()).status_code == 404
    assert "Glacier lakes" not in words(desk.get("/desk/messages/"))
    assert desk.post(f"{message.get_absolute_url()}answer/").status_code == 403
    assert desk.post(f"{message.get_absolute_url()}block/").status_code == 403


def test_officer_closes_a_report(message, writer, reader, officer):
    report_message(message=message, reason="", by=reader)
    desk = browser(officer)

    for _ in range(2):  # the second click finds it closed
        assert desk.post(f"{message.get_absolute_url()}handle/", {"outcome": "close"}).status_code in (302, 403)

    message.refresh_from_db()
    assert (message.handled_by, message.handled_at is not None) == (officer, True)
    assert not MessageBlock.objects.exists()
    assert "No report waits" in words(desk.get("/desk/messages/reported/"))
    assert write(writer).status_code == 302


def test_officer_stops_a_sender_and_lets_them_write_again(message, writer, reader, officer):
    report_message(message=message, reason="", by=reader)
    desk = browser(officer)

    desk.post(f"{message.get_absolute_url()}handle/", {"outcome": "stop"})

    refused = write(writer)
    assert refused.status_code == 403
    assert "The secretariat has stopped messages from your account." in words(refused)
    answer = answer_message(message=message, by=reader, text="?", token=uuid.uuid4())
    data = {"text": "Again", "token": str(uuid.uuid4())}
    assert browser(writer).post(f"{answer.get_absolute_url()}answer/", data).status_code == 403
    assert "Senders whose messages are stopped Wanjiru Kiprotich" in words(desk.get("/desk/messages/reported/"))
    desk.post(f"/desk/messages/blocks/{MessageBlock.objects.get(blocker=None).pk}/lift/")
    assert write(writer).status_code == 302


@pytest.mark.parametrize("side", ["sender", "recipient"])
def test_officer_decides_nothing_about_their_own_message(reader, side):
    officer = member("officer@example.org", "Officer", roles=["officer"])
    PersonFactory(user=officer, slug="officer")
    if side == "sender":
        write(officer)
    else:
        write(reader, slug="officer")
    message = Message.objects.get()
    report_message(message=message, reason="", by=message.recipient)

    response = browser(officer).post(f"{message.get_absolute_url()}handle/", {"outcome": "close"})

    assert response.status_code == 403
    assert "Another officer can do this" in words(response)


@pytest.mark.parametrize("roles", [[], ["reviewer"]])
def test_reports_are_for_the_secretariat(message, reader, roles):
    report_message(message=message, reason="", by=reader)
    client = browser(UserFactory(roles=roles))

    assert client.get("/desk/messages/reported/").status_code == 404
    assert client.post(f"{message.get_absolute_url()}handle/", {"outcome": "stop"}).status_code == 404
    assert browser(reader).post(f"{message.get_absolute_url()}handle/", {"outcome": "close"}).status_code == 403


def test_officer_is_led_to_the_second_factor_before_reports_are_shown(officer):
    officer.authenticator_set.all().delete()

    response = browser(officer).get("/desk/messages/reported/")

    assert (response.status_code, response["Location"]) == (302, "/accounts/2fa/?next=/desk/messages/reported/")
