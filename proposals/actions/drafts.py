"""What the people of a proposal write in it, until it is submitted. Two of them at once never overwrite each other in silence."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import can, demand
from accounts.models import User
from members.actions.standings import speakers_of
from members.models import Institution
from notifications.actions import announce
from proposals.actions.content import BASICS, BUDGET, version_of
from proposals.actions.signing import facts, writers_of
from proposals.models import Answer, BudgetLine, Call, Partner, Proposal
from toolkit.saving import ChangedMeanwhile
from workflow.actions import WrongState

MOST_PARTNERS = 40
BASIC_FIELDS = ["title", "acronym", "summary", "starts_on", "ends_on", "sites", "on_site", "builds_capacity"]


@transaction.atomic
def begin_proposal(*, call: Call, lead: Institution, title: str, by: User, origin: Proposal | None = None) -> Proposal:
    """A draft of this person with this institution as its lead; begun twice in a call, it is the same one.

    In the second stage of a call it goes on from `origin`, see actions.continuing.
    """
    if not can(by, "answer", call):
        raise PermissionDenied(_("The call is not open, or your e-mail address is not confirmed yet."))
    if call.first_stage_id and origin is None:
        raise PermissionDenied(_("Only proposals that passed the first stage can answer this call."))
    return _begin(call, lead, title, applicant=by, origin=origin)[0]


@transaction.atomic
def enter_proposal(*, call: Call, lead: Institution, title: str, address: str, by: User) -> Proposal:
    """A proposal that came on paper, begun for somebody: whoever has confirmed this address is its lead person, if anybody has.

    The officer writes it, as its people can; its institutions confirm it themselves. After the deadline it takes a late code.
    """
    demand(by, "edit", call, _("An officer to whom the call is given, or an administrator, can do this."))
    if call.state != Call.State.PUBLISHED:
        raise ValidationError(_("The call is not published, or decided already."), code="wrong_state")
    applicant = User.objects.active().filter(emailaddress__email__iexact=address, emailaddress__verified=True).first()
    proposal, made = _begin(call, lead, title, applicant=applicant, entered_by=by)
    if made:
        announce("proposal.entered", proposal, actor=by, to=writers_of(proposal), context=facts(proposal))
    return proposal


def draft_of(*, call: Call, lead: Institution, title: str, applicant: User) -> Proposal:
    """For who has shown that they may begin after the deadline."""
    return _begin(call, lead, title, applicant=applicant)[0]


def _begin(
    call: Call, lead: Institution, title: str, *, origin: Proposal | None = None, **people: User | None
) -> tuple[Proposal, bool]:
    """And whether it was made now."""
    Call.objects.select_for_update(no_key=True).get(pk=call.pk)  # numbers follow one another
    known = Proposal.objects.filter(
        call=call, title=title, state=Proposal.State.DRAFT, partners__institution=lead, **people
    ).first()
    if known and origin is None:
        return known, False
    last = Proposal.objects.filter(call=call).aggregate(last=Max("number"))["last"]
    proposal = Proposal.objects.create(
        call=call, number=(last or 0) + 1, title=title, origin=origin, illustrative=call.illustrative, **people
    )
    Partner.objects.create(proposal=proposal, institution=lead, role=Partner.Role.LEAD)
    return proposal, True


def open_for_writing(proposal: Proposal, by: User, *, part: str = "", version: str | None = None) -> Proposal:
    """The locked row, if this person may write in it now and knows what this part says."""
    row = Proposal.objects.select_for_update(of=("self",), no_key=True).select_related("call").get(pk=proposal.pk)
    demand(by, "write", row, _("The lead person, and whoever acts for the lead institution, can change it."))
    if not row.is_open:
        raise WrongState(_("It is submitted: open it again to change it."), code="wrong_state")
    if version is not None and version != version_of(row, part):
        raise ChangedMeanwhile
    return row


def touch(row: Proposal) -> None:
    Proposal.objects.filter(pk=row.pk).update(changed_at=Now(), revision=F("revision") + 1)


@transaction.atomic
def save_basics(*, proposal: Proposal, values: Mapping[str, Any], version: str, by: User) -> Proposal:
    row = open_for_writing(proposal, by, part=BASICS, version=version)
    for name in BASIC_FIELDS:
        if name in values:
            setattr(row, name, values[name])
    row.save(update_fields=BASIC_FIELDS)
    touch(row)
    return row


@transaction.atomic
def save_answers(*, proposal: Proposal, part: int, texts: Mapping[int, str], version: str, by: User) -> None:
    """By question, in the normal form of its kind; an empty one is no answer."""
    row = open_for_writing(proposal, by, part=str(part), version=version)
    Answer.objects.bulk_create(
        [Answer(proposal=row, question_id=question, text=text) for question, text in texts.items() if text],
        update_conflicts=True,
        unique_fields=["proposal", "question"],
        update_fields=["text"],
    )
    row.answers.filter(question__in=[question for question, text in texts.items() if not text]).delete()
    touch(row)


# --- Partners


@transaction.atomic
def add_partner(*, proposal: Proposal, institution: Institution, role: str, contribution: str, by: User) -> Partner:
    row = open_for_writing(proposal, by)
    known = row.partners.filter(institution=institution).first()
    if known:
        raise ValidationError(_("This institution takes part already."), code="twice")
    return insert_partner(row, institution=institution, role=role, contribution=contribution)


def insert_partner(row: Proposal, *, institution: Institution, role: str, contribution: str) -> Partner:
    """Without asking who may: those who call this have, and hold the row."""
    if row.partners.count() >= MOST_PARTNERS:
        raise ValidationError(_("A proposal has at most %(most)d partners.") % {"most": MOST_PARTNERS})
    last = row.partners.aggregate(last=Max("position"))["last"] or 0
    partner = Partner.objects.create(
        proposal=row, institution=institution, role=role, contribution=contribution, position=last + 1
    )
    touch(row)
    return partner


@transaction.atomic
def change_partner(*, partner: Partner, role: str, contribution: str, by: User) -> Partner:
    """A change of its own part voids what the institution has said: it is asked again."""
    row = open_for_writing(partner.proposal, by)
    part = row.partners.select_for_update(of=("self",)).get(pk=partner.pk)
    if part.role == Partner.Role.LEAD:
        role = Partner.Role.LEAD
    if (part.role, part.contribution) != (role, contribution):
        part.role, part.contribution = role, contribution
        part.save(update_fields=["role", "contribution"])
        _own_part_changed(part)
        touch(row)
    return part


def _own_part_changed(partner: Partner) -> None:
    Partner.objects.filter(pk=partner.pk).update(revision=F("revision") + 1, asked_at=None)


@transaction.atomic
def remove_partner(*, partner: Partner, by: User) -> None:
    row = open_for_writing(partner.proposal, by)
    part = row.partners.select_related("institution").get(pk=partner.pk)
    if part.role == Partner.Role.LEAD:
        raise ValidationError(_("The lead stays: begin another proposal for another lead."))
    part.delete()
    touch(row)


@transaction.atomic
def save_budget(*, proposal: Proposal, lines: Iterable[Mapping[str, Any]], version: str, by: User) -> None:
    """All lines of all partners anew; each has partner, category, label, amount. A changed share voids the partner's word."""
    row = open_for_writing(proposal, by, part=BUDGET, version=version)
    partners = {partner.pk: partner for partner in row.partners.prefetch_related("budget_lines")}
    wanted: dict[int, list[tuple]] = {key: [] for key in partners}
    for line in lines:
        wanted[line["partner"]].append((line["category"], line["label"], line["amount"]))
    for key, partner in partners.items():
        there = [(line.category, line.label, line.amount) for line in partner.budget_lines.all()]
        if there == wanted[key]:
            continue
        partner.budget_lines.all().delete()
        BudgetLine.objects.bulk_create(
            BudgetLine(partner=partner, category=category, label=label, amount=amount)
            for category, label, amount in wanted[key]
        )
        _own_part_changed(partner)
    touch(row)


@transaction.atomic
def ask_partners(*, proposal: Proposal, by: User) -> list[Partner]:
    """Tell the speakers of every institution that has not confirmed, those asked before included. Gives those asked."""
    row = open_for_writing(proposal, by)
    asked = list(row.partners.select_related("institution").unconfirmed().lead_first())
    lead = row.partners.select_related("institution").get(role=Partner.Role.LEAD).institution
    for partner in asked:
        Partner.objects.filter(pk=partner.pk).update(asked_at=Now())
        announce(
            "proposal.asked",
            row,
            actor=by,
            to=speakers_of(partner.institution),
            context={
                "institution": partner.institution.name,
                "lead": lead.name,
                "call": row.call.title,
                "closes_at": row.call.closes_at,
            },
        )
    return asked


__all__ = [
    *["BASICS", "BUDGET", "PARTNERS", "add_partner", "ask_partners", "begin_proposal"],
    *["change_partner", "remove_partner", "save_answers", "save_basics", "save_budget"],
]
