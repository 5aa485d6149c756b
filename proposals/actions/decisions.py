"""What becomes of the proposals of a call: written one by one, applied and announced together, or not at all."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import can, demand, permission
from accounts.models import User
from notifications.actions import announce
from projects.models import Milestone, Participation, Project, ProjectSite
from proposals.actions.content import partners_of, total_of
from proposals.actions.signing import everyone_in, facts
from proposals.models import Call, Decision, Partner, Proposal
from toolkit.clock import database_now
from toolkit.names import slugify, unique_slug
from vocabularies.countries import country_name
from workflow.actions import move


@transaction.atomic
def write_decision(*, proposal: Proposal, outcome: str, feedback: str, by: User) -> Decision:
    """Nobody but officers sees it before it is applied; until then it can be changed."""
    demand(by, "decide", proposal, _("An officer of the call without a conflict of interest can decide."))
    row = Proposal.objects.select_for_update(of=("self",), no_key=True).get(pk=proposal.pk)
    if row.state not in (Proposal.State.SUBMITTED, Proposal.State.REOPENED):
        raise ValidationError(_("It is not submitted, or decided already."), code="wrong_state")
    decision, _made = Decision.objects.update_or_create(
        proposal=row,
        defaults={"outcome": outcome, "feedback": feedback, "by": by, "decided_at": Now()},
    )
    return decision


@transaction.atomic
def write_decisions(*, proposals: Iterable[Proposal], outcome: str, by: User) -> int:
    """The same for many, all or none; feedback that was written stays."""
    known = dict(Decision.objects.filter(proposal__in=(rows := list(proposals))).values_list("proposal", "feedback"))
    for proposal in rows:
        write_decision(proposal=proposal, outcome=outcome, feedback=known.get(proposal.pk, ""), by=by)
    return len(rows)


def undecided(call: Call):
    """What was submitted and has no decision yet, whoever may see it: all must be decided before any is announced."""
    return Proposal.objects.filter(
        call=call, state__in=[Proposal.State.SUBMITTED, Proposal.State.REOPENED], decision__isnull=True
    )


@transaction.atomic
def apply_decisions(*, call: Call, by: User) -> int:
    """All of them in one transaction, each applicant told. Those of an officer's own conflict were written by a deputy."""
    demand(by, "edit", call, _("An officer to whom the call is given, or an administrator, can do this."))
    waiting = list(
        Proposal.objects.select_for_update(of=("self",), no_key=True)
        .filter(call=call, state__in=[Proposal.State.SUBMITTED, Proposal.State.REOPENED])
        .select_related("call", "applicant")
        .order_by("pk")
    )
    decisions = {decision.proposal_id: decision for decision in Decision.objects.filter(proposal__in=waiting)}
    if len(decisions) < len(waiting):
        raise ValidationError(_("Some proposals have no decision yet: nothing was announced."), code="undecided")
    for proposal in waiting:
        decision = decisions[proposal.pk]
        move(
            proposal,
            decision.outcome,
            by=by if can(by, "decide", proposal) else decision.by,
            tell=everyone_in(proposal),
            context=facts(proposal) | {"outcome": str(Proposal.State(decision.outcome).label)},
        )
    Decision.objects.filter(proposal__in=waiting).update(applied_at=Now())
    move(call, Call.State.DECIDED, by=by)
    Call.objects.filter(pk=call.pk).update(decided_at=Now())
    return len(waiting)


@transaction.atomic
def make_project(*, proposal: Proposal, by: User) -> Project:
    """An accepted proposal becomes a project: partners, roles, dates, themes, money and places are taken over. Once."""
    demand(by, "decide", proposal, _("An officer of the call without a conflict of interest can do this."))
    row = (
        Proposal.objects.select_for_update(of=("self",), no_key=True)
        .select_related("call__programme", "project")
        .get(pk=proposal.pk)
    )
    if row.project:
        return row.project
    if row.state not in Proposal.GRANTED:
        raise ValidationError(_("Only an accepted proposal becomes a project."), code="wrong_state")
    partners = partners_of(row)
    total = total_of(partners)
    project = Project(
        slug=unique_slug(slugify(row.title), taken=lambda slug: Project.objects.filter(slug=slug).exists()),
        code=row.reference,
        acronym=row.acronym,
        title=row.title,
        summary=row.summary,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        amount=total or None,
        currency=row.call.currency if total else "",
        funding_programme=row.call.title,
        illustrative=row.illustrative,
        published_at=database_now(),
    )
    project.save(force_insert=True)
    project.themes.set(row.call.themes.all())
    Participation.objects.bulk_create(
        Participation(
            project=project,
            role=Participation.Role.LEAD if partner.role == Partner.Role.LEAD else Participation.Role.PARTNER,
            name_as_given=partner.institution.name,
            institution=partner.institution,
            country_id=partner.institution.country_id,
            position=position,
        )
        for position, partner in enumerate(partners)
    )
    ProjectSite.objects.bulk_create(
        ProjectSite(project=project, name=country_name(code), country_id=code) for code in row.sites
    )
    packages = row.work_packages.order_by("ends_on", "pk")
    Milestone.objects.bulk_create(
        Milestone(project=project, title=one.title, due_on=one.ends_on, note=one.result[:500]) for one in packages
    )
    Proposal.objects.filter(pk=row.pk).update(project=project)
    announce(
        "proposal.became_project",
        project,
        actor=by,
        about=[f"institution:{partner.institution_id}" for partner in partners],
        to=everyone_in(row),
        context={"title": project.title, "reference": row.reference},
    )
    return project


def decidable(call: Call, by: User):
    """Of the proposals of a call, those that this officer may see and decide on."""
    return Proposal.objects.filter(permission("decide", Proposal)(by), call=call)
