"""Who may know of institutions and people, and who may keep their records. Names of look-ups only."""

from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Lower, Now

from accounts.permissions import (
    ADMINISTRATOR,
    EVERYONE,
    NOBODY,
    has_confirmed_address,
    has_role,
    is_secretariat,
    once,
    secretariat,
)

FOCAL_POINT, DEPUTY, EDITOR = "focal_point", "deputy", "editor"
SPEAKERS = (FOCAL_POINT, DEPUTY)
UNDO_WITHIN = timedelta(days=30)  # how long a merge of two records can be taken back


def acting_for(user, *roles: str):
    """Keys of the institutions for which this person may act today; where roles are given, in one of these."""
    return [] if user.is_anonymous else once(user, ("acting_for", roles), lambda: _acting_for(user, roles)).all()


def _acting_for(user, roles: tuple[str, ...]):
    current = user.institution_roles.current()
    return (current.filter(role__in=roles) if roles else current).values("institution")


def speaking_for(user):
    """Keys of the institutions in whose name this person may decide: as focal point, or as deputy of an absent one."""
    return acting_for(user, *SPEAKERS)


def view_institution(user) -> Q:
    return EVERYONE


def act_institution(user) -> Q:
    """Those who act for it, and the secretariat: its own page at the desk."""
    return EVERYONE if is_secretariat(user) else Q(pk__in=acting_for(user))


def staff_institution(user) -> Q:
    """Who invites its editors and takes their role away. Focal points and deputies are named by focal points alone."""
    return EVERYONE if is_secretariat(user) else Q(pk__in=speaking_for(user))


def lead_institution(user) -> Q:
    """Who names its focal points and deputies."""
    return EVERYONE if is_secretariat(user) else Q(pk__in=acting_for(user, FOCAL_POINT))


view_institutionname = view_institutionidentifier = view_institutionrelation = view_institution
view_membership = view_meeting = view_institution


def edit_institution(user) -> Q:
    """Changes by the institution itself come with moderation in a later issue; until then the secretariat edits."""
    return secretariat(user)


edit_institutionname = edit_institutionidentifier = edit_institutionrelation = edit_institution
edit_membership = edit_meeting = edit_institution


def view_person(user) -> Q:
    """A profile is public by the person's own choice."""
    if secretariat(user) == EVERYONE:
        return EVERYONE
    public = Q(is_public=True)
    return public if user.is_anonymous else public | Q(user=user)


def edit_person(user) -> Q:
    """People write their own profile; the secretariat keeps the records of all."""
    if secretariat(user) == EVERYONE:
        return EVERYONE
    return NOBODY if user.is_anonymous else Q(user=user)


def contact_person(user) -> Q:
    """Write to somebody through the portal. Whom they have blocked is no secret that a refusal may tell: see actions/messages."""
    if not has_confirmed_address(user) or is_stopped(user) or not is_named(user):
        return NOBODY
    return Q(is_public=True, accepts_messages=True, user__is_active=True) & ~Q(user=user)


def is_stopped(user) -> bool:
    """Whether the secretariat has stopped this person's messages."""
    return user.blocks_against.filter(blocker=None).exists()


def is_named(user) -> bool:
    """Whoever writes must not remain without a name."""
    return bool(user.name or getattr(user, "person", None))


def view_affiliation(user) -> Q:
    if secretariat(user) == EVERYONE:
        return EVERYONE
    public = Q(person__is_public=True)
    return public if user.is_anonymous else public | Q(person__user=user)


def edit_affiliation(user) -> Q:
    if secretariat(user) == EVERYONE:
        return EVERYONE
    return NOBODY if user.is_anonymous else Q(person__user=user)


def view_institutionrole(user) -> Q:
    if secretariat(user) == EVERYONE:
        return EVERYONE
    return NOBODY if user.is_anonymous else Q(user=user) | Q(institution__in=acting_for(user))


def edit_institutionrole(user) -> Q:
    return secretariat(user)


# --- Roles and invitations to them


def end_institutionrole(user) -> Q:
    """Everybody may give up the own role; that of a focal point or deputy is taken by focal points alone."""
    if is_secretariat(user):
        return EVERYONE
    if user.is_anonymous:
        return NOBODY
    editors = Q(institution__in=speaking_for(user), role=EDITOR)
    return Q(user=user) | editors | Q(institution__in=acting_for(user, FOCAL_POINT))


def verified_addresses(user):
    """The e-mail addresses that are surely this person's."""
    return user.emailaddress_set.filter(verified=True).values(address=Lower("email"))


def view_invitation(user) -> Q:
    """Addresses of people stand in it: who decides for the institution sees it, its editors do not."""
    if has_role(user, ADMINISTRATOR):
        return EVERYONE
    if user.is_anonymous:
        return NOBODY
    return manage_invitation(user) | accept_invitation(user) | Q(institution__in=speaking_for(user))


def manage_invitation(user) -> Q:
    """Send again, withdraw. Officers do it for institutions; roles in the alliance are the administrators'."""
    if user.is_anonymous:
        return NOBODY
    if has_role(user, ADMINISTRATOR):
        return EVERYONE
    if is_secretariat(user):
        return Q(institution__isnull=False)
    editors = Q(institution__in=speaking_for(user), role=EDITOR)
    return editors | Q(institution__in=acting_for(user, FOCAL_POINT))


def accept_invitation(user) -> Q:
    """Only the person invited, known by a confirmed address; no role replaces that."""
    return NOBODY if user.is_anonymous else Q(email__in=verified_addresses(user))


# --- The yearly confirmation


def confirm_institution(user) -> Q:
    """Say that its record is right."""
    return NOBODY if user.is_anonymous else Q(pk__in=speaking_for(user))


