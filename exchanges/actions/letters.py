"""The invitation letter of a host: numbered, made by the portal's one maker of PDF, and verified by anybody who holds it."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from exchanges.actions.stays import everyone_in, locked, move_stay
from exchanges.models import InvitationLetter, Stay
from toolkit.clock import database_today
from toolkit.documents.paper import Paper, Section, make_pdf
from toolkit.documents.proofs import day_on_paper, fingerprint, new_code, new_serial


@transaction.atomic
def issue_letter(*, stay: Stay, by: User) -> InvitationLetter:
    """By the host, once the stay is approved, which it schedules. Issued twice, it is the same one."""
    row = locked(stay)
    demand(by, "agree", row, _("A focal point or deputy of the host can do this."))
    known = row.letters.filter(revoked_at__isnull=True).first()
    if known:
        return known
    if row.state != Stay.State.APPROVED:
        raise ValidationError(_("A letter is issued once the stay is approved."), code="wrong_state")
    if row.applicant is None:
        raise ValidationError(_("The person whom it is about has left the portal."), code="nobody")
    today = database_today()
    serial = new_serial(InvitationLetter, today.year)
    letter = InvitationLetter(stay=row, year=today.year, serial=serial, code=new_code(), by=by, content={})
    letter.content = {
        "name": row.applicant.name,
        "home": row.home.name,
        "home_country": row.home.country.name if row.home.country else "",
        "host": row.host.name,
        "host_country": row.host.country.name if row.host.country else "",
        "offer": row.offer.title,
        "starts_on": row.starts_on.isoformat() if row.starts_on else "",
        "ends_on": row.ends_on.isoformat() if row.ends_on else "",
        "issued_on": today.isoformat(),
        "signed_by": by.name,
    }
    letter.digest = fingerprint(letter_pdf(letter))
    letter.save(force_insert=True)
    move_stay(row, Stay.State.SCHEDULED, by=by, tell=everyone_in(row))
    return letter


def address_of(letter: InvitationLetter) -> str:
    return f"{settings.PORTAL_BASE_URL}/exchanges/letters/{letter.code}/"


def letter_pdf(letter: InvitationLetter) -> bytes:
    """In English, from what was frozen when it was issued: the same bytes each time."""
    with translation.override("en"):
        return make_pdf(_paper(letter))


def _paper(letter: InvitationLetter) -> Paper:
    content = letter.content
    first, last, issued = (day_on_paper(content[name]) for name in ("starts_on", "ends_on", "issued_on"))
    said = _("%(host)s invites %(name)s of %(home)s for a stay from %(first)s to %(last)s.")
    return Paper(
        kicker=content["host"],
        title=_("Letter of invitation"),
        language="en",
        date=content["issued_on"],
        footer=f"{letter.number} · {address_of(letter)}",
        lead=said % {**content, "first": first, "last": last},
        facts=[
            (_("Number"), letter.number),
            (_("Issued"), issued),
            (_("Invited"), content["name"]),
            (_("Home institution"), ", ".join(filter(None, (content["home"], content["home_country"])))),
            (_("Host"), ", ".join(filter(None, (content["host"], content["host_country"])))),
            (_("Exchange"), content["offer"]),
        ],
        sections=[
            Section(_("Signed for the host"), rows=[(_("Focal point"), content["signed_by"])]),
            Section(_("How to verify this letter"), rows=[(_("Address"), address_of(letter))]),
        ],
    )
