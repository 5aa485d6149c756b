"""A proposal that goes on in another call: the full proposal after a concept note, or a second try in a later call."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import can, demand, permission
from accounts.models import User
from proposals.actions.drafts import BASIC_FIELDS, begin_proposal
from proposals.models import Answer, BudgetLine, Call, Partner, Proposal, Question, TeamMember, WorkPackage


def calls_to_continue_in(proposal: Proposal, by: User):
    """Open calls that take a copy of it: those of one stage, and the second stage of its own call if it was accepted."""
    if proposal.is_open or not can(by, "write", proposal):
        return Call.objects.none()
    fitting = Q(first_stage__isnull=True) & ~Q(pk=proposal.call_id)
    if proposal.state in Proposal.GRANTED:
        fitting |= Q(first_stage=proposal.call_id)
    return Call.objects.filter(permission("answer", Call)(by), fitting)


def invited(call: Call, by: User):
    """The proposals of the first stage that this person may go on with in this call."""
    written = Proposal.objects.filter(
        permission("write", Proposal)(by), call=call.first_stage_id, state__in=Proposal.GRANTED
    )
    going_on = Proposal.objects.filter(call=call).exclude(state=Proposal.State.WITHDRAWN)
    return written.exclude(continued__in=going_on).select_related("call").distinct().order_by("number")


@transaction.atomic
def continue_proposal(*, proposal: Proposal, call: Call, by: User) -> Proposal:
    """A draft in the other call with what both ask for. Files, confirmations and what else was asked stay behind.

    Asked twice, it is the same draft; after that was withdrawn, a new one.
    """
    demand(by, "write", proposal, _("The lead person, and whoever acts for the lead institution, can do this."))
    Proposal.objects.select_for_update(no_key=True).get(pk=proposal.pk)  # of two clicks, one comes later
    known = Proposal.objects.filter(origin=proposal, call=call).exclude(state=Proposal.State.WITHDRAWN).first()
    if known:
        return known
    if not calls_to_continue_in(proposal, by).filter(pk=call.pk).exists():
        raise ValidationError(_("This call is not open for it."), code="closed")
    lead = proposal.partners.select_related("institution").get(role=Partner.Role.LEAD)
    draft = begin_proposal(call=call, lead=lead.institution, title=proposal.title, by=by, origin=proposal)
    for name in BASIC_FIELDS:
        setattr(draft, name, getattr(proposal, name))
    draft.save(update_fields=BASIC_FIELDS)
    _copy_partners(proposal, draft)
    _copy_answers(proposal, draft)
    return draft


def _copy_partners(proposal: Proposal, draft: Proposal) -> None:
    draft.partners.all().delete()
    copies = {}
    for part in proposal.partners.prefetch_related("budget_lines").order_by("position", "pk"):
        lines = list(part.budget_lines.all()) if proposal.call.currency == draft.call.currency else []
        copies[part.pk] = copy = Partner.objects.create(
            proposal=draft,
            institution_id=part.institution_id,
            role=part.role,
            contribution=part.contribution,
            position=part.position,
        )
        BudgetLine.objects.bulk_create(
            BudgetLine(partner=copy, category=line.category, label=line.label, amount=line.amount) for line in lines
        )
    TeamMember.objects.bulk_create(
        TeamMember(proposal=draft, partner=copies[row.partner_id], name=row.name, task=row.task, position=row.position)
        for row in proposal.team.all()
    )
    WorkPackage.objects.bulk_create(
        WorkPackage(
            proposal=draft,
            partner=copies[row.partner_id] if row.partner_id else None,
            title=row.title,
            result=row.result,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            position=row.position,
        )
        for row in proposal.work_packages.all()
    )


def _copy_answers(proposal: Proposal, draft: Proposal) -> None:
    """To questions of the same words and kind."""
    given = {
        (answer.question.label, answer.question.kind): answer.text
        for answer in proposal.answers.select_related("question").exclude(question__kind=Question.Kind.FILE)
    }
    Answer.objects.bulk_create(
        Answer(proposal=draft, question=question, text=given[question.label, question.kind])
        for question in Question.objects.filter(part__call=draft.call_id)
        if (question.label, question.kind) in given
    )
