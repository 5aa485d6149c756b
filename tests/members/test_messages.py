"""Messages between people: relayed without an address, stopped without a trace, read by nobody else."""

import datetime
import uuid
from email import message_from_bytes, policy

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from anso_portal.closing import all_joins, erase_account, own_data
from members.actions.messages import answer_message, forget_old_messages, report_message, send_message
from members.emails.messages import paragraphs, unlinked
from members.models import Message, MessageBlock, Person
from members.tasks import forget_messages
from notifications.models import Delivery, Event, Notification
from notifications.sender import drain
from tests.desk import fields
from tests.factories import AffiliationFactory, InstitutionFactory, PersonFactory, UserFactory
from tests.pages import body, heading, links, statements, title, words
from toolkit.personal import join_rows

pytestmark = pytest.mark.django_db

SECRETS = ("writer@secret.example", "reader@secret.example")
TEXT = "Shall we look at the lakes together?\n\nBest wishes"


@pytest.fixture(autouse=True)
def nobody_has_written_yet():
    cache.clear()


def member(email, name, **options):
    user = UserFactory(email=email, name=name, **options)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


@pytest.fixture
def writer():
    return member(SECRETS[0], "Wanjiru Kiprotich")


@pytest.fixture
def reader():
    user = member(SECRETS[1], "Ayesha Malik")
    PersonFactory(user=user, name="Ayesha Malik", slug="ayesha")
    return user


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"])


def browser(user=None):
    client = Client()
    if user:
        client.force_login(user)
    return client


def write(user, slug="ayesha", **changes):
    address = f"/people/{slug}/contact/"
    client = browser(user)
    data = {"subject": "Glacier lakes", "text": TEXT, "token": str(uuid.uuid4()), **changes}
    return client.post(address, {name: value for name, value in data.items() if value is not None})


@pytest.fixture
def message(writer, reader):
    write(writer)
    return Message.objects.get()


def mails(settings, tmp_path):
    settings.MAIL_TRANSPORT = "notifications.transport.FileTransport"
    settings.EMAIL_FILE_PATH = tmp_path
    drain()
    raws = [path.read_bytes() for path in sorted(tmp_path.glob("*.eml"))]
    return raws, [message_from_bytes(raw, policy=policy.default) for raw in raws]


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


# --- What others wrote is text


def test_t23_what_looks_like_a_link_is_none_in_a_mail(writer, reader, settings, tmp_path):
    write(writer, subject="Win at www.evil.example", text="See https://evil.example/a?b or evil.example <b>now</b>")

    _raw, (mail,) = mails(settings, tmp_path)

    for part in ("plain", "html"):
        text = mail.get_body((part,)).get_content()
        assert "https://evil" not in text
        assert "evil.example" not in text
        assert "www.evil" not in text
    html = mail.get_body(("html",)).get_content()
    assert "&lt;b&gt;now&lt;/b&gt;" in html
    assert (
        html.count("<a href") == 4
    )  # the button, the link that stops these mails, what the reader follows, and the portal


def test_t23_links_are_broken_and_addresses_for_mail_are_not():
    joiner = "\u2060"
    assert unlinked("a http://b.example c.d@e.example 3.5 e.g. end.") == (
        f"a http:{joiner}//b.{joiner}example c.d@e.example 3.{joiner}5 e.{joiner}g. end."
    )
    assert paragraphs("one\r\n\n  two  \n") == ("one", "two")
    assert [len(part) for part in paragraphs("x" * 2000)] == [900, 900, 200]


def test_t19_text_of_a_message_is_escaped_on_the_page(writer, reader):
    payload = '<script>alert(1)</script> javascript:alert(1) https://evil.example "><img src=x onerror=alert(1)>'
    write(writer, subject=payload[:150], text=payload)

    page = body(browser(reader).get(Message.objects.get().get_absolute_url()))

    assert "<script>alert" not in page
    assert "<img" not in page
    assert 'href="https://evil' not in page


@pytest.mark.parametrize("subject", ["One\r\nBcc: victim@example.org", "One\nTo: x@example.org", "One\u2028Two\x1b[2J"])
def test_t24_subject_is_one_line_and_adds_no_header(writer, reader, subject, settings, tmp_path):
    assert write(writer, subject=subject).status_code == 302

    assert "\n" not in Message.objects.get().subject
    raws, (mail,) = mails(settings, tmp_path)
    assert mail["To"] == SECRETS[1]
    assert mail["Bcc"] is None
    assert len(raws) == 1


# --- Who may not


