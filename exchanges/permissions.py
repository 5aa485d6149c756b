"""Who may know of programmes and offers, and who may change them. Names of look-ups only."""

from django.db.models import Q

from accounts.permissions import EVERYONE, NOBODY, keys_by, secretariat
from members.permissions import acting_for, speaking_for


def view_programme(user) -> Q:
    return EVERYONE


def edit_programme(user) -> Q:
    return secretariat(user)


def view_offer(user) -> Q:
    """Everyone sees what was published; people of the host see their drafts too."""
    if secretariat(user) == EVERYONE:
        return EVERYONE
    published = ~Q(state="draft")
    if user.is_anonymous:
        return published
    return published | host_offer(user)


def host_offer(user) -> Q:
    """People who act for the institution that hosts, itself or as a host of the center."""
    if user.is_anonymous:
        return NOBODY
    mine = acting_for(user)
    return Q(institution__in=mine) | Q(
        center__participations__institution__in=mine, center__participations__role="host"
    )


def edit_offer(user) -> Q:
    return secretariat(user)


def write_offer(user) -> Q:
    """The secretariat, and the people of the host."""
    return EVERYONE if secretariat(user) == EVERYONE else host_offer(user)


def view_hostcapacity(user) -> Q:
    """The people of the host, and the secretariat."""
    return EVERYONE if secretariat(user) == EVERYONE else Q(institution__in=acting_for(user))


edit_hostcapacity = edit_offer

# --- Stays


def write_stay(user) -> Q:
    """Write the application, submit it, take it back, report: the scientist."""
    return NOBODY if user.is_anonymous else Q(applicant=user)


def support_stay(user) -> Q:
    """Say whether the home institution supports it; nobody supports an own stay."""
    return _speaking(user, "home")


def agree_stay(user) -> Q:
    """Say whether the host takes the person, and give the letter."""
    return _speaking(user, "host")


def _speaking(user, side: str) -> Q:
    if user.is_anonymous:
        return NOBODY
    return Q(**{f"{side}__in": speaking_for(user)}) & ~Q(state="draft") & ~Q(applicant=user)


def approve_stay(user) -> Q:
    """Officers; none those of an own institution, and none the own."""
    if user.is_anonymous or secretariat(user) != EVERYONE:
        return NOBODY
    mine = acting_for(user)
    return ~Q(state="draft") & ~Q(applicant=user) & ~Q(home__in=mine) & ~Q(host__in=mine)


def view_stay(user) -> Q:
    """The scientist; once it is submitted, who speaks for home or host, and officers who act for neither."""
    if user.is_anonymous:
        return NOBODY
    return write_stay(user) | support_stay(user) | agree_stay(user) | approve_stay(user)


def _of_visible_stay(user) -> Q:
    if user.is_anonymous:
        return NOBODY
    return Q(stay__in=keys_by(view_stay, user, user.stays.model._base_manager))


view_stayact = view_staytask = view_invitationletter = _of_visible_stay


def view_stayreport(user) -> Q:
    """A draft is the scientist's alone."""
    if user.is_anonymous:
        return NOBODY
    return Q(stay__applicant=user) | Q(submitted_at__isnull=False) & _of_visible_stay(user)


def do_staytask(user) -> Q:
    """Tick it off: whoever it belongs to."""
    if user.is_anonymous:
        return NOBODY
    speaking = speaking_for(user)
    return (
        Q(owner="scientist", stay__applicant=user)
        | Q(owner="home", stay__home__in=speaking)
        | Q(owner="host", stay__host__in=speaking)
    )
