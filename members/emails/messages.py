"""The mail that brings a message. It is written when it is sent and kept nowhere; neither address stands in it.

What somebody else wrote is text: mail programs are kept from making links of it.
"""

import re
import textwrap

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Message
from notifications.emails import Letter, ObsoleteError, register_writer
from notifications.kinds import Kind, register
from notifications.links import absolute, stop_url
from notifications.models import Delivery

RECEIVED = register(
    Kind(
        "message.received",
        label=gettext_lazy("Somebody writes to you"),
        subject=gettext_lazy("%(title)s writes to you"),
        sensitive=True,
    )
)
WORD_JOINER = "\u2060"
LONGEST_LINE = 900
_DOT_IN_AN_ADDRESS = re.compile(r"(?<=\w)\.(?=\w)")


def unlinked(text: str) -> str:
    """What looks like a web address is broken by characters that nobody sees."""
    return " ".join(_unlinked_word(word) for word in text.split(" "))


def _unlinked_word(word: str) -> str:
    word = word.replace("://", f":{WORD_JOINER}//")
    return word if "@" in word else _DOT_IN_AN_ADDRESS.sub(f".{WORD_JOINER}", word)


def paragraphs(text: str) -> tuple[str, ...]:
    lines = (line.strip() for line in text.splitlines())
    return tuple(part for line in lines if line for part in textwrap.wrap(unlinked(line), LONGEST_LINE))


def received(row: Delivery) -> Letter:
    told = row.notifications.select_related("event").first()
    messages = Message.objects.with_people().filter(withheld=False)
    message = messages.filter(pk=told.event.subject_id).first() if told else None
    if message is None:
        raise ObsoleteError("The message is no longer there.")
    assert row.subscriber
    rows = [(_("From"), message.sender_name)]
    if message.shows_address:
        rows.append((_("Their address"), message.sender.email))
    return Letter(
        subject=RECEIVED.headline({"title": message.sender_name}),
        heading=unlinked(message.subject),
        paragraphs=paragraphs(message.text),
        rows=tuple(rows),
        button=(_("Answer in the portal"), absolute(f"{message.get_absolute_url()}#answer")),
        reason=_("You get this because somebody wrote to you through the portal, which does not show your address."),
        stop=(_("No more mail of this kind"), stop_url(row.subscriber, kind=RECEIVED.name)),
        reply_to=message.sender.email if message.shows_address else "",
    )


register_writer(RECEIVED.name, received)
