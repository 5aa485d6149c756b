"""What people are told about roles and invitations, and the mail that carries the link of one.

Facts of events stay, so they name roles and institutions and never a person.
"""

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import Invitation
from notifications.emails import Letter, ObsoleteError, alliance_name, register_writer
from notifications.kinds import Area, Kind, register, register_area
from notifications.links import absolute
from notifications.models import Delivery

INVITATION = "members.invitation"

_PERIOD = (("starts_on", gettext_lazy("From")), ("ends_on", gettext_lazy("Until")))

register_area(
    Area("account", gettext_lazy("Roles and messages")), "role", "deputy", "invitation", "administrator", "message"
)

register(
    Kind(
        "role.granted",
        label=gettext_lazy("Roles given to you"),
        subject=gettext_lazy("You are now %(role)s of %(title)s"),
        sentence=gettext_lazy(
            "What you can do with it is at your desk. If you did not expect this, tell the secretariat."
        ),
        rows=_PERIOD,
    )
)
register(
    Kind(
        "role.ended",
        label=gettext_lazy("Roles of yours that ended"),
        subject=gettext_lazy("You are no longer %(role)s of %(title)s"),
        sentence=gettext_lazy("Your account stays as it is. If this is a mistake, tell the secretariat."),
        rows=(("reason", gettext_lazy("Reason")),),
    )
)
register(
    Kind(
        "deputy.named",
        label=gettext_lazy("Your absences that somebody stands in for"),
        subject=gettext_lazy("You stand in for the focal point of %(title)s"),
        sentence=gettext_lazy("In these days you decide for the institution as its focal point does."),
        rows=_PERIOD,
    )
)
register(
    Kind(
        "invitation.accepted",
        label=gettext_lazy("Answers to your invitations"),
        subject=gettext_lazy("Your invitation was accepted: %(title)s"),
        sentence=gettext_lazy("Whoever it was holds the role from now on."),
    )
)
register(
    Kind(
        "invitation.declined",
        label=gettext_lazy("Answers to your invitations"),
        subject=gettext_lazy("Your invitation was declined: %(title)s"),
    )
)
register(
    Kind(
        "administrator.granted",
        label=gettext_lazy("Emergency access"),
        subject=gettext_lazy("A new administrator of %(title)s was made on the server"),
        sentence=gettext_lazy(
            "Somebody with access to the server gave the role. If you do not know why, find out now."
        ),
        rows=(("account", gettext_lazy("Number of the account")), ("reason", gettext_lazy("Reason")), *_PERIOD),
    )
)


def invitation(row: Delivery) -> Letter:
    """The link is made here, so that it lies nowhere but in the mail."""
    asked = {"pk": row.context.get("invitation"), "postings": row.context.get("posting")}
    found = Invitation.objects.open().filter(**asked).select_related("institution", "invited_by").first()
    token = found.mint() if found else ""
    if not found or not token:
        raise ObsoleteError("The invitation was answered, withdrawn or sent again.")
    where = found.institution.name if found.institution else alliance_name()
    offer = {"role": found.get_role_display(), "where": where}
    until = localtime(found.expires_at)
    return Letter(
        subject=_("Invitation: %(role)s of %(where)s") % offer,
        heading=_("You are invited to be %(role)s of %(where)s") % offer,
        paragraphs=(
            *([_("Dear %(name)s,") % {"name": found.name}] if found.name else []),
            str(WHAT_IT_MEANS[found.role]),
            _(
                "Follow the link to read the offer, and accept or decline it. It works once, for you alone: do not pass it on."
            ),
            _("If you do not know what this is about, you need not do anything."),
        ),
        rows=tuple(
            (label, value)
            for label, value in [
                (_("Invited by"), str(found.invited_by.get_full_name()) if found.invited_by else ""),
                (_("From"), date_format(found.starts_on) if found.starts_on else ""),
                (_("Until"), date_format(found.ends_on) if found.ends_on else ""),
                (_("Answer by"), f"{date_format(until, 'DATETIME_FORMAT')} {until.tzname()}"),
            ]
            if value
        ),
        button=(_("Read the invitation"), absolute(reverse("members:invitation", args=[token]))),
    )


WHAT_IT_MEANS = {
    "focal_point": gettext_lazy(
        "A focal point speaks for the institution: keeps its record, invites colleagues, and answers for what it promises."
    ),
    "deputy": gettext_lazy("A deputy decides in place of the focal point while that person is away."),
    "editor": gettext_lazy("An editor keeps the institution’s record up to date."),
    "officer": gettext_lazy("A programme officer works in the secretariat of the alliance."),
    "reviewer": gettext_lazy("A reviewer gives an opinion on what the alliance is asked to support."),
    "administrator": gettext_lazy("An administrator answers for the portal, its data and its accounts."),
}

register_writer(INVITATION, invitation)
