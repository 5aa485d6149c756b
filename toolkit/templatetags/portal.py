"""Small words of the templates, built into the template engine: no {% load %} is needed."""

import datetime
from collections.abc import Iterable
from decimal import Decimal
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from babel.numbers import UnknownCurrencyError, format_currency
from django import template
from django.core.paginator import Paginator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, to_locale

from toolkit.dates import Precision, format_date, format_period, iso_day
from toolkit.programs import program_name

register = template.Library()

CHIP_KINDS = {"", "good", "warn", "bad", "sample"}


def _locale() -> Locale:
    """English is British here, as in toolkit.dates."""
    language = get_language() or "en"
    try:
        return Locale.parse("en_GB" if language == "en" else to_locale(language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


@register.simple_tag
def chip(label: object, kind: str = "") -> SafeString:
    """A state in words: {% chip project.get_status_display "good" %}; nothing where there is no label."""
    if not label:
        return SafeString("")
    if kind not in CHIP_KINDS:
        raise template.TemplateSyntaxError(f"A chip is one of {sorted(CHIP_KINDS)}, not {kind!r}.")
    return format_html('<span class="chip{}">{}</span>', f" {kind}" if kind else "", label)


@register.simple_tag
def money(amount: Decimal | int | None, currency: str) -> str:
    """{% money project.budget project.currency %} → “US$250,000”; cents only where there are any."""
    if amount is None:
        return ""
    locale, whole = _locale(), amount == int(amount)
    pattern = locale.currency_formats["standard"].pattern
    try:
        return format_currency(
            amount, currency, pattern.replace(".00", "") if whole else pattern, locale=locale, currency_digits=not whole
        )
    except (UnknownCurrencyError, ValueError):
        return f"{amount} {currency}"


@register.simple_tag
def date_precise(day: datetime.date | None, precision: str = Precision.DAY) -> str:
    """{% date_precise membership.joined_on membership.joined_precision %} → “2018”."""
    return format_date(day, precision)


register.filter("iso_day", iso_day)


@register.simple_tag
def period(
    start: datetime.date | None,
    end: datetime.date | None,
    start_precision: str = Precision.DAY,
    end_precision: str = Precision.DAY,
) -> str:
    """{% period offer.starts_on offer.ends_on %} → “Mar–May 2027”."""
    return format_period(start, start_precision, end, end_precision)


@register.filter
def language_name(code: str) -> str:
    """“zh” → “Chinese”, in the reader's language; the code itself where Babel does not know it."""
    try:
        return Locale.parse(to_locale(code)).get_display_name(_locale()) or code
    except (UnknownLocaleError, ValueError):
        return code


@register.filter
def text_direction(code: str) -> str:
    """“ar” → “rtl”, for the dir of a text whose language is known."""
    try:
        return Locale.parse(to_locale(code)).text_direction
    except (UnknownLocaleError, ValueError):
        return "auto"


@register.filter
def host(url: str) -> str:
    """The name of the site behind an address, for the words of a link."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


@register.filter
def elided(paginator: Paginator, number: int) -> Iterable[int | str]:
    """The numbers of the pages round this one, with gaps."""
    return paginator.get_elided_page_range(number, on_each_side=2, on_ends=1)


register.filter("program", program_name)