view_institutionconfirmation = view_institution


def view_confirmationrequest(user) -> Q:
    if is_secretariat(user):
        return EVERYONE
    return NOBODY if user.is_anonymous else Q(institution__in=acting_for(user))


# --- Two records of one institution


def merge_institution(user) -> Q:
    return secretariat(user)


def view_institutionmerge(user) -> Q:
    return secretariat(user)


def undo_institutionmerge(user) -> Q:
    """Within 30 days, on the database's clock."""
    recent = Q(undone_at__isnull=True, merged_at__gt=Now() - UNDO_WITHIN)
    return recent if is_secretariat(user) else NOBODY


view_mergeentry = view_institutionmerge
view_institutionredirect = view_institution


# --- Changes that the people of an institution propose


def propose_institution(user) -> Q:
    """Change the record, of which an officer decides."""
    return NOBODY if user.is_anonymous else Q(pk__in=acting_for(user))


def view_institutioncontact(user) -> Q:
    if is_secretariat(user):
        return EVERYONE
    public = Q(is_public=True)
    return public if user.is_anonymous else public | Q(institution__in=acting_for(user))


edit_institutioncontact = edit_institution


def view_changerequest(user) -> Q:
    """Drafts are for the people of the institution; the secretariat sees what was sent."""
    if user.is_anonymous:
        return NOBODY
    own = Q(institution__in=acting_for(user))
    return own | Q(proposed_at__isnull=False) if is_secretariat(user) else own


def send_changerequest(user) -> Q:
    """Send it, go on with it, withdraw it: whose it is, while that person acts for the institution."""
    return NOBODY if user.is_anonymous else Q(by=user, institution__in=acting_for(user))


def decide_changerequest(user) -> Q:
    """Nobody decides on the own proposal, whatever else the person is."""
    return ~Q(by=user) & Q(proposed_at__isnull=False) if is_secretariat(user) else NOBODY


def view_changeitem(user) -> Q:
    if user.is_anonymous:
        return NOBODY
    own = Q(request__institution__in=acting_for(user))
    return own | Q(request__proposed_at__isnull=False) if is_secretariat(user) else own


# --- Standing in the alliance, and applications to join


def decide_institution(user) -> Q:
    """Record what the alliance has decided on its standing; nobody does so for an institution of their own."""
    if not is_secretariat(user):
        return NOBODY
    own = user.institution_roles.current().values("institution")
    return ~Q(pk__in=own)


_UNSENT = Q(state__in=("draft", "unconfirmed"))


def view_membershipapplication(user) -> Q:
    """The applicant's own; once it is sent, also those who act for the institution, and the secretariat."""
    if user.is_anonymous:
        return NOBODY
    if is_secretariat(user):
        return Q(applicant=user) | ~_UNSENT
    return Q(applicant=user) | ~_UNSENT & Q(institution__in=acting_for(user))


def write_membershipapplication(user) -> Q:
    """Fill in and send a draft."""
    return NOBODY if user.is_anonymous else Q(applicant=user, state="draft")


def answer_membershipapplication(user) -> Q:
    """Speak for the application once it is sent: answer what is asked, or take it back."""
    if user.is_anonymous:
        return NOBODY
    return Q(applicant=user) | ~_UNSENT & Q(institution__in=speaking_for(user))


def decide_membershipapplication(user) -> Q:
    """Bring it on, in the name of the secretariat; never one's own, nor that of an institution one acts for."""
    if not is_secretariat(user):
        return NOBODY
    return ~_UNSENT & ~Q(applicant__isnull=False, applicant=user) & ~Q(pk__in=_applications_of_own(user))


def _applications_of_own(user):
    return user.membership_applications.model._base_manager.filter(institution__in=acting_for(user)).values("pk")


def edit_membershipapplication(user) -> Q:
    """Correct it in the administration."""
    return decide_membershipapplication(user)


# --- Messages between people


def receive_message(user) -> Q:
    """Do with it what its recipient may: put it aside, block its sender, report it."""
    return NOBODY if user.is_anonymous else Q(recipient=user, withheld=False)


def view_message(user) -> Q:
    """The two people; officers what was reported to them, and nothing else."""
    if user.is_anonymous:
        return NOBODY
    own = Q(sender=user) | receive_message(user)
    return own | Q(reported_at__isnull=False) if is_secretariat(user) else own


def answer_message(user) -> Q:
    if user.is_anonymous or is_stopped(user):
        return NOBODY
    return receive_message(user) & Q(sender__is_active=True)


def handle_message(user) -> Q:
    """Decide on a report; nobody does so on their own."""
    if not is_secretariat(user):
        return NOBODY
    return Q(reported_at__isnull=False, handled_at__isnull=True) & ~Q(sender=user) & ~Q(recipient=user)


def view_messageblock(user) -> Q:
    if user.is_anonymous:
        return NOBODY
    own = Q(blocker=user)
    return own | Q(blocker__isnull=True) if is_secretariat(user) else own


def lift_messageblock(user) -> Q:
    return view_messageblock(user)


# --- Programs that are told


def connect_institution(user) -> Q:
    """Ask that a program of it be told."""
    return Q(pk__in=speaking_for(user))


def view_endpoint(user) -> Q:
    return EVERYONE if has_role(user, ADMINISTRATOR) else Q(institution__in=speaking_for(user))


def renew_endpoint(user) -> Q:
    return Q(institution__in=speaking_for(user))


def remove_endpoint(user) -> Q:
    return view_endpoint(user)


def approve_endpoint(user) -> Q:
    return EVERYONE if has_role(user, ADMINISTRATOR) else NOBODY
