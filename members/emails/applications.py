"""What is told about applications to join: to the secretariat, and to those who apply; imported by MembersConfig.ready().

Who has no account is written to with a link of their own, made when the mail is sent.
"""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.models import MembershipApplication
from notifications import kinds
from notifications.emails import Letter, ObsoleteError, register_writer
from notifications.kinds import Area, Kind, register, register_area
from notifications.links import absolute
from notifications.models import Delivery

REFERENCE = ("reference", gettext_lazy("Reference"))

register_area(Area("applications", gettext_lazy("Applications to join")), "membership")

# To the secretariat.
register(
    Kind(
        "membership.applied",
        label=gettext_lazy("An institution applies to join"),
        subject=gettext_lazy("Application to join: %(title)s"),
        sentence=gettext_lazy("It waits to be accepted into check."),
        rows=(REFERENCE,),
    )
)
register(
    Kind(
        "membership.answered",
        label=gettext_lazy("An applicant answers a question"),
        subject=gettext_lazy("Answer from %(title)s"),
        sentence=gettext_lazy("The question about its application has been answered."),
        rows=(REFERENCE,),
    )
)
register(
    Kind(
        "membership.withdrawn",
        label=gettext_lazy("An application to join is withdrawn"),
        subject=gettext_lazy("Withdrawn: application of %(title)s"),
        sentence=gettext_lazy("The application has been withdrawn. Nothing is left to do."),
        rows=(REFERENCE,),
    )
)

# To those who apply.
PROGRESS = {
    "received": (
        gettext_lazy("Application received: %(title)s"),
        gettext_lazy("It is with the secretariat now. An officer looks at it next; you will be told of each step."),
    ),
    "checking": (
        gettext_lazy("In check: application of %(title)s"),
        gettext_lazy("The secretariat has accepted the application and checks it. The institution is a candidate now."),
    ),
    "asked": (
        gettext_lazy("A question about the application of %(title)s"),
        gettext_lazy("The secretariat has a question. The application waits until you answer."),
    ),
    "resumed": (
        gettext_lazy("In check: application of %(title)s"),
        gettext_lazy("The secretariat goes on with the check; a question that is open needs no answer any more."),
    ),
    "checked": (
        gettext_lazy("Checked: application of %(title)s"),
        gettext_lazy("The check is done. The board decides next whether it endorses the application."),
    ),
    "endorsed": (
        gettext_lazy("Endorsed: application of %(title)s"),
        gettext_lazy("The board has endorsed the application. The assembly decides next on the admission."),
    ),
    "welcomed": (
        gettext_lazy("Admitted: %(title)s"),
        gettext_lazy("The assembly has admitted the institution. Welcome!"),
    ),
    "refused": (
        gettext_lazy("Refused: application of %(title)s"),
        gettext_lazy("The application was not accepted. The reason stands on its page; a new one is possible."),
    ),
    "taken_back": (
        gettext_lazy("Withdrawn: application of %(title)s"),
        gettext_lazy("The application has been withdrawn. A new one is possible at any time."),
    ),
}
DECIDED = (
    ("meeting", gettext_lazy("Decided by")),
    ("decided_on", gettext_lazy("On")),
)
for _name, (_subject, _sentence) in PROGRESS.items():
    register(
        Kind(
            f"membership.{_name}",
            label=gettext_lazy("My application to join goes on"),
            subject=_subject,
            sentence=_sentence,
            rows=(REFERENCE, *DECIDED),
        )
    )


def status_address(application: MembershipApplication) -> str:
    return absolute(reverse("members:application_status", args=[application.mint_token()]))


def confirmation(row: Delivery) -> Letter:
    application = _application(row)
    if application.state != MembershipApplication.State.UNCONFIRMED:
        raise ObsoleteError("The application is confirmed.")
    # Nobody knows yet whose address it is, so nothing of what somebody typed is sent there.
    return Letter(
        subject=_("Confirm your application to join"),
        heading=_("One step is left"),
        paragraphs=(
            _("Somebody, perhaps you, has filled in an application to join the alliance with this e-mail address."),
            _("Open the page, look at the answers, and send the application. Without that, nobody reads it."),
            _("The link holds for seven days. If this was not you, do nothing: all of it is forgotten then."),
        ),
        button=(_("Look at the application and send it"), status_address(application)),
    )


def progress(row: Delivery) -> Letter:
    """What an account would find in the inbox, for somebody who has none."""
    application = _application(row)
    kind, facts = kinds.get(row.context["kind"]), row.context["facts"]
    return Letter(
        subject=kind.headline(facts),
        heading=str(facts["title"]),
        paragraphs=(kind.opening(facts),),
        rows=tuple(kind.shown_rows(facts)),
        button=(_("See where the application stands"), status_address(application)),
        reason=_("You get this because you sent this application."),
    )


def _application(row: Delivery) -> MembershipApplication:
    found = MembershipApplication.objects.select_related("institution").filter(pk=row.context.get("application"))
    application = found.exclude(contact_email="").first()
    if application is None or application.contact_email.casefold() != row.address.casefold():
        raise ObsoleteError("The application is no longer there, or has another address.")
    return application


register_writer("membership.confirm", confirmation)
register_writer("membership.progress", progress)
