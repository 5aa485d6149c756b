"""What waits around calls and proposals: confirmations, drafts before a deadline, and calls to decide."""

from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Least
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import permission
from accounts.permissions import ADMINISTRATOR, REVIEWER, has_role, is_secretariat
from members.permissions import acting_for, speaking_for
from proposals.models import (
    Call,
    CallReviewer,
    Clarification,
    InstitutionRequest,
    Partner,
    Proposal,
    Review,
    Signatory,
    SignOff,
)
from toolkit.desk import Item, Place, Request, oldest

SHOWN = 10


def items(user) -> list[Item]:
    reviewing = [*_to_answer(user), *_to_review(user)] if has_role(user, REVIEWER) else []
    office = _calls(user) if is_secretariat(user) else []
    return [*_to_sign(user), *_to_submit(user), *reviewing, *office]


def _to_sign(user) -> list[Item]:
    """Parts of proposals that the institution is asked about and has not answered, while the call takes proposals."""
    answered = SignOff.objects.valid().filter(partner=OuterRef("pk"))
    waiting = Partner.objects.filter(
        ~Exists(answered),
        asked_at__isnull=False,
        institution__in=speaking_for(user),
        proposal__state__in=Proposal.OPEN,
        proposal__in=Proposal.objects.taken().values("pk"),
    )
    return oldest(
        waiting.select_related("institution", "proposal").order_by("asked_at", "pk"),
        lambda part: Item(
            part.asked_at,
            _("confirm a partnership"),
            str(part.proposal),
            reverse("proposals:sign", args=[part.proposal_id, part.pk]),
        ),
        url=reverse("proposals:proposals"),
    )


def _to_submit(user) -> list[Item]:
    drafts = Proposal.objects.taken().filter(applicant=user, state__in=Proposal.OPEN)
    return oldest(
        drafts.order_by("changed_at", "pk"),
        lambda draft: Item(draft.changed_at, _("proposal not submitted yet"), str(draft), draft.get_absolute_url()),
        url=reverse("proposals:proposals"),
    )


def _calls(user) -> list[Item]:
    """Calls whose applicants wait for an institution or a signatory, and those that are over: one line for each, one statement."""
    institutions = InstitutionRequest.objects.filter(permission("answer", InstitutionRequest)(user)).waiting()
    signatories = Signatory.objects.filter(permission("answer", Signatory)(user)).waiting()
    asked = Least(
        Subquery(institutions.filter(proposal__call=OuterRef("pk")).order_by("at").values("at")[:1]),
        Subquery(signatories.filter(partner__proposal__call=OuterRef("pk")).order_by("at").values("at")[:1]),
    )
    given = Q() if has_role(user, ADMINISTRATOR) else Q(officers__user=user)
    over = Q(pk__in=Call.objects.over().filter(given).values("pk"))
    waiting = Call.objects.annotate(asked_at=asked).filter(over | Q(asked_at__isnull=False))
    return oldest(
        waiting.annotate(since=Coalesce("asked_at", "closes_at")).order_by("since", "pk"),
        lambda call: (
            Item(call.since, _("requests of applicants"), call.title, f"{call.desk_url}requests/")
            if call.asked_at
            else Item(call.since, _("call to be decided"), call.title, call.desk_url)
        ),
        url=reverse("proposals:desk_calls"),
    )


def _to_answer(user) -> list[Item]:
    asked = CallReviewer.objects.filter(user=user, state=CallReviewer.State.INVITED).select_related("call")
    return oldest(
        asked.order_by("invited_at", "pk"),
        lambda one: Item(one.invited_at, _("asked to review"), one.call.title, one.get_absolute_url()),
        url=reverse("proposals:reviews"),
    )


def _to_review(user) -> list[Item]:
    waiting = Review.objects.filter(permission("write", Review)(user), state__in=Review.OPEN)
    return oldest(
        waiting.with_title().order_by("assigned_at", "pk"),
        lambda one: Item(one.assigned_at, _("review to hand in"), one.title, one.get_absolute_url()),
        url=reverse("proposals:reviews"),
    )


def mine(user) -> list[Request]:
    lead = Q(partners__role="lead", partners__institution__in=acting_for(user))
    own = Proposal.objects.filter(Q(pk__in=Proposal.objects.filter(lead).values("pk")) | Q(applicant=user))
    waiting = Clarification.objects.filter(proposal=OuterRef("pk"), answered_at__isnull=True)
    return [
        Request(
            one.changed_at,
            _("Proposal %(reference)s") % {"reference": one.reference},
            str(one),
            one.get_absolute_url(),
            one.get_state_display(),
            next_step(one),
        )
        for one in own.select_related("call").annotate(is_asked=Exists(waiting)).order_by("-changed_at", "-pk")[:SHOWN]
    ]


def next_step(proposal: Proposal) -> str:
    match proposal.state:
        case Proposal.State.SUBMITTED if getattr(proposal, "is_asked", False):
            return _("Next: you answer the question of the alliance.")
        case Proposal.State.DRAFT | Proposal.State.REOPENED:
            return _("Next: you submit it before the call closes.")
        case Proposal.State.SUBMITTED:
            return _("Next: the alliance decides after the call has closed.")
        case _:
            return ""


def places(user) -> list[Place]:
    places = [Place(_("Proposals"), reverse("proposals:proposals"))]
    if has_role(user, REVIEWER):
        places.append(Place(_("My reviews"), reverse("proposals:reviews")))
    if is_secretariat(user):
        places.append(Place(_("Calls"), reverse("proposals:desk_calls")))
    return places
