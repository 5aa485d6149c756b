"""What waits around applications to join: for those who apply, and for the secretariat."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import permission
from accounts.permissions import is_secretariat
from members.models import MembershipApplication
from members.workflow.stations import next_sentence
from toolkit.desk import Item, Kind, Place, Request, oldest_of

State = MembershipApplication.State
SHOWN = 10  # of one's own, those that moved last


def items(user) -> list[Item]:
    return oldest_of(_to_go_on_with(user), *([_to_decide(user)] if is_secretariat(user) else []))


def mine(user) -> list[Request]:
    own = MembershipApplication.objects.filter(permission("answer", MembershipApplication)(user))
    kind = _("Application to join")
    return [
        Request(
            one.changed_at,
            f"{kind} {one.reference}".strip(),
            one.title,
            one.get_absolute_url(),
            one.get_state_display(),
            next_sentence(one),
        )
        for one in own.for_list().order_by("-changed_at", "-pk")[:SHOWN]
    ]


def places(user) -> list[Place]:
    return [Place(_("Applications to join"), reverse("members:memberships"))] if is_secretariat(user) else []


def _to_go_on_with(user) -> Kind:
    """Own drafts, and questions that wait for an answer from those who speak for the institution."""
    answerable = permission("answer", MembershipApplication)(user)
    waiting = MembershipApplication.objects.filter(
        Q(state=State.ASKED) & answerable | Q(state=State.DRAFT, applicant=user)
    )
    kinds = {State.ASKED: _("question about an application"), State.DRAFT: _("application not sent yet")}
    return Kind(
        waiting.for_list().order_by("changed_at", "pk"),
        lambda one: Item(one.changed_at, kinds[one.state], one.title, one.get_absolute_url()),
        reverse("anso_portal:desk") + "#mine",
    )


def _to_decide(user) -> Kind:
    """What waits for the secretariat, or for it to bring before a meeting."""
    waiting = MembershipApplication.objects.open().exclude(state=State.ASKED)
    kinds = {
        State.SUBMITTED: _("application to join"),
        State.CHECKING: _("application in check"),
        State.ANSWERED: _("answer from an applicant"),
        State.CHECKED: _("waits for the board"),
        State.ENDORSED: _("waits for the assembly"),
    }
    decidable = waiting.filter(permission("decide", MembershipApplication)(user))
    return Kind(
        decidable.for_list().order_by("changed_at", "pk"),
        lambda one: Item(one.changed_at, kinds[one.state], one.title, one.desk_url),
        reverse("members:memberships"),
    )
