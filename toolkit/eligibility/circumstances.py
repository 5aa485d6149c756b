"""Rules about when, where, how many and what about."""

import calendar
import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from toolkit.dates import format_date
from toolkit.eligibility.cases import Case
from toolkit.eligibility.entries import Rule
from toolkit.eligibility.verdicts import MET, Outcome
from toolkit.eligibility.words import Words, bounds, clauses, figure


def describe_duration(rule: Rule, words: Words) -> str:
    say = _months if rule["unit"] == "months" else _days
    return _("it lasts %(time)s") % {"time": bounds(rule, say, figure)}


def check_duration(rule: Rule, case: Case) -> Outcome:
    starts, ends = case.entry.starts_on, case.entry.ends_on
    open_ones = [
        _("the first day is to be filled in") if starts is None else "",
        _("the last day is to be filled in") if ends is None else "",
    ]
    if starts is None or ends is None:
        return Outcome(None, clauses(open_ones))
    if ends < starts:
        return Outcome(False, _("it ends before it starts"))
    first = _last_day(starts, rule["least"], rule["unit"]) if "least" in rule else None
    last = _last_day(starts, rule["most"], rule["unit"]) if "most" in rule else None
    lasts = _("so far it lasts %(days)s") % {"days": _days((ends - starts).days + 1)}
    if first and ends < first:
        return Outcome(False, clauses([lasts, _("it must end on %(day)s or later") % {"day": format_date(first)}]))
    if last and ends > last:
        return Outcome(False, clauses([lasts, _("it must end on %(day)s or before") % {"day": format_date(last)}]))
    return MET


def describe_sites(rule: Rule, words: Words) -> str:
    return _("every place where it is held %(is)s") % {"is": words.being(rule)}


def check_sites(rule: Rule, case: Case) -> Outcome:
    sites = case.entry.sites
    wrong = [country for country in sites if case.lies(country, rule) is False]
    blank = _("the country where it is held is to be filled in") if not sites or "" in sites else ""
    if not wrong:
        return Outcome(None, blank) if blank else MET
    so_far = _("so far it is held in %(countries)s") % {"countries": case.words.countries(wrong)}
    return Outcome(False, clauses([so_far, blank]))


def describe_count(rule: Rule, words: Words) -> str:
    return _("%(what)s: %(number)s") % {"what": words.term(rule["of"]), "number": bounds(rule, figure, figure)}


def check_count(rule: Rule, case: Case) -> Outcome:
    number, what = case.entry.counts.get(rule["of"]), case.words.term(rule["of"])
    if number is None:
        return Outcome(None, _("the number of %(what)s is to be filled in") % {"what": what})
    least, most = rule.get("least"), rule.get("most")
    so_far = _("so far the number of %(what)s is %(number)s") % {"what": what, "number": figure(number)}
    if least is not None and number < least:
        gap = ngettext("%(gap)s more is needed", "%(gap)s more are needed", least - number) % {
            "gap": figure(least - number)
        }
    elif most is not None and number > most:
        gap = _("that is %(gap)s too many") % {"gap": figure(number - most)}
    else:
        return MET
    return Outcome(False, clauses([so_far, gap]))


def describe_tag(rule: Rule, words: Words) -> str:
    return _("it is marked as “%(tag)s”") % {"tag": words.term(rule["is"])}


def check_tag(rule: Rule, case: Case) -> Outcome:
    if rule["is"] in case.entry.tags:
        return MET
    return Outcome(False, _("it is not marked as “%(tag)s”") % {"tag": case.words.term(rule["is"])})


def _last_day(starts: datetime.date, number: int, unit: str) -> datetime.date:
    """The last of so many days or months: one month from 5 March ends on 4 April, from 31 January on 27 or 28 February."""
    ordinal = starts.toordinal() + number - 1
    if unit == "months":
        year, month = divmod(starts.year * 12 + starts.month - 1 + number, 12)
        if year > datetime.MAXYEAR:
            return datetime.date.max
        day = min(starts.day, calendar.monthrange(year, month + 1)[1])
        ordinal = datetime.date(year, month + 1, day).toordinal() - 1
    return datetime.date.fromordinal(min(ordinal, datetime.date.max.toordinal()))


def _days(number: int) -> str:
    return ngettext("%(number)s day", "%(number)s days", number) % {"number": figure(number)}


def _months(number: int) -> str:
    return ngettext("%(number)s month", "%(number)s months", number) % {"number": figure(number)}