def test_visitor_is_asked_to_sign_in_whoever_is_here(reader):
    PersonFactory(slug="private", is_public=False)
    answers = {}
    for slug in ("ayesha", "private", "nobody"):
        for client in (browser(),):
            answers[slug] = [
                client.get(f"/people/{slug}/contact/").status_code,
                client.post(f"/people/{slug}/contact/").status_code,
            ]

    assert answers == {slug: [302, 302] for slug in answers}
    for address in ("/desk/messages/", "/desk/messages/reported/", f"/desk/messages/{uuid.uuid4()}/"):
        assert browser().get(address)["Location"].startswith("/accounts/login/")


def test_private_profile_is_like_none(writer):
    PersonFactory(slug="private", is_public=False, user=UserFactory())

    assert write(writer, slug="private").status_code == write(writer, slug="nobody").status_code == 404
    assert browser(writer).get("/people/private/contact/").status_code == 404


def test_unconfirmed_address_writes_to_nobody(reader):
    user = UserFactory(name="New")
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)

    response = write(user)

    assert response.status_code == 403
    assert "Confirm your e-mail address first" in words(response)
    assert browser(user).get("/people/ayesha/contact/").status_code == 403
    assert not Message.objects.exists()


def test_nobody_writes_to_themselves(reader):
    response = write(reader)

    assert response.status_code == 403
    assert "This is your own profile" in words(response)


@pytest.mark.parametrize("how", ["no account", "takes none", "inactive"])
def test_who_cannot_be_reached_is_not_written_to(writer, reader, how):
    if how == "no account":
        Person.objects.update(user=None)
    elif how == "takes none":
        browser(reader).post("/desk/profile/messages/", {"takes": "no"})
    else:
        type(reader).objects.filter(pk=reader.pk).update(is_active=False)

    response = write(writer)

    assert response.status_code == 403
    assert "This person takes no messages through the portal." in words(response)
    assert "/people/ayesha/contact/" not in links(browser(writer).get("/people/ayesha/"))
    assert not Message.objects.exists()


def test_messages_can_be_taken_again(writer, reader):
    mine = browser(reader)
    mine.post("/desk/profile/messages/", {"takes": "no"})
    mine.post("/desk/profile/messages/", {"takes": "yes"})

    assert write(writer).status_code == 302


@pytest.mark.parametrize("roles", [[], ["officer"], ["administrator"], ["reviewer"]])
def test_message_is_found_by_its_two_people_alone(message, roles):
    client = browser(UserFactory(roles=roles))

    for act in ("", "answer/", "settle/", "block/", "report/", "handle/"):
        address = f"{message.get_absolute_url()}{act}"
        assert client.post(address).status_code == (405 if act == "" else 404)
        assert client.get(address).status_code == (404 if act in ("", "report/") else 405)
    assert "Glacier lakes" not in words(client.get("/desk/messages/"))


def test_sender_may_not_do_what_the_recipient_may(message, writer):
    client = browser(writer)

    for act in ("answer", "settle", "block", "report"):
        response = client.post(f"{message.get_absolute_url()}{act}/", {"text": "x", "token": str(uuid.uuid4())})
        assert response.status_code == 403, act
        assert "Only the person to whom it was sent can do this." in words(response)
        assert client.post(f"{message.get_absolute_url()}{act}/").status_code == 403, act
    assert not MessageBlock.objects.exists()
    assert Message.objects.get().reported_at is None


def test_wrong_methods_are_refused(message, reader):
    client = browser(reader)

    for act in ("answer/", "settle/", "block/", "handle/"):
        assert client.get(f"{message.get_absolute_url()}{act}").status_code == 405
    for address in ("/desk/messages/", "/desk/messages/reported/", message.get_absolute_url()):
        assert client.post(address).status_code == 405
    assert client.delete("/people/ayesha/contact/").status_code == 405
    assert client.get("/desk/profile/messages/").status_code == 405


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


# --- Reporting


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


# --- What it costs


def test_statements_stay_within_the_budget(message, writer, reader):
    client = browser(reader)
    pages = ("/desk/messages/", message.get_absolute_url(), "/desk/", "/people/ayesha/")
    costs = [statements(client, page) for page in pages]
    contact = statements(browser(writer), "/people/ayesha/contact/")
    for number in range(12):
        send_message(to=reader.person, by=writer, subject=str(number), text="x", token=uuid.uuid4())
        answer_message(message=message, by=reader, text="x", token=uuid.uuid4())
        MessageBlock.objects.create(blocker=reader, blocked=UserFactory())

    assert [statements(client, page) for page in pages] == costs
    assert costs[0] <= 12
    assert max(costs[1], costs[3], contact) <= 24
    assert costs[2] <= 27  # the desk asks each app that it joins


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
