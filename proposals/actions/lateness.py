"""Codes with which one applicant may submit after the deadline: given by an officer, used once, and in the history."""

import hashlib
import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from members.models import Institution
from proposals.actions.drafts import draft_of, open_for_writing
from proposals.models import Call, LateCode, Proposal
from toolkit.clock import database_now

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
LENGTH = 12


def digest(code: str) -> str:
    """However it was typed: small letters, spaces and hyphens do not count."""
    plain = "".join(letter for letter in code.upper() if letter in LETTERS)
    return hashlib.sha256(plain.encode()).hexdigest()


@transaction.atomic
def make_late_code(*, call: Call, until: datetime, note: str, by: User) -> str:
    """The code, which is shown this once."""
    demand(by, "edit", call, _("An officer to whom the call is given, or an administrator, can do this."))
    row = Call.objects.select_for_update(no_key=True).get(pk=call.pk)
    if row.state != Call.State.PUBLISHED:
        raise ValidationError(_("The call is not published, or decided already."))
    if until <= database_now():
        raise ValidationError({"until": _("This moment has passed.")})
    letters = "".join(secrets.choice(LETTERS) for _letter in range(LENGTH))
    code = "-".join(letters[at : at + 4] for at in range(0, LENGTH, 4))
    LateCode.objects.create(call=row, code_hash=digest(code), until=until, note=note, by=by)
    return code


@transaction.atomic
def begin_late(*, call: Call, lead: Institution, title: str, code: str, by: User) -> Proposal:
    """A draft for somebody who had none when the call closed. Without a valid code nothing is begun."""
    demand(by, "late", call, _("The call is not closed, or your e-mail address is not confirmed yet."))
    proposal = draft_of(call=call, lead=lead, title=title, applicant=by)
    use_late_code(proposal=proposal, code=code, by=by)
    return proposal


@transaction.atomic
def use_late_code(*, proposal: Proposal, code: str, by: User) -> LateCode:
    """From now on this proposal may be submitted until the code's instant. Used again for the same one, nothing changes."""
    row = open_for_writing(proposal, by)
    mine = Q(proposal__isnull=True) | Q(proposal=row)
    valid = LateCode.objects.filter(mine, code_hash=digest(code), call=row.call_id, until__gte=Now())
    found = valid.select_for_update(of=("self",)).first()
    if found is None:
        raise ValidationError(
            _("This code is not one of this call, was used for another proposal, or its time is over."),
            code="late_code",
        )
    if found.proposal_id is None:
        LateCode.objects.filter(proposal=row).update(proposal=None)  # a longer one in its place
        LateCode.objects.filter(pk=found.pk).update(proposal=row, used_at=Now())
    return found
