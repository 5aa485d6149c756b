"""Roles in institutions and in the alliance: given, ended, handed over; and the person is told each time."""

import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now
from django.utils.translation import gettext as _

from accounts.access import can, demand
from accounts.history.writing import because
from accounts.models import AllianceRole, DatedRole, User
from accounts.permissions import ADMINISTRATOR, has_role
from members.models import Institution, InstitutionRole
from members.permissions import DEPUTY, EDITOR, FOCAL_POINT
from notifications.actions import announce
from notifications.emails import alliance_name
from toolkit.clock import Today, database_today

LONGEST_ABSENCE = datetime.timedelta(days=366)


def demand_staffing(user, institution: Institution, role: str) -> None:
    """Editors are the affair of focal points and deputies; focal points and deputies that of focal points."""
    if role == EDITOR:
        reason = _("The focal points of %(institution)s, their deputies and the secretariat can do this.")
        demand(user, "staff", institution, reason % {"institution": institution})
    else:
        reason = _("The focal points of %(institution)s and the secretariat can do this.")
        demand(user, "lead", institution, reason % {"institution": institution})


# --- Giving


@transaction.atomic
def give_role(
    *,
    user: User,
    institution: Institution,
    role: str,
    by: User | None,
    starts_on: datetime.date | None = None,
    ends_on: datetime.date | None = None,
) -> InstitutionRole:
    """Without asking who may: those who call this have. What somebody holds already stays as it is."""
    Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
    starts_on = max(starts_on or database_today(), database_today())
    known = user.institution_roles.not_over().filter(institution=institution, role=role)
    if held := _covering(known, starts_on, ends_on):
        return held
    given = InstitutionRole.objects.create(
        user=user, institution=institution, role=role, given_by=by, starts_on=starts_on, ends_on=ends_on
    )
    _tell_given(given, by=by, title=institution.name, kind="deputy.named" if role == DEPUTY else "role.granted")
    return given


@transaction.atomic
def give_alliance_role(
    *,
    user: User,
    role: str,
    by: User | None,
    starts_on: datetime.date | None = None,
    ends_on: datetime.date | None = None,
) -> AllianceRole:
    """Without asking who may: those who call this have. What somebody holds already stays as it is."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    starts_on = max(starts_on or database_today(), database_today())
    if held := _covering(user.alliance_roles.not_over().filter(role=role), starts_on, ends_on):
        return held
    given = AllianceRole.objects.create(user=user, role=role, given_by=by, starts_on=starts_on, ends_on=ends_on)
    _tell_given(given, by=by, title=alliance_name())
    return given


@transaction.atomic
def grant_alliance_role(*, user: User, role: str, by: User, ends_on: datetime.date | None = None) -> AllianceRole:
    demand_administrator(by)
    if ends_on and ends_on < database_today():
        raise ValidationError({"ends_on": _("This day has passed.")})
    return give_alliance_role(user=user, role=role, by=by, ends_on=ends_on)


@transaction.atomic
def grant_in_emergency(*, user: User, reason: str, days: int | None = None) -> AllianceRole:
    """From the server, by nobody who is signed in: it says so in the history, and every administrator hears of it."""
    today = database_today()
    ends_on = today + datetime.timedelta(days=days) if days else None
    with because(reason, by=None, source="grant_administrator"):
        given = give_alliance_role(user=user, role=ADMINISTRATOR, by=None, ends_on=ends_on)
    holders = AllianceRole.objects.current().filter(role=ADMINISTRATOR)
    announce(
        "administrator.granted",
        given,
        actor=None,
        to=User.objects.filter(pk__in=holders.values("user")).exclude(pk=user.pk),
        context={
            "title": alliance_name(),
            "address": "/desk/roles/",
            "account": user.pk,
            "reason": reason,
            "starts_on": given.starts_on,
            "ends_on": given.ends_on,
        },
    )
    return given


def _covering(known, starts_on: datetime.date, ends_on: datetime.date | None):
    """The role that somebody holds already in these days, so that a second click gives no second one."""
    for held in known.order_by("starts_on"):
        if held.ends_on is None or (ends_on and held.starts_on <= starts_on and held.ends_on >= ends_on):
            return held
    return None


def demand_administrator(user) -> None:
    if not has_role(user, ADMINISTRATOR):
        raise PermissionDenied(_("Administrators can do this."))


def _tell_given(
    given: AllianceRole | InstitutionRole, *, by: User | None, title: str, kind: str = "role.granted"
) -> None:
    announce(
        kind,
        given,
        actor=None if by == given.user else by,
        to=[given.user],
        context={
            "title": title,
            "role": given.get_role_display(),
            "starts_on": given.starts_on,
            "ends_on": given.ends_on,
        },
    )


# --- Ending


@transaction.atomic
def end_role(*, role: InstitutionRole, by: User, reason: str = "", last_too: bool = False) -> bool:
    """Ends it at once, or calls it off before it begins. Whether it was still to end: a second click changes nothing.

    `last_too` is the explicit act of the secretariat that takes the last focal point away; it needs a reason.
    """
    demand(by, "end", role, _("The focal points of %(institution)s and the secretariat can do this.") % _of(role))
    if last_too:
        if not can(by, "edit", role):
            raise PermissionDenied(_("Officers and administrators can do this."))
        if not reason.strip():
            raise ValidationError(_("Say why the institution is to be without a focal point."), code="reason")
        let_focal_point_go()
    else:
        demand_focal_point_stays(institution=role.institution, without=role)
    with because(reason, by=by):
        ended = _end(role, by)
    if ended:
        _tell_ended(role, by=by, title=role.institution.name, reason=reason)
    return ended


@transaction.atomic
def end_alliance_role(*, role: AllianceRole, by: User, reason: str = "") -> bool:
    """Nobody ends the own role as administrator, and two who end each other's take turns: so there always is one."""
    demand_administrator(by)
    administrators = AllianceRole.objects.current().filter(role=ADMINISTRATOR).select_for_update(of=("self",))
    if role.role == ADMINISTRATOR:
        if role.user_id == by.pk:
            raise PermissionDenied(_("You cannot take this from yourself: another administrator can."))
        if by.pk not in [held.user_id for held in administrators]:
            raise PermissionDenied(_("Administrators can do this."))
    with because(reason, by=by):
        ended = _end(role, by)
    if ended:
        _tell_ended(role, by=by, title=alliance_name(), reason=reason)
    return ended


