"""The catalogue of events: each app registers its own in `emails.py`.

Texts name facts as `%(title)s`; nothing in them is evaluated.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

Text = str | Promise  # lazy texts are translated when they are shown


PLACEHOLDER = re.compile(r"%\((\w+)\)s")

Texts = Mapping[tuple[str, str], tuple[str, str]]  # by kind and language: subject and sentence
_own_texts: Callable[[], Texts] = dict
_read_once: ContextVar[Texts | None] = ContextVar("texts", default=None)


def use_texts(source: Callable[[], Texts]) -> None:
    """The alliance's own words; until told otherwise, there are none."""
    global _own_texts
    _own_texts = source


@contextmanager
def texts_read_once():
    """For many mails at a time."""
    before = _read_once.set(_own_texts())
    try:
        yield
    finally:
        _read_once.reset(before)


@dataclass(frozen=True)
class Kind:
    """`label` names the kind in lists; `subject` is the line in inbox and mail; `rows` pairs facts with their names.

    `way` gives words and address of the button for an event and its reader, where the record's page is not the place.
    The mails of a `sensitive` kind, which a writer of its own must write, are kept nowhere. `rhythm` is that of its
    mail where the reader has not chosen another. `headings` are those under which the fact `lines`, a list of
    [heading, words, site-relative address or nothing], is told whole.
    """

    name: str
    label: Text
    subject: Text = "%(title)s"
    sentence: Text = ""
    rows: tuple[tuple[str, Text], ...] = field(default=())
    way: Callable[[Any, Any], tuple[str, str]] | None = None
    sensitive: bool = False
    rhythm: str = "now"
    headings: tuple[tuple[str, Text], ...] = ()

    @property
    def area(self) -> "Area":
        return _areas.get(self.name) or _areas.get(self.name.partition(".")[0]) or OTHER

    @property
    def placeholders(self) -> list[str]:
        """What texts of this kind can name: facts that each event of it has, or may have."""
        named = PLACEHOLDER.findall(f"{self.subject} {self.sentence}")
        return sorted({"title", *named, *(name for name, _label in self.rows)})

    def headline(self, facts: Mapping) -> str:
        return self._filled(0, facts)

    def opening(self, facts: Mapping) -> str:
        return self._filled(1, facts)

    def own_words(self, facts: Mapping) -> tuple[str, str] | None:
        """Line and sentence of this one event, or of the alliance, in the language in force, where there are any but ours."""
        language, known = get_language() or "", _read_once.get()
        return facts.get("words", {}).get(language) or (_own_texts() if known is None else known).get(
            (self.name, language)
        )

    def _filled(self, place: int, facts: Mapping) -> str:
        """An event without what our own words name is told all the same."""
        own = self.own_words(facts)
        shown = Shown(dict.fromkeys(self.placeholders, "") | dict(facts))
        if own:
            return own[place] % shown
        return str((self.subject, self.sentence)[place]) % Shown(facts)

    def check(self, facts: Mapping) -> None:
        """A fact that the texts name and nobody gave must fail where it is announced, not in the outbox."""
        for text in (self.subject, self.sentence):
            str(text) % Shown(facts)

    def shown_rows(self, facts: Mapping) -> list[tuple[str, str]]:
        """The facts worth a line of their own; those that are missing or empty are left out."""
        shown = Shown(facts)
        return [(str(label), shown[name]) for name, label in self.rows if facts.get(name) not in (None, "")]

    def lines(self, facts: Mapping) -> list[tuple[str, list[tuple[str, str]]]]:
        """Under each heading that has any: words and address."""
        told = [
            (str(label), [(words, address) for heading, words, address in facts.get("lines", ()) if heading == name])
            for name, label in self.headings
        ]
        return [(label, lines) for label, lines in told if lines]


class Shown(dict):
    """Facts as people read them: dates are shown in the language and time zone now in force."""

    def __getitem__(self, name: str) -> str:
        match super().__getitem__(name):
            case {"date": text}:
                return date_format(date.fromisoformat(text))
            case {"moment": text}:
                moment = timezone.localtime(datetime.fromisoformat(text))
                return f"{date_format(moment, 'DATETIME_FORMAT')} {moment.tzname()}"
            case None:
                return ""
            case value:
                return str(value)


def frozen(value):
    """What JSON keeps of a fact; dates and times stay recognisable as such."""
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"date": value.isoformat()}
    if isinstance(value, list):
        return [frozen(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    if _kinds.setdefault(kind.name, kind) != kind:
        raise LookupError(f"Two kinds of events are named {kind.name}.")
    return kind


@dataclass(frozen=True)
class Area:
    """Kinds of events that readers think of as one matter, and choose channel and rhythm for together.

    What is `mandatory` always stands in the inbox of whom it concerns.
    """

    name: str
    label: Text
    mandatory: bool = True


OTHER = Area("other", _("Other"))
_areas: dict[str, Area] = {}


def register_area(area: Area, *names: str) -> None:
    """`names` are those of kinds, or what stands before their dot."""
    for name in names:
        if _areas.setdefault(name, area) != area:
            raise LookupError(f"{name} belongs to two areas.")


def areas() -> list[Area]:
    """Those with kinds, in the order of their labels in the reader's language."""
    return sorted({kind.area for kind in _kinds.values()}, key=lambda area: str(area.label))


def in_area(name: str) -> list[Kind]:
    return [kind for kind in _kinds.values() if kind.area.name == name]


def demand(name: str) -> Kind:
    """The kind to announce; a misspelt name must not pass."""
    if name not in _kinds:
        raise LookupError(f"No kind of event is named {name}: register it in the app's emails.py.")
    return _kinds[name]


def is_known(name: str) -> bool:
    return name in _kinds


def get(name: str) -> Kind:
    """The kind of an event of the past, which may have left the code since."""
    return _kinds.get(name) or Kind(name, label=_("Other"))
