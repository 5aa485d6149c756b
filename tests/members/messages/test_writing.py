"""A message from one person to another, without addresses, and not too often."""

import uuid

import pytest

from members.actions.messages import report_message, send_message
from members.models import Message
from notifications.models import Delivery, Event, Notification
from tests.desk import fields
from tests.factories import AffiliationFactory, InstitutionFactory, PersonFactory
from tests.members.messages.acts import SECRETS, TEXT, browser, mails, member, write
from tests.pages import body, heading, links, title, words

pytestmark = pytest.mark.django_db


# --- Writing


def test_page_of_somebody_with_an_account_leads_to_the_form(writer, reader):
    page = browser().get("/people/ayesha/")
    assert "/people/ayesha/contact/" in links(page)
    assert "Write to Ayesha Malik after signing in" in words(page)

    form = browser(writer).get("/people/ayesha/contact/")
    assert heading(form) == "Write to Ayesha Malik"
    assert "Neither of you sees the other's e-mail address." in words(form)
    assert SECRETS[1] not in body(form)
    assert fields(form).keys() == {"subject", "text", "token"}


def test_message_arrives_in_the_portal_and_by_mail_without_addresses(writer, reader, settings, tmp_path):
    response = write(writer)

    message = Message.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/desk/messages/{message.key}/")
    assert (message.sender, message.recipient, message.withheld) == (writer, reader, False)
    read, copy = browser(reader).get(message.get_absolute_url()), browser(writer).get(message.get_absolute_url())
    assert heading(read) == heading(copy) == "Glacier lakes"
    assert "Message to you" in words(read)
    assert "from Wanjiru Kiprotich" in words(read)
    assert "to Ayesha Malik" in words(copy)
    assert SECRETS[0] not in body(read)
    assert SECRETS[1] not in body(copy)
    assert "Wanjiru Kiprotich writes to you" in words(browser(reader).get("/desk/inbox/"))
    assert "Glacier lakes" in words(browser(reader).get("/desk/messages/"))

    (raw,), (mail,) = mails(settings, tmp_path)
    assert mail["To"] == SECRETS[1]
    assert mail["Subject"] == "Wanjiru Kiprotich writes to you"
    assert mail["Reply-To"] is None
    text = mail.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "Glacier lakes\n\nShall we look at the lakes together?\n\nBest wishes\n" in text
    assert f"{settings.PORTAL_BASE_URL}{message.get_absolute_url()}#answer" in text
    assert SECRETS[0] not in raw.decode() + text + mail.get_body(("html",)).get_content()


def test_mail_is_kept_nowhere(message, settings, tmp_path):
    mails(settings, tmp_path)

    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.sensitive, delivery.subject, delivery.body_text, delivery.body_html) == (
        *("sent", True, "", "", ""),
    )
    assert "lakes" not in str(Event.objects.values().get()) + str(Delivery.objects.values().get())


def test_address_is_shown_to_the_recipient_alone_where_the_sender_ticks_it(writer, reader, officer, settings, tmp_path):
    write(writer, shows_address="on")
    message = Message.objects.get()

    _raw, (mail,) = mails(settings, tmp_path)
    assert mail["Reply-To"] == SECRETS[0]
    assert SECRETS[0] in mail.get_body(("plain",)).get_content()
    assert SECRETS[0] in words(browser(reader).get(message.get_absolute_url()))
    report_message(message=message, reason="", by=reader)
    assert SECRETS[0] not in body(browser(officer).get(message.get_absolute_url()))


def test_sender_with_an_empty_name_writes_under_that_of_the_profile(reader):
    writer = member("nameless@example.org", "")
    assert write(writer).status_code == 403
    assert "Write your name into your profile first" in words(write(writer))
    PersonFactory(user=writer, name="Li Huan", is_public=False)

    assert write(writer).status_code == 302
    page = browser(reader).get(Message.objects.get().get_absolute_url())
    assert "from Li Huan" in words(page)
    assert "Their profile" not in words(page)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"subject": ""}, "Subject: This field is required."),
        ({"subject": "\u200b\u202e"}, "Write a subject."),
        ({"subject": "x" * 151}, "at most 150 characters"),
        ({"subject": "a\x00b"}, "Null characters are not allowed."),
        ({"text": ""}, "Message: This field is required."),
        ({"text": "x" * 5001}, "at most 5000 characters"),
        ({"text": "a\x00b"}, "Null characters are not allowed."),
        ({"token": "x"}, "Enter a valid UUID."),
        ({"token": None}, "This field is required."),
    ],
)
def test_what_is_wrong_is_said_and_the_text_kept(writer, reader, changes, problem):
    response = write(writer, **changes)

    assert response.status_code == 422
    assert problem in words(response)
    assert title(response).startswith("Error:")
    if "text" not in changes:
        assert fields(response)["text"] == [TEXT]
    assert not Message.objects.exists()


def test_t41_double_click_sends_one_message(writer, reader):
    token = str(uuid.uuid4())

    answers = [write(writer, token=token)["Location"] for _ in range(3)]

    assert len(set(answers)) == 1
    assert Message.objects.count() == Notification.objects.count() == Delivery.objects.count() == 1


def test_t41_two_clicks_at_once_send_one_message(writer, reader, monkeypatch):
    """The second one looks before the first has written, and meets the constraint."""
    token = uuid.uuid4()
    first = send_message(to=reader.person, by=writer, subject="S", text="T", token=token)
    monkeypatch.setattr("members.actions.messages._sent_already", lambda by, token: None)

    second = send_message(to=reader.person, by=writer, subject="S", text="T", token=token)

    assert second == first
    assert Message.objects.count() == Event.objects.count() == 1


def test_token_of_somebody_else_is_no_key_to_their_message(writer, reader):
    write(writer, token=str(token := uuid.uuid4()))

    write(member("other@example.org", "Other"), token=str(token))

    assert Message.objects.count() == 2


def test_t17_fields_that_the_form_does_not_have_are_left_alone(writer, reader, officer):
    write(
        writer, sender=officer.pk, recipient=officer.pk, withheld="on", reported_at="2020-01-01", key=str(uuid.uuid4())
    )

    message = Message.objects.get()
    assert (message.sender, message.recipient, message.withheld, message.reported_at) == (writer, reader, False, None)


# --- Too often


def test_sixth_message_within_the_hour_is_refused_and_its_text_kept(writer, reader):
    codes = [write(writer).status_code for _ in range(5)]

    refused = write(writer)

    assert codes == [302] * 5
    assert refused.status_code == 429
    assert "These are many messages in a short time." in words(refused)
    assert fields(refused)["text"] == [TEXT]
    assert Message.objects.count() == 5
    assert write(member("other@example.org", "Other")).status_code == 302


def test_double_click_is_counted_once(writer, reader):
    token = str(uuid.uuid4())
    for _ in range(10):
        assert write(writer, token=token).status_code == 302

    assert write(writer).status_code == 302


def test_one_institution_writes_to_one_person_ten_times_a_day(reader):
    institution = InstitutionFactory()
    writers = [member(f"writer{number}@example.org", f"Writer {number}") for number in range(11)]
    for user in writers:
        AffiliationFactory(person=PersonFactory(user=user), institution=institution)
    PersonFactory(user=member("other@example.org", "Other"), slug="other")

    assert [write(user).status_code for user in writers] == [302] * 10 + [429]
    assert write(writers[10], slug="other").status_code == 302
