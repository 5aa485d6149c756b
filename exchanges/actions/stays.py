"""A stay from the application to the end: who says what when, and places and money that are never given twice."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import can, demand
from accounts.models import User
from accounts.permissions import has_confirmed_address
from exchanges.actions.capacity import crowd_at
from exchanges.models import Offer, Stay, StayAct, StayTask
from members.actions.applications import officers
from members.actions.standings import speakers_of
from members.models import Institution
from notifications.actions import announce
from toolkit.clock import database_today
from toolkit.eligibility import Entry, Finding, Party, check
from vocabularies.countries import country_names
from vocabularies.lists import NAMES as LIST_NAMES
from vocabularies.lists import country_lists
from workflow.actions import move

State = Stay.State
FIELDS = ("project", "starts_on", "ends_on", "purpose", "asks")

# A place of the offer, and a stay and its money of the programme: taken together or not at all. Whoever comes second waits for
# the row and then finds what the first one left; the constraints of both tables say the same once more.
TAKE = """
WITH stay AS (
    SELECT asked.asks, offer.id AS offer, offer.programme_id AS programme
    FROM exchanges_stay asked JOIN exchanges_offer offer ON offer.id = asked.offer_id WHERE asked.id = %s
), place AS (
    UPDATE exchanges_offer SET places_taken = places_taken + 1 FROM stay
    WHERE exchanges_offer.id = stay.offer AND (places IS NULL OR places_taken < places) RETURNING 1
), seat AS (
    UPDATE exchanges_programme SET seats_taken = seats_taken + 1, budget_taken = budget_taken + stay.asks FROM stay
    WHERE exchanges_programme.id = stay.programme AND (seats IS NULL OR seats_taken < seats)
      AND (budget IS NULL OR budget_taken + stay.asks <= budget) RETURNING 1
)
SELECT EXISTS (SELECT FROM place), EXISTS (SELECT FROM seat) OR (SELECT programme IS NULL FROM stay)
"""
GIVE_BACK = """
WITH stay AS (
    SELECT asked.asks, offer.id AS offer, offer.programme_id AS programme
    FROM exchanges_stay asked JOIN exchanges_offer offer ON offer.id = asked.offer_id WHERE asked.id = %s
), place AS (
    UPDATE exchanges_offer SET places_taken = places_taken - 1 FROM stay WHERE exchanges_offer.id = stay.offer
)
UPDATE exchanges_programme SET seats_taken = seats_taken - 1, budget_taken = budget_taken - stay.asks FROM stay
WHERE exchanges_programme.id = stay.programme
"""
# Before the first day: what has to be ready, whose affair it is, and how many days earlier.
ARRIVAL = (
    (StayTask.Kind.VISA, StayTask.Owner.SCIENTIST, 14),
    (StayTask.Kind.INSURANCE, StayTask.Owner.SCIENTIST, 7),
    (StayTask.Kind.LODGING, StayTask.Owner.HOST, 7),
)
TRAINING = ((StayTask.Kind.TRAINING, StayTask.Owner.SCIENTIST, 7),)  # where the offer asks for any


# --- By the scientist


def hosts_of(offer: Offer) -> list[Institution]:
    """The institution that hosts, or those of the center."""
    if offer.institution:
        return [offer.institution]
    if offer.center is None:
        return []
    parts = offer.center.participations.filter(role="host", institution__isnull=False).select_related("institution")
    return [part.institution for part in parts if part.institution]


@transaction.atomic
def begin_stay(*, offer: Offer, home: Institution, by: User) -> Stay:
    """A draft; begun twice for one offer, it is the same one."""
    if not has_confirmed_address(by):
        raise PermissionDenied(_("Confirm your e-mail address first."))
    Offer.objects.select_for_update(no_key=True).get(pk=offer.pk)
    if not Offer.objects.open().filter(pk=offer.pk).exists():
        raise ValidationError(_("This offer takes no application now."), code="closed")
    known = Stay.objects.filter(offer=offer, applicant=by, home=home, state=State.DRAFT).first()
    if known:
        return known
    hosts = hosts_of(offer)
    if not hosts:
        raise ValidationError(_("Nobody who hosts this offer is in the registry: write to the host."), code="no_host")
    host = next((one for one in hosts if one != home), None)
    if host is None:
        raise ValidationError(_("Home and host are the same institution."), code="same")
    stay = Stay(offer=offer, home=home, host=host, applicant=by, starts_on=offer.starts_on, ends_on=offer.ends_on)
    stay.full_clean(exclude=["applicant"])
    stay.save()
    return stay


def locked(stay: Stay) -> Stay:
    """The row as it is now. Whoever touches what belongs to a stay holds it first, so that nobody waits in a circle."""
    related = ("offer__programme", "home__country", "host__country", "applicant", "project")
    return Stay.objects.select_for_update(of=("self",), no_key=True).select_related(*related).get(pk=stay.pk)


@transaction.atomic
def save_stay(*, stay: Stay, values: Mapping[str, Any], by: User) -> Stay:
    row = locked(stay)
    demand(by, "write", row, _("The scientist can do this."))
    if row.state != State.DRAFT:
        raise ValidationError(_("It is submitted: it cannot be changed any more."), code="wrong_state")
    for name in FIELDS:
        if name in values:
            setattr(row, name, values[name])
    row.full_clean(exclude=["applicant"])
    row.save(update_fields=FIELDS)
    Stay.objects.filter(pk=row.pk).update(changed_at=Now())
    return row


def obstacles(stay: Stay, said: list[Finding]) -> list[str]:
    """What stands between the draft and its submission, in sentences; `said` is what `findings` gave."""
    found = [
        _("Missing: %(what)s.") % {"what": label}
        for label, value in [
            (_("the first day"), stay.starts_on),
            (_("the last day"), stay.ends_on),
            (_("the purpose"), stay.purpose.strip()),
        ]
        if not value
    ]
    programme, country = stay.offer.programme, stay.home.country_id
    eligible = set(stay.offer.eligible_countries.values_list("pk", flat=True))
    if eligible and country not in eligible:
        found.append(
            _("The offer is not open to scientists of institutions in %(country)s.") % {"country": stay.home.country}
        )
    if programme and stay.starts_on and stay.ends_on:
        if programme.grants_from and stay.starts_on < programme.grants_from:
            found.append(_("The programme pays for stays from %(day)s on.") % {"day": programme.grants_from})
        if programme.grants_until and stay.ends_on > programme.grants_until:
            found.append(_("The programme pays for stays until %(day)s.") % {"day": programme.grants_until})
    if Stay.objects.overlapping(stay).exists():
        found.append(_("You have another stay in these days."))
    return found + [one.missing for one in said if not one.met]


def findings(stay: Stay) -> list[Finding]:
    """One for each rule of the programme."""
    programme = stay.offer.programme
    if programme is None or not programme.rules:
        return []
    names = {**country_names(), **{name: str(label) for name, label in LIST_NAMES.items()}}
    return check(programme.rules, _entry(stay), lists=country_lists(database_today()), names=names)


def _entry(stay: Stay) -> Entry:
    members = set(
        Institution.objects.filter(pk__in=[stay.home_id, stay.host_id]).listed_members().values_list("pk", flat=True)
    )
    parties = tuple(
        Party(
            key=str(one.pk),
            name=one.name,
            country=one.country_id or "",
            role=role,
            member=one.pk in members,
            amount=stay.asks if role == "home" else None,
        )
        for one, role in ((stay.home, "home"), (stay.host, "host"))
    )
    currency = stay.offer.programme.currency if stay.offer.programme else ""
    return Entry(parties=parties, starts_on=stay.starts_on, ends_on=stay.ends_on, currency=currency)


@transaction.atomic
def submit_stay(*, stay: Stay, by: User) -> Stay:
    """A second click finds it submitted. ValidationError `incomplete` with a sentence for each obstacle, or `closed`."""
    row = locked(stay)
    demand(by, "write", row, _("The scientist can do this."))
    if row.state == State.SUBMITTED:
        return row
    if not Offer.objects.open().filter(pk=row.offer_id).exists():
        raise ValidationError(_("This offer takes no application now."), code="closed")
    if missing := obstacles(row, findings(row)):
        raise ValidationError([ValidationError(one, code="incomplete") for one in missing])
    Stay.objects.filter(pk=row.pk).update(submitted_at=Now(), changed_at=Now())
    return move_stay(row, State.SUBMITTED, by=by, tell=institutions_of(row))


@transaction.atomic
def withdraw_stay(*, stay: Stay, by: User, reason: str = "") -> Stay:
    row = locked(stay)
    demand(by, "write", row, _("The scientist can do this."))
    tell = [] if row.state == State.DRAFT else institutions_of(row)
    return _let_go(row, State.WITHDRAWN, by=by, reason=reason, tell=tell)


@transaction.atomic
def cancel_stay(*, stay: Stay, by: User, reason: str) -> Stay:
    """By home, host or an officer, after it was approved."""
    row = locked(stay)
    if not any(can(by, act, row) for act in ("support", "agree", "approve")):
        raise PermissionDenied(_("Home, host and officers can do this, each for their part."))
    return _let_go(row, State.CANCELLED, by=by, reason=reason, tell=everyone_in(row))


def _let_go(row: Stay, to: str, *, by: User, reason: str, tell: list[User]) -> Stay:
    held = row.state in Stay.COMMITTED
    moved = move_stay(row, to, by=by, reason=reason, tell=tell)
    if held:
        with connection.cursor() as cursor:
            cursor.execute(GIVE_BACK, [row.pk])
        row.letters.filter(revoked_at__isnull=True).update(revoked_at=Now())
    return moved


# --- By the institutions


@transaction.atomic
def answer_stay(*, stay: Stay, kind: str, agrees: bool, by: User, comment: str = "") -> StayAct:
    """The dated act of the home institution or of the host; said twice, it is once. Both together move the stay."""
    row = locked(stay)
    act = "support" if kind == StayAct.Kind.HOME else "agree"
    demand(by, act, row, _("A focal point or deputy of the institution can say this, and nobody for the own stay."))
    known = row.acts.filter(kind=kind).first()
    if known and known.agrees == agrees:
        return known
    if known or row.state != State.SUBMITTED:
        raise ValidationError(_("This was answered already, or the stay was taken back."), code="answered")
    said = StayAct.objects.create(stay=row, kind=kind, agrees=agrees, comment=comment, by=by)
    if not agrees:
        move_stay(row, State.DECLINED, by=by, reason=comment, tell=everyone_in(row))
    elif row.acts.filter(agrees=True).count() == len(StayAct.Kind.values):
        move_stay(row, State.AGREED, by=by, tell=[*everyone_in(row), *officers()])
        approve_by_itself(row)
    else:
        institution = row.home if kind == StayAct.Kind.HOME else row.host
        told = facts(row) | {"institution": institution.name, "answer": _("agrees")}
        announce("stay.answered", row, actor=by, to=everyone_in(row), context=told)
    return said


def approve_by_itself(row: Stay) -> bool:
    """Where the programme asks for no officer. Without a place, or room at the host, it waits for one."""
    programme = row.offer.programme
    if (programme and programme.needs_approval) or crowd_at(row):
        return False
    try:
        with transaction.atomic():
            _approve(row, by=None)
    except ValidationError:
        return False
    return True


# --- By officers


@transaction.atomic
def approve_stay(*, stay: Stay, by: User) -> Stay:
    """ValidationError where no place, no seat or no money is left, or the person is elsewhere in these days."""
    row = locked(stay)
    demand(by, "approve", row, _("An officer who acts for neither institution can do this."))
    if row.state == State.APPROVED:
        return row
    return _approve(row, by=by)


def _approve(row: Stay, *, by: User | None) -> Stay:
    try:
        with transaction.atomic():
            moved = move_stay(row, State.APPROVED, by=by, tell=everyone_in(row))
    except IntegrityError:  # stay_of_one_person_at_a_time
        raise ValidationError(_("This person has another approved stay in these days."), code="overlap") from None
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [row.pk])
        place, seat = cursor.fetchone()
    if not place:
        raise ValidationError(_("All places of the offer are taken."), code="full")
    if not seat:
        raise ValidationError(_("The programme has no stay or no money left."), code="spent")
    first = row.starts_on
    assert first
    ready = ARRIVAL + (TRAINING if row.offer.trainings.exists() else ())
    StayTask.objects.bulk_create(
        [
            StayTask(stay=row, kind=kind, owner=owner, due_on=first - timedelta(days=days))
            for kind, owner, days in ready
        ],
        ignore_conflicts=True,
    )
    return moved


@transaction.atomic
def decline_stay(*, stay: Stay, by: User, reason: str) -> Stay:
    row = locked(stay)
    demand(by, "approve", row, _("An officer who acts for neither institution can do this."))
    return move_stay(row, State.DECLINED, by=by, reason=reason, tell=everyone_in(row))


# --- Who hears of it


def institutions_of(stay: Stay) -> list[User]:
    return speakers_of(stay.home, stay.host)


def everyone_in(stay: Stay) -> list[User]:
    people = {user.pk: user for user in institutions_of(stay)}
    if stay.applicant:
        people[stay.applicant.pk] = stay.applicant
    return list(people.values())


def facts(stay: Stay) -> dict[str, Any]:
    return {
        "person": str(stay.applicant or "–"),
        "offer": stay.offer.title,
        "home": stay.home.name,
        "host": stay.host.name,
        "starts_on": stay.starts_on,
        "ends_on": stay.ends_on,
    }


def move_stay(row: Stay, to: str, *, by: User | None, tell: Iterable[User], reason: str = "") -> Stay:
    Stay.objects.filter(pk=row.pk).update(changed_at=Now())
    return move(row, to, by=by, reason=reason, tell=tell, context=facts(row))
