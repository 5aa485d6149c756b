"""What an institution says to its part in a proposal: a dated act of its focal point or deputy."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from members.actions.standings import speakers_of
from notifications.actions import announce
from proposals.models import Partner, Proposal, SignOff
from workflow.actions import move


@transaction.atomic
def sign_partner(*, partner: Partner, answer: str, by: User, revision: int, comment: str = "") -> SignOff:
    """`revision` is that of the part which was read; another one means that the part has changed since. Said twice, it is once."""
    row, part = _locked(partner)
    demand(by, "sign", part, _("A focal point or deputy of the institution can say this, once it is asked."))
    if part.revision != revision:
        raise ValidationError(_("The part of your institution has changed: read it again."), code="changed")
    known = part.sign_offs.valid().first()
    if known and known.answer == answer:
        return known
    if not row.is_open:
        raise ValidationError(_("The proposal is not open any more."), code="closed")
    if known:
        SignOff.objects.filter(pk=known.pk).update(revoked_at=Now())
    said = SignOff.objects.create(partner=part, revision=revision, answer=answer, by=by, comment=comment)
    _tell(row, part, said.get_answer_display(), by)
    return said


@transaction.atomic
def revoke_sign_off(*, partner: Partner, by: User) -> None:
    """Take the confirmation back before the call closes. A proposal that was submitted with it is open again."""
    row, part = _locked(partner)
    demand(by, "sign", part, _("A focal point or deputy of the institution can say this, once it is asked."))
    if not row.is_taken:
        raise ValidationError(_("The call is closed: what was confirmed stands."), code="closed")
    if not part.sign_offs.valid().update(revoked_at=Now()):
        return
    if row.state == Proposal.State.SUBMITTED:
        move(row, Proposal.State.REOPENED, by=None, tell=writers_of(row), context=facts(row))
    _tell(row, part, _("taken its confirmation back"), by)


def _locked(partner: Partner) -> tuple[Proposal, Partner]:
    row = (
        Proposal.objects.select_for_update(of=("self",), no_key=True).select_related("call").get(pk=partner.proposal_id)
    )
    return row, row.partners.select_for_update(of=("self",)).select_related("institution").get(pk=partner.pk)


def _tell(row: Proposal, part: Partner, said: str, by: User) -> None:
    announce(
        "proposal.signed",
        row,
        actor=by,
        to=writers_of(row),
        context=facts(row) | {"institution": part.institution.name, "answer": said},
    )


def writers_of(proposal: Proposal) -> list[User]:
    """The lead person, and the speakers of the lead institution."""
    return _with_speakers(proposal, proposal.partners.filter(role=Partner.Role.LEAD))


def everyone_in(proposal: Proposal) -> list[User]:
    """Its writers and the speakers of all partners, each once."""
    return _with_speakers(proposal, proposal.partners.all())


def _with_speakers(proposal: Proposal, partners: QuerySet[Partner]) -> list[User]:
    people = [proposal.applicant] if proposal.applicant else []
    return list(dict.fromkeys([*people, *speakers_of(*partners.values_list("institution", flat=True))]))


def facts(proposal: Proposal) -> dict:
    return {"title": str(proposal), "reference": proposal.reference, "call": proposal.call.title}
