"""Rules about who takes part."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from toolkit.eligibility.cases import Case
from toolkit.eligibility.entries import Party, Rule
from toolkit.eligibility.verdicts import MET, Outcome, every, within
from toolkit.eligibility.words import Words, both, bounds, clauses, listed, numeral


def describe_number(rule: Rule, words: Words) -> str:
    number = rule.get("most", rule.get("least"))
    these = bounds(rule, lambda n: _counted(rule, words, n), numeral)
    clause = ngettext("%(these)s takes part", "%(these)s take part", number) % {"these": these}
    if rule["of"] == "countries" and "where" in rule:
        return _("%(clause)s, counting only %(these)s") % {"clause": clause, "these": words.who(rule["where"], 2)}
    return clause


def check_number(rule: Rule, case: Case) -> Outcome:
    sure, maybe = case.sort(rule.get("where", {}))
    if rule["of"] == "countries":
        countries = {party.country for party in sure if party.country}
        open_ones = [party for party in [*sure, *maybe] if not party.country]
        known, names = len(countries), case.words.countries(countries)
    else:
        institutions = {party.key for party in sure}
        open_ones = [party for party in maybe if party.key not in institutions]
        known, names = len(institutions), listed(party.name for party in sure)
    least, most = rule.get("least"), rule.get("most")
    met = within(known, known + len({party.key for party in open_ones}), least, most)
    if met:
        return MET
    these = _counted(rule, case.words, known)
    so_far = ngettext("so far %(these)s takes part", "so far %(these)s take part", known) % {"these": these}
    if names:
        so_far = _("%(clause)s (%(names)s)") % {"clause": so_far, "names": names}
    return Outcome(met, clauses([so_far, _gap(known, least, most), case.fill_in_countries(open_ones)]))


def describe_every(rule: Rule, words: Words) -> str:
    return f"{words.each(rule.get('where', {}))} {words.being(rule['is'])}"


def check_every(rule: Rule, case: Case) -> Outcome:
    where, wanted = rule.get("where", {}), rule["is"]
    if not case.in_role(where):
        return Outcome(None, case.nobody(where))
    verdicts = [(party, _if_so(case.fits(party, where), case.fits(party, wanted))) for party in case.entry.parties]
    met = every(verdict for _party, verdict in verdicts)
    if met:
        return MET
    wrong = [party for party, verdict in verdicts if verdict is False]
    so_far = _("so far this is not so for %(names)s") % {"names": case.named(wrong, wanted)} if wrong else ""
    return Outcome(
        met, clauses([so_far, case.fill_in_countries(party for party, verdict in verdicts if verdict is None)])
    )


def describe_different_countries(rule: Rule, words: Words) -> str:
    return _("%(these)s are in different countries") % {
        "these": both([words.all_of({"role": role}) for role in rule["roles"]])
    }


def check_different_countries(rule: Rule, case: Case) -> Outcome:
    by_role = {role: case.in_role({"role": role}) for role in rule["roles"]}
    seen: set[str] = set()
    shared: set[str] = set()
    for parties in by_role.values():
        countries = {party.country for party in parties if party.country}
        shared |= seen & countries
        seen |= countries
    unnamed = [case.nobody({"role": role}) for role, parties in by_role.items() if not parties]
    blank = [party for parties in by_role.values() for party in parties if not party.country]
    fill_in = clauses([*unnamed, case.fill_in_countries(blank)])
    if shared:
        same = _("so far they share %(countries)s") % {"countries": case.words.countries(shared)}
        return Outcome(False, clauses([same, fill_in]))
    return Outcome(None, fill_in) if fill_in else MET


def describe_entries(rule: Rule, words: Words) -> str:
    entries = _entries(rule["most"])
    if rule["per"] == "person":
        return _("the same person leads at most %(entries)s") % {"entries": entries}
    return _("%(each)s takes part in at most %(entries)s") % {
        "each": words.each(rule.get("where", {})),
        "entries": entries,
    }


def check_entries(rule: Rule, case: Case) -> Outcome:
    if rule["per"] == "person":
        return _entries_of_person(rule, case)
    where = rule.get("where", {})
    if not case.in_role(where):
        return Outcome(None, case.nobody(where))
    met: list[bool | None] = []
    too_many, blank, uncounted = [], [], []
    for party in case.entry.parties:
        others, fits = case.entry.entries_of.get(party.key), case.fits(party, where)
        allowed = None if others is None else others < rule["most"]
        met.append(_if_so(fits, allowed))
        if met[-1] is False:
            too_many.append(_("%(name)s (%(others)s)") % {"name": party.name, "others": _other_entries(others or 0)})
        elif met[-1] is None:
            (uncounted if others is None else blank).append(party)
    if every(met):
        return MET
    parts = [
        _("so far this is too many for %(names)s") % {"names": listed(too_many)} if too_many else "",
        case.fill_in_countries(blank),
        _uncounted(uncounted),
    ]
    return Outcome(every(met), clauses(parts))


def _entries_of_person(rule: Rule, case: Case) -> Outcome:
    others = case.entry.lead_person_has
    if others is None:
        return Outcome(None, _("the lead person is to be filled in"))
    if others < rule["most"]:
        return MET
    return Outcome(False, _("the lead person already has %(entries)s") % {"entries": _other_entries(others)})


def _counted(rule: Rule, words: Words, number: int) -> str:
    if rule["of"] == "countries":
        return ngettext("%(number)s country", "%(number)s countries", number) % {"number": numeral(number)}
    return words.number_of(number, rule.get("where", {}))


def _gap(known: int, least: int | None, most: int | None) -> str:
    if least is not None and known < least:
        gap = least - known
        if not known:
            return ngettext("%(gap)s is needed", "%(gap)s are needed", gap) % {"gap": numeral(gap)}
        return ngettext("%(gap)s more is needed", "%(gap)s more are needed", gap) % {"gap": numeral(gap)}
    if most is not None and known > most:
        return _("that is %(gap)s too many") % {"gap": numeral(known - most)}
    return ""


def _if_so(condition: bool | None, verdict: bool | None) -> bool | None:
    """What is wanted of those that fit: True for the others, and open while it is not known who fits."""
    if condition is False or verdict is True:
        return True
    return verdict if condition else None


def _entries(number: int) -> str:
    return ngettext("%(number)s entry", "%(number)s entries", number) % {"number": numeral(number)}


def _other_entries(number: int) -> str:
    return ngettext("%(number)s other entry", "%(number)s other entries", number) % {"number": numeral(number)}


def _uncounted(parties: list[Party]) -> str:
    names = [party.name for party in parties]
    return _("the other entries of %(names)s are not counted yet") % {"names": listed(names)} if names else ""
