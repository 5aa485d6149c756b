import datetime

import pytest
from django.utils import translation

from toolkit.dates import Precision, format_date, format_period, parse_partial_date

DAY, MONTH, YEAR, UNKNOWN = Precision.DAY, Precision.MONTH, Precision.YEAR, Precision.UNKNOWN


def on(text):
    return datetime.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("precision", "text"),
    [(DAY, "23 Nov 2026"), (MONTH, "Nov 2026"), (YEAR, "2026"), (UNKNOWN, "date not known"), ("month", "Nov 2026")],
)
def test_format_date_shows_what_is_known(precision, text):
    with translation.override("en"):
        assert format_date(on("2026-11-23"), precision) == text


def test_format_date_of_no_day():
    assert format_date(None, DAY, "en") == "date not known"


@pytest.mark.parametrize(
    ("language", "text"),
    [("fr", "3 févr. 2026"), ("zh-hans", "2026年2月3日"), ("ar", "3 فبراير 2026"), ("ru", "3 февр. 2026\u202fг.")],
)
def test_format_date_follows_the_language(language, text):
    assert format_date(on("2026-02-03"), DAY, language) == text
    with translation.override(language):
        assert format_date(on("2026-02-03")) == text


@pytest.mark.parametrize("language", ["xx", "not a language", "en-gb"])
def test_format_date_in_an_unknown_language_is_english(language):
    assert format_date(on("2026-02-03"), DAY, language) == "3 Feb 2026"


def test_format_date_works_with_translations_off():
    with translation.override(None):
        assert format_date(on("2026-02-03")) == "3 Feb 2026"


@pytest.mark.parametrize(
    ("start", "start_precision", "end", "end_precision", "text"),
    [
        ("2023-01-01", YEAR, "2027-01-01", YEAR, "2023–2027"),
        ("2023-01-01", YEAR, "2023-12-31", YEAR, "2023"),
        ("2027-03-01", MONTH, "2027-05-01", MONTH, "Mar–May 2027"),
        ("2026-11-01", MONTH, "2027-02-01", MONTH, "Nov 2026 – Feb 2027"),
        ("2027-03-01", MONTH, "2027-03-31", MONTH, "Mar 2027"),
        ("2027-03-05", DAY, "2027-05-06", DAY, "5 Mar – 6 May 2027"),
        ("2026-11-05", DAY, "2027-05-06", DAY, "5 Nov 2026 – 6 May 2027"),
        ("2027-03-05", DAY, "2027-03-16", DAY, "5–16 Mar 2027"),
        ("2027-03-05", DAY, "2027-03-05", DAY, "5 Mar 2027"),
        ("2026-11-05", DAY, "2027-01-01", YEAR, "5 Nov 2026 – 2027"),
        ("2027-01-01", YEAR, "2023-01-01", YEAR, "2027 – 2023"),
        ("2027-03-05", MONTH, None, UNKNOWN, "from Mar 2027"),
        ("2027-03-05", MONTH, None, DAY, "from Mar 2027"),
        (None, UNKNOWN, "2027-03-05", YEAR, "until 2027"),
        ("2027-03-05", UNKNOWN, "2027-03-05", UNKNOWN, "dates not known"),
        (None, DAY, None, DAY, "dates not known"),
    ],
)
def test_format_period(start, start_precision, end, end_precision, text):
    days = [day and on(day) for day in (start, end)]
    assert format_period(days[0], start_precision, days[1], end_precision, "en") == text


@pytest.mark.parametrize("language", ["ar", "en", "es", "fa", "fr", "pt", "ru", "tr", "ur", "zh-hans"])
@pytest.mark.parametrize("precision", [DAY, MONTH])
def test_format_period_names_both_months_in_every_language(language, precision):
    """The Persian pattern of CLDR, as Babel reads it, would write September twice."""
    period = format_period(on("2026-09-03"), precision, on("2026-11-23"), precision, language)

    month_of = {
        day: format_date(on(day), MONTH, language).replace("2026", "").strip(" 年")
        for day in ("2026-09-03", "2026-11-23")
    }
    for month in month_of.values():
        assert month.removesuffix("г.").removeprefix("de ").removesuffix(" de ").strip().split(" ")[0] in period


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("2014", (datetime.date(2014, 1, 1), YEAR)),
        ("2014-02", (datetime.date(2014, 2, 1), MONTH)),
        (" 2014-02-28 ", (datetime.date(2014, 2, 28), DAY)),
        ("", (None, UNKNOWN)),
    ],
)
def test_parse_partial_date_keeps_the_precision(text, parsed):
    assert parse_partial_date(text) == parsed


@pytest.mark.parametrize(
    "text", ["14", "2014-2", "2014-13", "2014-02-30", "0000", "02/2014", "2014-02-28T00:00", "۲۰۱۴", "2014-"]
)
def test_parse_partial_date_refuses_what_is_none(text):
    with pytest.raises(ValueError):
        parse_partial_date(text)
