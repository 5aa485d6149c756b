"""Dates that are known to the day, the month or the year, written so that no reader mixes up day and month."""

import calendar
import datetime
import re

from babel import Locale, UnknownLocaleError
from babel.dates import format_interval, format_skeleton
from django.db import models
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Precision(models.TextChoices):
    DAY = "day", _("day")
    MONTH = "month", _("month")
    YEAR = "year", _("year")
    UNKNOWN = "unknown", _("not known")


_SKELETONS = {Precision.DAY: "yMMMd", Precision.MONTH: "yMMM", Precision.YEAR: "y"}
_PARTIAL = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_THIN_DASH = re.compile("[\u2009\u202f]–[\u2009\u202f]")


def format_date(day: datetime.date | None, precision: str = Precision.DAY, language: str | None = None) -> str:
    """ "23 Nov 2026", "Nov 2026", "2026" or "date not known", in the active language unless another is given."""
    if day is None or precision == Precision.UNKNOWN:
        return _translated(language, _("date not known"))
    return format_skeleton(_SKELETONS[Precision(precision)], day, locale=_locale(language))


def iso_day(text: str) -> str:
    """A day as frozen content holds it (2027-03-01), in the reader's way of writing; anything else as it is."""
    try:
        return format_date(datetime.date.fromisoformat(text))
    except (TypeError, ValueError):
        return text


def format_period(
    start: datetime.date | None,
    start_precision: str,
    end: datetime.date | None,
    end_precision: str,
    language: str | None = None,
) -> str:
    """ "2023–2027", "Mar–May 2027", "from Mar 2027", "until 2027" or "dates not known"."""
    begun = None if start_precision == Precision.UNKNOWN else start
    ended = None if end_precision == Precision.UNKNOWN else end
    if begun is None and ended is None:
        return _translated(language, _("dates not known"))
    if begun is None:
        return _translated(language, _("until %(date)s")) % {"date": format_date(ended, end_precision, language)}
    if ended is None:
        return _translated(language, _("from %(date)s")) % {"date": format_date(begun, start_precision, language)}
    first, last = format_date(begun, start_precision, language), format_date(ended, end_precision, language)
    if first == last:
        return first
    if start_precision != end_precision or begun > ended:
        return f"{first} – {last}"
    return _interval(begun, ended, Precision(end_precision), _locale(language)) or f"{first} – {last}"


def parse_partial_date(text: str) -> tuple[datetime.date | None, Precision]:
    """ "2014-02" is (1 February 2014, MONTH); blank is (None, UNKNOWN); what is no date raises ValueError."""
    text = text.strip()
    if not text:
        return None, Precision.UNKNOWN
    match = _PARTIAL.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not a date such as 2014, 2014-02 or 2014-02-28.")
    year, month, day = match.groups()
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    return datetime.date(int(year), int(month or 1), int(day or 1)), precision


def last_day(day: datetime.date | None, precision: str) -> datetime.date | None:
    """The end of the month or year that a partial date names: until then a thing that ends in it goes on."""
    if day is None or precision == Precision.DAY:
        return day
    month = 12 if precision == Precision.YEAR else day.month
    return datetime.date(day.year, month, calendar.monthrange(day.year, month)[1])


def _interval(start: datetime.date, end: datetime.date, precision: Precision, locale: Locale) -> str:
    """Empty where the language's pattern loses the second month: Babel has "September to September" in Persian."""
    text = _THIN_DASH.sub(" – ", format_interval(start, end, _SKELETONS[precision], locale=locale))
    if precision != Precision.YEAR and format_skeleton("MMM", end, locale=locale) not in text:
        return ""
    if locale.language == "en":
        text = re.sub(r"^(\S+) – ", r"\1–", text)  # "Mar–May 2027", but "3 Mar – 4 May 2027"
    return text


def _locale(language: str | None) -> Locale:
    """English is British here: the day before the month."""
    language = language or translation.get_language() or "en"
    try:
        return Locale.parse("en_GB" if language == "en" else translation.to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def _translated(language: str | None, phrase: Promise) -> str:
    with translation.override(language or translation.get_language()):
        return str(phrase)
