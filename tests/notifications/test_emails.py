"""What stands in a mail, and what must never get into one."""

import random
import re
import unicodedata

import pytest

from exchanges.actions.offers import open_offer
from notifications.actions import announce
from notifications.emails import Letter, as_bytes, register_writer, write
from notifications.links import absolute, read_stop_token, stop_url
from notifications.models import Delivery, Subscriber
from notifications.sender import drain
from tests.factories import InstitutionFactory, OfferFactory, UserFactory
from tests.notifications.conftest import parse

pytestmark = pytest.mark.django_db


def parts(message) -> tuple[str, str]:
    return message.get_body(("plain",)).get_content(), message.get_body(("html",)).get_content()


@pytest.fixture
def mail_of_offer(officer, follower, read_mails):
    """mail_of_offer(offer) opens it and gives the message that a follower of Pakistan gets."""

    def send(offer):
        follower("country:PK")
        open_offer(offer=offer, by=officer)
        drain()
        (message,) = read_mails()
        return message

    return send


def test_announcement_says_what_why_and_how_to_stop(mail_of_offer, settings):
    settings.PORTAL_BASE_URL = "https://portal.example"
    settings.DEFAULT_FROM_EMAIL = "ANSO Portal <portal@portal.example>"
    offer = OfferFactory(title="Two places", institution=InstitutionFactory(name="Karachi University"), city="Gwadar")

    message = mail_of_offer(offer)

    subscriber = Subscriber.objects.get()
    stop = stop_url(subscriber, topic="country:PK")
    assert message["From"] == "ANSO Portal <portal@portal.example>"
    assert message["Subject"] == "New exchange offer: Two places"
    assert message["List-Unsubscribe"] == f"<{stop}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_content_type() == "multipart/alternative"
    for text in parts(message):
        assert "Karachi University invites scientists." in text
        assert "Gwadar, Pakistan" in text
        assert f"https://portal.example{offer.get_absolute_url()}" in text
        assert "You get this because you follow Pakistan." in text
        assert stop in text
    assert stop.startswith("https://portal.example/notifications/stop/")


def test_links_come_from_the_settings_alone(mail_of_offer, settings):
    settings.PORTAL_BASE_URL = "https://portal.example"

    message = mail_of_offer(OfferFactory())

    html = parts(message)[1]
    assert {link.split("/")[2] for link in re.findall(r'(?:href|src)="([^"]+)"', html)} == {"portal.example"}


@pytest.mark.parametrize("address", ["https://evil.example/x", "//evil.example", "", "javascript:alert(1)"])
def test_only_site_relative_addresses_become_links(address, settings):
    settings.PORTAL_BASE_URL = "https://portal.example"

    assert absolute(address).partition("//")[2].partition("/")[0] == "portal.example"


def test_user_text_is_escaped_and_becomes_no_link(mail_of_offer):
    title = '<a href="http://evil.example">Free</a> http://evil.example www.evil.example {{ 7*7 }} %(host)s'
    message = mail_of_offer(OfferFactory(title=title))

    text, html = parts(message)
    assert "<a href=&quot;" in html or "&lt;a href=" in html
    assert 'href="http://evil' not in html
    assert "http://evil" not in text
    assert "www.evil" not in text
    for part in (text, html):
        assert "{{ 7*7 }}" in part
        assert "%(host)s" in part


def test_duty_mail_can_be_stopped_by_kind(offer, officer, read_mails):
    duty = UserFactory()
    announce("offer.opened", offer, actor=officer, to=[duty], context={"host": "A"})
    drain()

    (message,) = read_mails()
    assert "it concerns what you do" in parts(message)[0]
    token = message["List-Unsubscribe"].strip("<>").rstrip("/").rpartition("/")[2]
    assert read_stop_token(token) == (duty.subscriber, "", "offer.opened")


def test_t42_stop_token_of_others_making_does_not_hold(follower):
    subscriber = follower("country:PK").subscriber
    token = stop_url(subscriber, topic="country:PK").rstrip("/").rpartition("/")[2]

    assert read_stop_token(token) == (subscriber, "country:PK", "")
    for wrong in ["", "x", token[:-1], token.replace(token[0], "A", 1) + "A", "a:b:c", "é"]:
        assert read_stop_token(wrong) is None
    Subscriber.objects.update(token="a new one")
    assert read_stop_token(token) is None


def test_stop_link_does_not_show_whose_it_is(follower):
    reader = follower("country:PK", email="secret.name@example.org")

    assert "secret" not in stop_url(reader.subscriber, topic="country:PK")


def fuzzed(number: int) -> str:
    random.seed(number)
    alphabet = '\r\n\x00\t\x0b\x85\u2028\u202e\u2029\u2067: Bcc:To@example.org,;<>"é中ا%{}|\\=?'
    return "".join(random.choice(alphabet) for _ in range(random.randint(0, 400)))


def test_no_subject_or_name_adds_a_header_or_a_recipient(delivery, settings):
    row = delivery()
    expected = None
    for number in range(500):
        text = fuzzed(number) + "\r\nBcc: victim@example.org\r\n\r\nbody"
        register_writer("test", lambda row, text=text: Letter(subject=text, heading=text, paragraphs=(text,)))
        message = parse(as_bytes(row, write(row)))

        expected = expected or sorted(message.keys())
        assert sorted(message.keys()) == expected
        assert message["To"] == row.address
        assert not message.defects
        assert not {unicodedata.category(character) for character in message["Subject"]} & {"Cc", "Cs", "Zl", "Zp"}


def test_long_and_foreign_subjects_survive(delivery):
    subject = "气候变化 и климат وتغير المناخ — Ł" * 3
    register_writer("test", lambda row: Letter(subject=subject, heading="x"))
    row = delivery()
    raw = as_bytes(row, write(row))

    assert parse(raw)["Subject"] == subject
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998


def test_same_row_gives_the_same_bytes(delivery):
    row = delivery()
    content = write(row)

    assert as_bytes(row, content) == as_bytes(Delivery.objects.get(), content)


def test_mail_reads_from_right_to_left_where_the_language_does(delivery, settings):
    settings.LANGUAGES = [("en", "English"), ("ar", "Arabic")]
    row = delivery(context={"language": "ar"})

    assert '<html lang="ar" dir="rtl">' in write(row)["body_html"]
