"""A proposal in the words of toolkit.eligibility, and what the rules of its call say to it."""

from collections import Counter
from collections.abc import Mapping

from django.utils.translation import gettext as _

from members.models import Institution
from proposals.actions.content import partners_of
from proposals.models import Call, Partner, Proposal
from toolkit.clock import database_today
from toolkit.eligibility import Entry, Finding, Party, check, describe
from vocabularies.countries import country_names
from vocabularies.lists import NAMES as LIST_NAMES
from vocabularies.lists import country_lists


def entry_of(proposal: Proposal, partners: list[Partner] | None = None) -> Entry:
    """`partners` as from content.partners_of, where they are at hand."""
    partners = partners_of(proposal) if partners is None else partners
    others = Proposal.objects.exclude(pk=proposal.pk).filter(call=proposal.call_id).submitted()
    keys = [partner.institution_id for partner in partners]
    members = set(Institution.objects.filter(pk__in=keys).listed_members().values_list("pk", flat=True) if keys else ())
    parts_elsewhere = Partner.objects.filter(proposal__in=others, institution__in=keys)
    elsewhere = Counter(parts_elsewhere.values_list("institution", flat=True))
    return Entry(
        parties=tuple(
            Party(
                key=str(partner.institution_id),
                name=partner.institution.name,
                country=partner.institution.country_id or "",
                role=partner.role,
                member=partner.institution_id in members,
                amount=partner.amount,
            )
            for partner in partners
        ),
        lead_person_has=others.filter(applicant=proposal.applicant_id).count() if proposal.applicant_id else 0,
        entries_of={str(key): elsewhere[key] for key in keys},
        sites=tuple(proposal.sites),
        starts_on=proposal.starts_on,
        ends_on=proposal.ends_on,
        currency=proposal.call.currency,
        counts={name: number for name, number in [("on_site", proposal.on_site)] if number is not None},
        tags=frozenset(["capacity_building"] if proposal.builds_capacity else []),
    )


def findings(proposal: Proposal, partners: list[Partner] | None = None) -> list[Finding]:
    """One for each rule of the call, in its order."""
    call = proposal.call
    if not call.rules:
        return []
    return check(call.rules, entry_of(proposal, partners), lists=lists_of(call), names=names())


def sentences(call: Call) -> list[str]:
    """The rules of a call for its page."""
    known = names()
    return [describe(rule, known) for rule in call.rules]


def names() -> dict[str, str]:
    """Countries, lists, roles and counts as readers know them."""
    lists = {name: str(label) for name, label in LIST_NAMES.items()}
    return {**country_names(), **lists, "capacity_building": _("capacity building in a developing country")}


def lists_of(call: Call) -> Mapping[str, frozenset[str]]:
    """The named lists of countries as they stood when the call opened."""
    return country_lists(call.opens_at.date() if call.opens_at else database_today())
