"""What is done with an application to join, by those who apply and by the secretariat."""

import hashlib
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from accounts.permissions import OFFICER, has_confirmed_address
from members.actions.invitations import Offer, invite_person
from members.actions.names import add_institution
from members.actions.standings import decide_standing, speakers_of, standing_of
from members.models import (
    ApplicationMessage,
    Institution,
    InstitutionRole,
    Meeting,
    Membership,
    MembershipApplication,
)
from members.models.application import CONFIRM_WITHIN
from members.permissions import FOCAL_POINT
from notifications.actions import announce, post_mail
from notifications.kinds import frozen
from toolkit.clock import database_today
from workflow.actions import WrongState, move

State = MembershipApplication.State
Standing = Membership.Standing

# Applications are numbered one after the other, so that no number is left out.
NUMBERING = "SELECT pg_advisory_xact_lock(hashtext('members.application.number'))"


# --- By those who apply


def key_of(*parts: object) -> str:
    """The same form sent twice has the same key; a corrected one has another."""
    return hashlib.sha256("\x00".join(map(str, parts)).encode(errors="replace")).hexdigest()


@transaction.atomic
def apply_without_account(*, application: MembershipApplication, key: str) -> MembershipApplication:
    """Keep it until the e-mail address is confirmed; sent twice, it is kept once and one mail goes out."""
    known = MembershipApplication.objects.filter(submission_key=key).first()
    if known:
        return known
    application.state = State.UNCONFIRMED
    application.submission_key = key
    application.save(force_insert=True)
    post_mail(
        address=application.contact_email,
        purpose="membership.confirm",
        context={"application": application.pk, "language": application.mail_language},
    )
    return application


def begin_application(*, application: MembershipApplication, key: str, by: User) -> MembershipApplication:
    """Keep a draft, or what was changed in it. A form that was sent twice at once has made it already."""
    application.applicant, application.submission_key = by, application.submission_key or key
    try:
        with transaction.atomic():
            application.save()
    except IntegrityError:
        drafts = MembershipApplication.objects.filter(applicant=by, state=State.DRAFT)
        return drafts.get(Q(submission_key=key) | Q(institution__isnull=False, institution=application.institution))
    return _touch(application)


def confirm_application(*, application: MembershipApplication) -> MembershipApplication:
    """Whoever has the link of the mail has the address."""
    return _send(application, by=None)


@transaction.atomic
def submit_application(*, application: MembershipApplication, by: User) -> MembershipApplication:
    demand(by, "write", application, _("The person who began the application can send it."))
    if not has_confirmed_address(by):
        raise PermissionDenied(_("Confirm your e-mail address first: the answer goes there."))
    application.contact_email = by.email
    application.save(update_fields=["contact_email"])
    return _send(application, by=by)


@transaction.atomic
def _send(application: MembershipApplication, *, by: User | None) -> MembershipApplication:
    row = MembershipApplication.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if row.is_unsent:
        number_application(row)
    row = move(row, State.SUBMITTED, by=by, tell=officers(), context=_facts(row) | {"address": row.desk_url})
    _tell(_touch(row), "received")
    return row


def number_application(row: MembershipApplication) -> None:
    with connection.cursor() as cursor:
        cursor.execute(NUMBERING)
    row.year = database_today().year
    last = MembershipApplication.objects.filter(year=row.year).aggregate(last=Max("serial"))["last"]
    row.serial = (last or 0) + 1
    MembershipApplication.objects.filter(pk=row.pk).update(year=row.year, serial=row.serial, submitted_at=Now())


@transaction.atomic
def answer_question(*, application: MembershipApplication, text: str, by: User | None) -> MembershipApplication:
    """By the applicant or a focal point; by nobody in particular where the link of the mail was followed."""
    row = move(
        application,
        State.ANSWERED,
        by=by,
        tell=officers(),
        context=_facts(application) | {"address": application.desk_url},
    )
    ApplicationMessage.objects.create(application=row, is_question=False, text=text, by=by)
    return _touch(row)


@transaction.atomic
def withdraw_application(
    *, application: MembershipApplication, by: User | None, reason: str = ""
) -> MembershipApplication:
    row = move(
        application,
        State.WITHDRAWN,
        by=by,
        reason=reason,
        tell=officers(),
        context=_facts(application) | {"address": application.desk_url},
    )
    _end_candidacy(row, by)
    _tell(_touch(row), "taken_back")
    return row


def discard_draft(*, application: MembershipApplication, by: User) -> None:
    demand(by, "write", application, _("The person who began the application can discard it."))
    application.delete()


def forget_unsent_applications() -> int:
    """Those whose address nobody confirmed in time. What somebody with an account has begun stays at their desk."""
    stale = MembershipApplication.objects.filter(state=State.UNCONFIRMED, created_at__lte=Now() - CONFIRM_WITHIN)
    forgotten, _rows = stale.delete()
    return forgotten


# --- By the secretariat


@transaction.atomic
def accept_application(
    *, application: MembershipApplication, by: User, institution: Institution | None = None
) -> MembershipApplication:
    """Take it into check: from now on the institution is a candidate. One that is new here gets its record."""
    _demand_decide(application, by)
    row = _locked(application, State.SUBMITTED)
    if not row.institution_id:
        row.institution = institution or _make_institution(row)
        row.save(update_fields=["institution"])
    row = move(row, State.CHECKING, by=by)
    decide_standing(application=row, standing=Standing.CANDIDATE, starts_on=database_today(), by=by)
    _tell(_touch(row), "checking")
    return row


