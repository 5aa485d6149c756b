"""“Is this still right?”: asked of the people of each member once a year, and answered with one click."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from members.actions.standings import speakers_of
from members.models import ConfirmationRequest, Institution, InstitutionConfirmation, InstitutionRole
from members.models.confirmation import HOLDS, REMIND_AFTER
from members.models.quality import lacks_confirmation
from members.permissions import SPEAKERS
from notifications.actions import announce
from toolkit.clock import database_now

SAME_ANSWER = timedelta(days=1)  # a second click, or a colleague's


@transaction.atomic
def confirm_record(*, institution: Institution, by: User) -> InstitutionConfirmation:
    """Its record is right as it stands. A second click within a day is the first one."""
    demand(by, "confirm", institution, _("Focal points of the institution and their deputies can do this."))
    Institution.objects.select_for_update(of=("self",), no_key=True).get(pk=institution.pk)
    latest = institution.confirmations.filter(confirmed_at__gt=Now() - SAME_ANSWER).first()
    return latest or InstitutionConfirmation.objects.create(institution=institution, by=by)


def institutions_to_ask():
    """Members since a year or longer, with somebody to ask, whom nobody has asked or heard within the year."""
    asked = ConfirmationRequest.objects.filter(asked_at__gt=Now() - HOLDS)
    speakers = InstitutionRole.objects.current().filter(role__in=SPEAKERS, user__is_active=True)
    return Institution.objects.active().filter(
        lacks_confirmation(),
        Q(pk__in=speakers.values("institution")),
        ~Q(pk__in=asked.values("institution")),
    )


def ask_for_confirmations() -> int:
    """One transaction for each institution; two runs at once, or one after the other, ask each only once."""
    asked = 0
    for key in list(institutions_to_ask().order_by("pk").values_list("pk", flat=True)):
        asked += _ask(key)
    return asked


@transaction.atomic
def _ask(key: int) -> bool:
    Institution.objects.select_for_update(of=("self",), no_key=True).get(pk=key)
    institution = institutions_to_ask().select_related("country").filter(pk=key).first()
    if institution is None:
        return False
    year = database_now().year
    _request, made = ConfirmationRequest.objects.get_or_create(institution=institution, year=year)
    if made:
        _tell(institution, "institution.confirm", year)
    return made


def requests_to_repeat():
    """Asked a month ago and not answered, with somebody to remind."""
    speakers = InstitutionRole.objects.current().filter(role__in=SPEAKERS, user__is_active=True)
    return ConfirmationRequest.objects.unanswered().filter(
        asked_at__lte=Now() - REMIND_AFTER, reminded_at__isnull=True, institution__in=speakers.values("institution")
    )


def remind_of_confirmations() -> int:
    """One reminder for each request, whoever runs this how often."""
    reminded = 0
    for key in list(requests_to_repeat().order_by("pk").values_list("pk", flat=True)):
        reminded += _remind(key)
    return reminded


@transaction.atomic
def _remind(key: int) -> bool:
    locked = ConfirmationRequest.objects.select_for_update(of=("self",)).filter(pk=key).first()
    if locked is None or not requests_to_repeat().filter(pk=key).exists():
        return False
    ConfirmationRequest.objects.filter(pk=key).update(reminded_at=Now())
    institution = Institution.objects.select_related("country").get(pk=locked.institution_id)
    _tell(institution, "institution.confirm_again", locked.year)
    return True


def _tell(institution: Institution, kind: str, year: int) -> None:
    """Public facts only: the event stays when a person is erased."""
    facts = {
        "kind": institution.get_kind_display(),
        "acronym": institution.acronym,
        "place": ", ".join(filter(None, [institution.city, institution.country.name if institution.country else ""])),
        "website": institution.website,
        "ror": institution.ror_url,
        "year": year,
        "address": f"{institution.desk_url}confirm/",
    }
    announce(kind, institution, actor=None, to=speakers_of(institution), context=facts)
