"""What the registry declares for itself, and for the apps below it, which know no institutions."""

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.merging.rules import ByHand, Keep, Move, declare
from members.models import ChangeRequest

PAST = Keep("It tells what was; the address in it leads on by the redirect.")

declare("members.InstitutionName", "institution", ByHand(_("names")))
declare("members.InstitutionRelation", "institution", ByHand(_("relations")))
declare("members.InstitutionRelation", "other", ByHand(_("relations")))
declare("members.InstitutionIdentifier", "institution", Move(_("identifiers"), "value"))
declare("members.Institution_themes", "institution", Move(_("themes"), "theme__name"))
declare("members.Membership", "institution", Move(_("decisions on its standing"), "standing"))
declare(
    "members.MembershipApplication",
    "institution",
    Move(
        _("applications to join"),
        "state",
        refuse_doubles=_("Both have an application to join under way: decide on one of them first."),
        personal=True,
    ),
)
declare(
    "members.ChangeRequest",
    "institution",
    Move(
        _("proposed changes"),
        "state",
        refuse=Q(state=ChangeRequest.State.PROPOSED),
        refusal=_("Changes to the record that would go wait for an officer (%(count)d): decide on them first."),
        refuse_doubles=_("One person has begun changes to both records: they must be sent or withdrawn first."),
        personal=True,
    ),
)
declare(
    "members.InstitutionContact",
    "institution",
    Move(_("contacts"), "value", personal=True, plain=("is_public", "position")),
)
declare(
    "members.InstitutionRole",
    "institution",
    Move(_("roles of people"), "role"),
)
declare("members.Invitation", "institution", Move(_("invitations"), "role", personal=True))
declare(
    "members.Affiliation",
    "institution",
    Move(
        _("affiliations of people"),
        "person__name",
        same=("person", "position", "starts_on", "starts_precision", "ends_on", "ends_precision"),
        personal=True,
    ),
)
declare("members.InstitutionConfirmation", "institution", Move(_("confirmations"), "confirmed_at"))
declare("members.ConfirmationRequest", "institution", Move(_("requests to confirm the record"), "year"))
declare("members.InstitutionMerge", "kept", Move(_("earlier merges"), "gone_name"))
declare("members.Endpoint", "institution", Move(_("programs that are told"), "subscriber__url"))
declare("members.InstitutionRedirect", "institution", Move(_("former addresses"), "slug"))

declare("notifications.Follow", "topic", Move(_("followers"), "label", text=True, follow=("label", "address")))
declare("notifications.Notification", "topic", Keep("It says why somebody was told; the stop link finds the follow."))
declare("notifications.Event", "topics", PAST)
declare("notifications.Event", "subject_id", PAST)
declare("workflow.Step", "object_id", PAST)
declare("admin.LogEntry", "object_id", PAST)