def _end(role: DatedRole, by: User | None) -> bool:
    """One guarded statement; the row in hand follows."""
    rows = type(role).objects.not_over().filter(pk=role.pk)  # type: ignore[attr-defined]
    ended = rows.update(ended_at=Now(), ended_by=by, ends_on=Greatest(F("starts_on"), Today()))
    role.refresh_from_db(fields=["ended_at", "ended_by", "ends_on"])
    return bool(ended)


def _tell_ended(role, *, by: User | None, title: str, reason: str) -> None:
    announce(
        "role.ended",
        role,
        actor=None if by == role.user else by,
        to=[role.user],
        context={"title": title, "address": "/desk/", "role": role.get_role_display(), "reason": reason},
    )


# --- The last focal point


def demand_focal_point_stays(*, institution: Institution, without: InstitutionRole) -> None:
    """The database guards the same at the end of the transaction; here it is said in words."""
    if without.role != FOCAL_POINT or not InstitutionRole.objects.current().filter(pk=without.pk).exists():
        return
    Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
    if not without.user.is_active:
        let_focal_point_go()  # Whose account is closed spoke for nobody any more.
    elif not institution.roles.lasting_focal_points().exclude(pk=without.pk).exists():
        raise ValidationError(_last_one(institution), code="last_focal_point")


def focal_point_alone_for(user: User) -> list[Institution]:
    """The institutions that would be left without a focal point if this account were closed."""
    own = InstitutionRole.objects.lasting_focal_points().filter(user=user)
    others = InstitutionRole.objects.lasting_focal_points().exclude(user=user)
    rows = Institution.objects.filter(pk__in=own.values("institution")).exclude(pk__in=others.values("institution"))
    return list(rows.exclude(record_status=Institution.RecordStatus.WITHDRAWN))


def demand_account_may_close(*, user: User) -> None:
    """For whoever closes or deletes an account."""
    if alone := focal_point_alone_for(user):
        raise ValidationError([_last_one(institution) for institution in alone], code="last_focal_point")


def _last_one(institution: Institution) -> str:
    return _("%(institution)s would be without a focal point. Name a successor first; the secretariat can help.") % {
        "institution": institution
    }


def let_focal_point_go() -> None:
    """For the rest of the transaction the database lets an institution lose its last focal point."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('portal.focal_point_may_go', 'yes', true)")


# --- Absence and succession


@transaction.atomic
def name_deputy(
    *, institution: Institution, colleague: User, starts_on: datetime.date, ends_on: datetime.date, by: User
) -> InstitutionRole:
    """A colleague who has a role there; others are invited."""
    demand_staffing(by, institution, DEPUTY)
    check_absence(starts_on, ends_on)
    if not institution.roles.current().filter(user=colleague).exists():
        raise ValidationError(_("Choose a colleague who has a role at the institution, or invite somebody."))
    return give_role(user=colleague, institution=institution, role=DEPUTY, by=by, starts_on=starts_on, ends_on=ends_on)


def check_absence(starts_on: datetime.date, ends_on: datetime.date) -> None:
    if ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last day comes before the first.")})
    if ends_on < database_today():
        raise ValidationError({"ends_on": _("This day has passed.")})
    if ends_on - starts_on > LONGEST_ABSENCE:
        raise ValidationError({"ends_on": _("A deputy stands in for a year at most; name a successor instead.")})


@transaction.atomic
def hand_over(*, role: InstitutionRole, successor: User, by: User) -> InstitutionRole:
    """To a colleague, at once. Somebody else is invited, and the role ends when the invitation is accepted."""
    check_handing_over(role, by)
    if successor.pk == role.user_id:
        raise ValidationError(_("Choose somebody else than the person who hands over."))
    if not role.institution.roles.current().filter(user=successor).exists():
        raise ValidationError(_("Choose a colleague who has a role at the institution, or invite somebody."))
    given = give_role(user=successor, institution=role.institution, role=FOCAL_POINT, by=by)
    end_succeeded(role, by=by)
    return given


def check_handing_over(role: InstitutionRole, by: User) -> None:
    demand_staffing(by, role.institution, FOCAL_POINT)
    if not InstitutionRole.objects.current().filter(pk=role.pk, role=FOCAL_POINT).exists():
        raise ValidationError(_("Only who is focal point today can hand over."))


def end_succeeded(role: InstitutionRole, *, by: User | None) -> None:
    """The predecessor's role, once the successor has it."""
    if _end(role, by):
        _tell_ended(role, by=None, title=role.institution.name, reason=_("Handed over to the successor."))


def _of(role: InstitutionRole) -> dict:
    return {"institution": role.institution}
