"""What waits around roles: invitations, roles that end, institutions that nobody speaks for."""

import datetime

from django.db.models import Count, Min
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import can, permission, visible
from accounts.models import AllianceRole
from accounts.permissions import ADMINISTRATOR, has_role, is_secretariat
from members.models import Institution, InstitutionRole, Invitation, Membership
from members.models.membership import MEMBER_STANDINGS
from members.models.quality import lacks_focal_point
from members.permissions import acting_for
from notifications.emails import alliance_name
from toolkit.clock import Today
from toolkit.dates import format_date
from toolkit.desk import Item, Kind, Place, oldest_of

PATIENCE = datetime.timedelta(days=7)  # so long an invitation may wait before somebody is reminded of it
AHEAD = datetime.timedelta(days=30)  # so long before it ends a role is spoken of


def items(user) -> list[Item]:
    return [*oldest_of(offered(user), unanswered(user)), *ending(user), *unspoken_for(user)]


def places(user) -> list[Place]:
    found = [Place(institution.name, institution.desk_url) for institution in own_institutions(user)]
    if has_role(user, ADMINISTRATOR):
        found.append(Place(_("Roles in the alliance"), reverse("members:alliance_roles")))
    return found


def own_institutions(user):
    return Institution.objects.filter(pk__in=acting_for(user)).only("name", "slug")


# --- One institution


def items_of_institution(user, institution: Institution) -> list[Item]:
    """For its own page: what concerns its people, for whoever may see to it."""
    roles = visible(institution.roles.all(), user).exclude(user=user).select_related("user", "institution")
    return sorted(
        [*ending_roles(roles, ending_soon_of_colleague), *oldest_of(unanswered(user, institution))],
        key=lambda item: item.since,
    )


def places_of_institution(user, institution: Institution) -> list[Place]:
    own, connects = [], can(user, "connect", institution)
    if can(user, "propose", institution):
        own.append(Place(_("Change the record"), reverse("members:edit", args=[institution.slug])))
    if can(user, "confirm", institution):
        own.append(Place(_("Confirm the record"), reverse("members:confirm", args=[institution.slug])))
    return [
        *own,
        Place(_("People and invitations"), reverse("members:institution_people", args=[institution.slug])),
        Place(_("What it has promised"), reverse("members:institution_promises", args=[institution.slug])),
        *(
            [Place(_("Programs that are told"), reverse("members:endpoints", args=[institution.slug]))]
            if connects
            else []
        ),
        Place(_("What was changed"), reverse("members:institution_history", args=[institution.slug])),
    ]


# --- Kinds of things


def offered(user) -> Kind:
    """Invitations to this person, by the confirmed addresses."""
    rows = Invitation.objects.open().filter(permission("accept", Invitation)(user)).select_related("institution")
    kind = _("invitation to you")
    return Kind(
        rows.order_by("created_at", "pk"),
        lambda row: Item(row.created_at, kind, str(row), reverse("members:invitation_answer", args=[row.pk])),
        reverse("anso_portal:desk"),
    )


def unanswered(user, institution: Institution | None = None) -> Kind:
    """Invitations that wait for a week, for those who can send them again or withdraw them."""
    late = Invitation.objects.waiting().filter(permission("manage", Invitation)(user), posted_at__lte=Now() - PATIENCE)
    if institution:
        late = late.filter(institution=institution)
    kind = _("invitation without an answer")
    title = _("%(address)s: %(role)s") if institution else _("%(address)s: %(offer)s")
    found = late.select_related("institution").order_by("posted_at", "pk")
    return Kind(
        found,
        lambda row: Item(
            row.posted_at,
            kind,
            title % {"address": row.email, "offer": row, "role": row.get_role_display()},
            row.get_absolute_url(),
        ),
        reverse("admin:members_invitation_changelist") + "?state__exact=waiting" if is_secretariat(user) else "",
    )


def ending(user) -> list[Item]:
    """Roles of one's own that end within 30 days."""
    own = InstitutionRole.objects.filter(user=user).select_related("institution")
    alliance = AllianceRole.objects.filter(user=user)
    return [*ending_roles(own, ending_soon), *ending_roles(alliance, ending_soon)]


def ending_roles(roles, item) -> list[Item]:
    soon = roles.current().filter(ends_on__lte=Today() + AHEAD)
    return [item(role) for role in soon.order_by("ends_on", "pk")]


def since(role) -> datetime.datetime:
    """The day from which the end is near."""
    day = max(role.starts_on, role.ends_on - AHEAD)
    return datetime.datetime.combine(day, datetime.time(), tzinfo=datetime.UTC)


def ending_soon(role) -> Item:
    institution = getattr(role, "institution", None)
    facts = {"role": role.get_role_display(), "where": institution.name if institution else alliance_name()}
    title = _("%(role)s, %(where)s, until %(day)s") % {**facts, "day": format_date(role.ends_on)}
    return Item(since(role), _("a role of yours ends"), title, role.get_absolute_url())


def ending_soon_of_colleague(role: InstitutionRole) -> Item:
    title = _("%(person)s, %(role)s, until %(day)s") % {
        "person": role.user,
        "role": role.get_role_display(),
        "day": format_date(role.ends_on),
    }
    address = reverse("members:institution_people", args=[role.institution.slug])
    return Item(since(role), _("a role ends"), title, address)


def unspoken_for(user) -> list[Item]:
    """Members without a focal point, in one line for the secretariat."""
    if not is_secretariat(user):
        return []
    lacking = Institution.objects.active().filter(lacks_focal_point())
    members = Membership.objects.in_force().filter(standing__in=MEMBER_STANDINGS, institution__in=lacking.values("pk"))
    found = members.aggregate(number=Count("pk"), since=Min("starts_on"))
    if not found["number"]:
        return []
    title = ngettext("%(n)d member has no focal point", "%(n)d members have no focal point", found["number"])
    since = datetime.datetime.combine(found["since"], datetime.time(), tzinfo=datetime.UTC)
    address = reverse("members:registry") + "?gap=focal-point&status=member"
    return [Item(since, _("nobody answers"), title % {"n": found["number"]}, address)]
