"""T24: whatever somebody types as a subject, a name or an address, a mail has the headers it should have and one recipient."""

import email
import email.policy
import random
from datetime import UTC, datetime
from email.utils import getaddresses

import pytest
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from notifications.emails import as_bytes, one_line
from notifications.models import Delivery
from notifications.transport import Refused, ascii_address

EXPECTED = sorted(
    [
        *("Auto-Submitted", "Content-Type", "Date", "From", "List-Unsubscribe", "List-Unsubscribe-Post"),
        *("MIME-Version", "Message-ID", "Reply-To", "Subject", "To", "X-Portal-Delivery"),
    ]
)
PIECES = [
    *("\r\n", "\n", "\r", "\x00", "\x0b", "\x1b", "\x85", "\u2028", "\u2029", "\u202e", "\ufeff", "\t", " ", ",", ";"),
    *("Bcc: ", "\r\nBcc: victim@example.org", "\nTo: victim@example.org", "%0d%0a", "\\r\\n", "=?utf-8?q?=0D=0ABcc:?="),
    *(
        "=?utf-8?b?DQpCY2M6?=",
        "<",
        ">",
        '"',
        "'",
        "(",
        ")",
        ":",
        "@",
        "..",
        "\\",
        "%(title)s",
        "{x.__class__}",
        "{{ 7*7 }}",
    ),
    *(
        "victim@example.org",
        "<victim@example.org>",
        ", victim@example.org",
        "Amina",
        "Ибрагим",
        "王芳",
        "الزهراء",
        "é",
        "😀",
    ),
    *("x" * 80, "я" * 90, "\u0301", "\u200b", "xn--", "-", ".", "_", "+"),
]
DOMAINS = [
    "example.org",
    "münchen.example",
    "пример.example",
    "[127.0.0.1]",
    "localhost",
    "example..org",
    "-x.example",
    "",
]


def words(dice: random.Random) -> str:
    return "".join(dice.choice(PIECES) for _n in range(dice.randrange(1, 9)))


def address(dice: random.Random) -> str:
    """One in two is one that people have."""
    if dice.random() < 0.5:
        return f"{dice.choice(['amina', 'a.b+c', 'o’hara', 'q_9'])}@{dice.choice(DOMAINS[:3])}"
    return f"{words(dice)}@{dice.choice(DOMAINS)}" if dice.random() < 0.7 else words(dice)


def is_taken(given: str) -> bool:
    """As every form and table takes an address: by Django's rule, and within its length."""
    try:
        validate_email(given)
        ascii_address(given)  # else the mail is given up, and an officer told
    except (ValidationError, Refused):
        return False
    return len(given) <= 254


@pytest.mark.time_limit(240)
@pytest.mark.parametrize("fuzzed", [1_000, pytest.param(10_000, marks=pytest.mark.long)])
def test_t24_fuzzed_mails_have_one_recipient_and_the_headers_they_should_have(fuzzed):
    dice, refused = random.Random(24), 0
    for number in range(fuzzed):
        to, reply_to, subject, name = address(dice), address(dice), words(dice), words(dice)
        if not (is_taken(to) and is_taken(reply_to)):
            refused += 1
            to = reply_to = "amina@example.org"
        row = Delivery(
            idem=f"{number:064}", message_id=f"<{number}@example.org>", address=to, created_at=datetime.now(UTC)
        )
        content = {
            "subject": one_line(f"{subject} {name}"),
            "body_text": f"{name}\n{subject}\n",
            "body_html": "<p>x</p>",
            "stop_url": "https://portal.example/stop/x/",
            "reply_to": reply_to,
        }
        mail = email.message_from_bytes(as_bytes(row, content), policy=email.policy.default)
        given = (to, reply_to, subject, name)
        assert sorted(mail.keys()) == EXPECTED, given
        for header, expected in (("To", to), ("Reply-To", reply_to)):
            assert [found for _name, found in getaddresses([mail[header]])] == [ascii_address(expected)], given
        assert not mail.defects, given
        assert " ".join(mail["Subject"].split()) == " ".join(content["subject"].split()), given
    assert fuzzed * 0.2 < refused < fuzzed * 0.95  # both ways are walked


@pytest.mark.parametrize(
    "wrong", ["a@example.org\r\nBcc: victim@example.org", "a@example.org, victim@example.org", "a@example.org\x00"]
)
def test_t24_address_that_no_form_takes_makes_no_mail_for_somebody_else(wrong):
    """Had it come into the table all the same."""
    row = Delivery(idem="0" * 64, message_id="<1@example.org>", address=wrong, created_at=datetime.now(UTC))
    content = {"subject": "x", "body_text": "x", "body_html": "x", "stop_url": ""}
    try:
        mail = email.message_from_bytes(as_bytes(row, content), policy=email.policy.default)
    except (ValueError, Refused):
        return
    assert mail["Bcc"] is None
    assert len(getaddresses([str(mail["To"])])) == 1
