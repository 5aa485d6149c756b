"""What others wrote is text, in pages and mails."""

import pytest

from members.emails.messages import paragraphs, unlinked
from members.models import Message
from tests.members.messages.acts import SECRETS, browser, mails, write
from tests.pages import body

pytestmark = pytest.mark.django_db


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