def _make_institution(application: MembershipApplication) -> Institution:
    made = Institution(
        name=application.name,
        acronym=application.acronym,
        kind=application.kind,
        scope=Institution.Scope.INTERNATIONAL
        if application.kind == Institution.Kind.ORGANISATION
        else Institution.Scope.NATIONAL,
        country=application.country,
        city=application.city,
        website=application.website,
        ror=application.ror or None,
    )
    return add_institution(made, language=application.language)


@transaction.atomic
def ask_applicant(*, application: MembershipApplication, text: str, by: User) -> MembershipApplication:
    row = move(application, State.ASKED, by=by)
    ApplicationMessage.objects.create(application=row, is_question=True, text=text, by=by)
    _tell(_touch(row), "asked")
    return row


@transaction.atomic
def resume_check(*, application: MembershipApplication, by: User, reason: str = "") -> MembershipApplication:
    """Go on without an answer, or look once more at what was checked."""
    row = move(_locked(application, State.ASKED, State.CHECKED), State.CHECKING, by=by, reason=reason)
    _tell(_touch(row), "resumed")
    return row


@transaction.atomic
def finish_check(*, application: MembershipApplication, by: User, reason: str = "") -> MembershipApplication:
    row = move(application, State.CHECKED, by=by, reason=reason)
    _tell(_touch(row), "checked")
    return row


@transaction.atomic
def endorse_application(
    *, application: MembershipApplication, meeting: Meeting, by: User, note: str = ""
) -> MembershipApplication:
    return _decide(application, State.ENDORSED, Standing.ENDORSED, meeting, Meeting.Body.BOARD, by, note, "endorsed")


@transaction.atomic
def admit_application(
    *, application: MembershipApplication, meeting: Meeting, by: User, note: str = ""
) -> MembershipApplication:
    row = _decide(application, State.ADMITTED, Standing.MEMBER, meeting, Meeting.Body.ASSEMBLY, by, note, "welcomed")
    _invite_focal_point(row, by)
    return row


def _invite_focal_point(application: MembershipApplication, by: User) -> None:
    """Whoever was proposed, or else who applied, is invited to act for the new member; unless that person does already."""
    institution = application.institution
    email = application.focal_email or (
        application.applicant.email if application.applicant else application.contact_email
    )
    assert institution
    acting = InstitutionRole.objects.current().filter(institution=institution, role=FOCAL_POINT)
    if not email or acting.filter(user__email__iexact=email).exists():
        return
    name = application.focal_name if application.focal_email else application.contact_name
    offer = Offer(email=email, role=FOCAL_POINT, name=name, language=application.mail_language)
    invite_person(offer=offer, by=by, institution=institution)


def _decide(application, to, standing, meeting, body, by, note, told) -> MembershipApplication:
    """The move and the dated decision of the meeting, both or neither."""
    if meeting.body != body:
        raise ValidationError(
            _("This is decided by a meeting of the %(body)s.") % {"body": Meeting.Body(body).label}, code="body"
        )
    row = move(application, to, by=by)
    decide_standing(application=row, standing=standing, starts_on=meeting.held_on, by=by, meeting=meeting, note=note)
    _tell(_touch(row), told, meeting=str(meeting), decided_on=meeting.held_on)
    return row


@transaction.atomic
def refuse_application(*, application: MembershipApplication, reason: str, by: User) -> MembershipApplication:
    row = move(application, State.REFUSED, by=by, reason=reason)
    _end_candidacy(row, by)
    _tell(_touch(row), "refused")
    return row


def _end_candidacy(application: MembershipApplication, by: User | None) -> None:
    """The institution is again what it was before the application."""
    candidacy = application.decisions.order_by("pk").first()
    if candidacy is None:
        return
    earlier = candidacy.institution.memberships.filter(pk__lt=candidacy.pk, starts_on__lte=candidacy.starts_on)
    before = standing_of(earlier.latest_first().first()) or Standing.PARTNER
    day = max(database_today(), application.decisions.latest_first()[0].starts_on)
    decide_standing(application=application, standing=before, starts_on=day, by=by)


# --- Telling


def officers() -> list[User]:
    return list(User.objects.active().holding(OFFICER))


def _facts(application: MembershipApplication) -> dict:
    return {"title": application.title, "reference": application.reference}


def _tell(application: MembershipApplication, what: str, **decided) -> None:
    """Those who apply hear of each step, of their own too: who has an account at their desk, who has none by mail alone."""
    kind, facts = f"membership.{what}", {**_facts(application), **decided}
    people = speakers_of(application.institution) if application.institution else []
    if application.applicant:
        people.append(application.applicant)
    if people:
        announce(kind, application, actor=None, to=people, context=facts)
    if application.applicant is None and application.contact_email:
        _write_to(application, kind, facts)


def _write_to(application: MembershipApplication, kind: str, facts: Mapping) -> None:
    post_mail(
        address=application.contact_email,
        purpose="membership.progress",
        context={
            "application": application.pk,
            "kind": kind,
            "facts": {name: frozen(value) for name, value in facts.items()},
            "language": application.mail_language,
        },
    )


def _locked(application: MembershipApplication, *states: str) -> MembershipApplication:
    """Into check lead several ways, which do not write the same."""
    row = MembershipApplication.objects.select_for_update(of=("self",)).get(pk=application.pk)
    if row.state not in states:
        raise WrongState(_("The application is “%(state)s” now.") % {"state": row.get_state_display()})
    return row


def _touch(row: MembershipApplication) -> MembershipApplication:
    MembershipApplication.objects.filter(pk=row.pk).update(changed_at=Now())
    return row


def _demand_decide(application: MembershipApplication, by: User) -> None:
    demand(by, "decide", application, _("An officer who has no part in the institution can do this."))
