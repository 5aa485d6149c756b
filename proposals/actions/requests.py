"""Before all institutions of a proposal can sign: one that is not in the registry, and one that has nobody to sign for it."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import can, demand
from accounts.models import User
from members.actions.invitations import Offer, invite_person
from members.actions.names import add_institution, look_alikes_of
from members.actions.standings import speakers_of
from members.models import Institution
from members.permissions import FOCAL_POINT
from notifications.actions import announce
from proposals.actions.drafts import insert_partner, open_for_writing
from proposals.actions.reviewing import officers_of
from proposals.actions.signing import facts, writers_of
from proposals.models import InstitutionRequest, Partner, Proposal, Signatory
from vocabularies.models import Country

MOST_WAITING = 5  # of one proposal: officers look at each


# --- By the people of the proposal


@transaction.atomic
def request_institution(
    *, proposal: Proposal, name: str, country: Country, website: str, role: str, contribution: str, by: User
) -> InstitutionRequest:
    """Asked for twice, it is once."""
    row = open_for_writing(proposal, by)
    waiting = row.institution_requests.waiting()
    if known := waiting.filter(name=name).first():
        return known
    if waiting.count() >= MOST_WAITING:
        raise ValidationError(
            _("%(most)d institutions are asked for already: wait for the answers.") % {"most": MOST_WAITING}
        )
    asked = InstitutionRequest.objects.create(
        proposal=row, name=name, country=country, website=website, role=role, contribution=contribution, by=by
    )
    _tell_officers(row, asked)
    return asked


@transaction.atomic
def take_request_back(*, request: InstitutionRequest, by: User) -> None:
    row = open_for_writing(request.proposal, by)
    row.institution_requests.waiting().filter(pk=request.pk).delete()


@transaction.atomic
def name_signatory(*, partner: Partner, name: str, position: str, email: str, by: User) -> Signatory:
    """Where nobody speaks for the institution here yet. Who was named before and is not verified yet gives way."""
    row = open_for_writing(partner.proposal, by)
    part = row.partners.select_for_update(of=("self",)).select_related("institution").get(pk=partner.pk)
    if speakers_of(part.institution):
        raise ValidationError(_("This institution has a focal point, who is asked to confirm."), code="has_speaker")
    part.signatories.waiting().delete()
    named = Signatory.objects.create(partner=part, name=name, position=position, email=email, by=by)
    _tell_officers(row, named)
    return named


def _tell_officers(proposal: Proposal, asked: InstitutionRequest | Signatory) -> None:
    """Of those who may know of it: a draft is hidden from officers, and all of it from who has a conflict of interest."""
    readers = [user for user in officers_of(proposal.call) if can(user, "view", asked)]
    announce("proposal.requested", asked, actor=None, to=readers, context={"call": proposal.call.title})


# --- By the officers of the call


@transaction.atomic
def add_requested(
    *, request: InstitutionRequest, by: User, institution: Institution | None = None, another_one: bool = False
) -> Partner:
    """It takes part from now on: this record of the registry, or a new one from what was asked.

    ValidationError `looks_alike` where the new one could be taken for another and nobody has said that it is another one.
    """
    asked = _to_answer(request, by)
    if not asked.proposal.is_open:
        raise ValidationError(
            _("The proposal was submitted or taken back: nothing can be added to it now."), code="closed"
        )
    if institution is None:
        if not another_one and (alike := look_alikes_of([asked.name])):
            names = ", ".join(other.name for other in alike)
            raise ValidationError(_("This looks like %(names)s.") % {"names": names}, code="looks_alike")
        institution = add_institution(Institution(name=asked.name, country=asked.country, website=asked.website))
    row = asked.proposal
    part = row.partners.filter(institution=institution).first() or insert_partner(
        row, institution=institution, role=asked.role, contribution=asked.contribution
    )
    InstitutionRequest.objects.filter(pk=asked.pk).update(institution=institution, answered_at=Now(), answered_by=by)
    _tell_writers(row, asked.name, _("It is in the registry now, and takes part in your proposal."), by)
    return part


@transaction.atomic
def verify_signatory(*, signatory: Signatory, by: User) -> None:
    """The person is invited to be the institution's focal point, and confirms as such."""
    asked = _to_answer(signatory, by)
    offer = Offer(email=asked.email, role=FOCAL_POINT, name=asked.name)
    invite_person(offer=offer, by=by, institution=asked.partner.institution)
    Signatory.objects.filter(pk=asked.pk).update(answered_at=Now(), answered_by=by)
    said = _("%(name)s is invited to be its focal point, and can then confirm.") % {"name": asked.name}
    _tell_writers(asked.proposal, asked.partner.institution.name, said, by)


@transaction.atomic
def refuse_request(*, request: InstitutionRequest | Signatory, reason: str, by: User) -> None:
    asked = _to_answer(request, by)
    type(request).objects.filter(pk=asked.pk).update(reason=reason, answered_at=Now(), answered_by=by)
    _tell_writers(asked.proposal, str(asked), _("The alliance cannot do this: %(reason)s") % {"reason": reason}, by)


def _to_answer(request, by: User):
    """The locked row. The proposal comes first, as whoever writes in it locks it too."""
    Proposal.objects.select_for_update(of=("self",), no_key=True).get(pk=request.proposal.pk)
    row = type(request).objects.select_for_update(of=("self",)).filter(pk=request.pk).first()
    if row:
        demand(by, "answer", row, _("An officer of the call without a conflict of interest can do this."))
    if row is None or row.answered_at:
        raise ValidationError(_("This was answered or taken back meanwhile."), code="answered")
    return row


def _tell_writers(proposal: Proposal, name: str, said: str, by: User) -> None:
    announce(
        "proposal.request_answered",
        proposal,
        actor=by,
        to=writers_of(proposal),
        context=facts(proposal) | {"name": name, "said": said},
    )
