"""Who may see what was told to whom. What a person follows and reads is that person's own business."""

from django.apps import apps
from django.db.models import Q

from accounts.access import Unwritten, about_hidden
from accounts.permissions import ADMINISTRATOR, EVERYONE, NOBODY, has_role, is_secretariat, secretariat


def own(user) -> Q:
    return NOBODY if user.is_anonymous else Q(subscriber__user=user)


def view_notification(user) -> Q:
    return own(user)


def read_notification(user) -> Q:
    return own(user)


def view_follow(user) -> Q:
    """Pages narrow it to the reader's own; the administrator helps those who ask."""
    return EVERYONE if has_role(user, ADMINISTRATOR) else own(user)


def view_preference(user) -> Q:
    return own(user)


def view_subscriber(user) -> Q:
    """The secretariat mends addresses that do not work, and sees addresses alone and programs. That somebody with an account
    has been told anything yet, such as that there is something to review, is nobody's business.
    """
    if is_secretariat(user):
        return Q(user__isnull=True) | ~Q(refused_address="") | Q(user=user)
    return NOBODY if user.is_anonymous else Q(user=user)


def trust_subscriber(user) -> Q:
    """Write to a refused address again."""
    return view_subscriber(user) if is_secretariat(user) else NOBODY


def edit_subscriber(user) -> Q:
    return EVERYONE if has_role(user, ADMINISTRATOR) else NOBODY


def view_event(user) -> Q:
    """But what tells of a record that a conflict of interest hides."""
    return ~about_hidden(user, "subject_label", "subject_id") if is_secretariat(user) else NOBODY


def edit_event(user) -> Q:
    """Hold its mail, word it anew, release it."""
    return view_event(user)


def view_delivery(user) -> Q:
    if not is_secretariat(user):
        return NOBODY
    hidden = about_hidden(user, "subject_label", "subject_id")
    if hidden == NOBODY:
        return EVERYONE
    return ~Q(pk__in=Unwritten(lambda: _telling_of(hidden)))


def _telling_of(hidden: Q):
    events = apps.get_model("notifications", "event")._base_manager.filter(hidden)
    deliveries = apps.get_model("notifications", "delivery")._base_manager
    return deliveries.filter(notifications__event__in=events).values("pk")


def edit_delivery(user) -> Q:
    """Send again, call off."""
    return view_delivery(user)


def view_kindtext(user) -> Q:
    return secretariat(user)


def edit_kindtext(user) -> Q:
    return secretariat(user)


def view_heartbeat(user) -> Q:
    return secretariat(user)


def view_heldkind(user) -> Q:
    return secretariat(user)


def edit_heldkind(user) -> Q:
    return secretariat(user)
