"""Applications of institutions to join the alliance."""

import base64
import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models.institution import Institution
from toolkit.names import validate_ror
from toolkit.web import WebAddress, opens_a_page
from vocabularies.models import Country

CONFIRM_WITHIN = timedelta(days=7)  # what nobody confirms is forgotten
LINK_HOLDS_AFTER_END = timedelta(days=365)


def new_seed() -> str:
    return secrets.token_urlsafe(16)


def digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


class ApplicationQuerySet(VisibleQuerySet):
    def open(self):
        return self.filter(state__in=MembershipApplication.OPEN)

    def of_token(self, token: str):
        """The application whose link holds this token, as long as the link does."""
        States = MembershipApplication.State  # noqa: N806 - a class
        ended = Q(state__in=MembershipApplication.ENDED)
        holds = (
            Q(state=States.UNCONFIRMED, created_at__gt=Now() - CONFIRM_WITHIN)
            | Q(state__in=MembershipApplication.OPEN)
            | ended & Q(changed_at__gt=Now() - LINK_HOLDS_AFTER_END)
        )
        return self.filter(holds, token_hash=digest(token))

    def for_list(self):
        return self.select_related("institution", "country").defer("motivation", "contribution")


class MembershipApplication(models.Model):
    """An institution asks to join. All that is known of the people who ask stands here and nowhere else, and keeps no
    history, so that they can be erased; the moves do, and the decisions.

    Either `institution` is known, or it is described by the fields from `name` on until an officer makes its record.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        UNCONFIRMED = "unconfirmed", _("not yet confirmed")
        SUBMITTED = "submitted", _("submitted")
        CHECKING = "checking", _("in check")
        ASKED = "asked", _("question asked")
        ANSWERED = "answered", _("question answered")
        CHECKED = "checked", _("checked")
        ENDORSED = "endorsed", _("endorsed by the board")
        ADMITTED = "admitted", _("admitted")
        REFUSED = "refused", _("refused")
        WITHDRAWN = "withdrawn", _("withdrawn")

    UNSENT = (State.DRAFT, State.UNCONFIRMED)
    OPEN = (State.SUBMITTED, State.CHECKING, State.ASKED, State.ANSWERED, State.CHECKED, State.ENDORSED)
    ENDED = (State.ADMITTED, State.REFUSED, State.WITHDRAWN)

    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT, editable=False)
    year = models.SmallIntegerField(_("year"), null=True, editable=False)
    serial = models.PositiveIntegerField(_("number"), null=True, editable=False)

    institution = models.ForeignKey(
        Institution, models.PROTECT, null=True, blank=True, related_name="applications", verbose_name=_("institution")
    )
    name = models.CharField(_("name of the institution"), max_length=400, blank=True)
    language = models.CharField(_("language of the name"), max_length=12, blank=True)
    acronym = models.CharField(_("acronym"), max_length=100, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Institution.Kind, blank=True)
    country = models.ForeignKey(
        Country, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("country")
    )
    city = models.CharField(_("city"), max_length=200, blank=True)
    website = WebAddress(_("website"), blank=True)
    ror = models.CharField(_("ROR id"), max_length=9, null=True, blank=True, validators=[validate_ror])

    applicant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="membership_applications",
        verbose_name=_("account of the applicant"),
    )
    contact_name = models.CharField(_("your name"), max_length=200, blank=True)
    contact_position = models.CharField(_("your position"), max_length=200, blank=True)
    contact_email = models.EmailField(_("your e-mail address"), max_length=254, blank=True)
    focal_name = models.CharField(_("name of the focal point"), max_length=200, blank=True)
    focal_email = models.EmailField(_("e-mail address of the focal point"), max_length=254, blank=True)
    motivation = models.TextField(_("why it wants to join"), max_length=5000, blank=True)
    contribution = models.TextField(_("what it can bring"), max_length=5000, blank=True)
    consents = models.BooleanField(_("consent"), default=False)
    mail_language = models.CharField(max_length=12, default="en", editable=False)

    # Who has no account follows a link; its token is made again for each mail, and only its hash is kept.
    seed = models.CharField(max_length=32, default=new_seed, editable=False)
    token_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)
    submission_key = models.CharField(max_length=64, null=True, unique=True, editable=False)

    created_at = models.DateTimeField(_("begun"), db_default=Now(), editable=False)
    changed_at = models.DateTimeField(_("last step"), db_default=Now(), editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, editable=False)
    illustrative = models.BooleanField(_("illustrative"), default=False, help_text=_("Written as sample; nobody real."))

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application to join")
        verbose_name_plural = _("applications to join")
        ordering = ["submitted_at", "pk"]
        indexes = [models.Index(fields=["state", "changed_at"], name="membershipapplication_queue")]
        constraints = [
            opens_a_page("website", name="membership_application_website_opens_a_page"),
            models.UniqueConstraint(fields=["year", "serial"], name="membershipapplication_number_once"),
            models.UniqueConstraint(
                fields=["institution"],
                condition=Q(state__in=("submitted", "checking", "asked", "answered", "checked", "endorsed")),
                name="membershipapplication_one_open",
                violation_error_message=_("An application of this institution is open already."),
            ),
            models.UniqueConstraint(
                fields=["applicant", "institution"],
                condition=Q(state="draft"),
                name="membershipapplication_one_draft",
                violation_error_message=_("You have begun an application for this institution already."),
            ),
            models.CheckConstraint(
                name="membershipapplication_sent_is_numbered",
                condition=Q(state__in=("draft", "unconfirmed"))
                | Q(year__isnull=False, serial__isnull=False, submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="membershipapplication_in_check_has_institution",
                condition=Q(institution__isnull=False)
                | Q(state__in=("draft", "unconfirmed", "submitted", "refused", "withdrawn")),
                violation_error_message=_("Say first which institution this is."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Where the applicant sees it; officers have a page of their own."""
        return f"/desk/applications/{self.pk}/"

    @property
    def desk_url(self) -> str:
        return f"/desk/memberships/{self.pk}/"

    @property
    def title(self) -> str:
        return str(self.institution.name if self.institution else self.name) or str(_("an institution without a name"))

    @property
    def reference(self) -> str:
        """ANSO-M-2026-0007; numbers have no gaps within a year. Nothing before it is sent."""
        return f"{settings.PORTAL['code']}-M-{self.year}-{self.serial:04}" if self.serial else ""

    @property
    def tone(self) -> str:
        """The kind of chip that its state is shown in."""
        tones = {self.State.ASKED: "warn", self.State.ADMITTED: "good", self.State.REFUSED: "bad"}
        return tones.get(self.State(self.state), "")

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_unsent(self) -> bool:
        return self.state in self.UNSENT

    def mint_token(self) -> str:
        """The secret of the applicant's link. It follows from the seed and the portal's key, so every mail has the same
        link, and what lies in the database does not give it away."""
        made = salted_hmac("members.application", f"{self.pk}:{self.seed}", algorithm="sha256").digest()
        token = base64.urlsafe_b64encode(made).decode().rstrip("=")
        if self.token_hash != digest(token):
            self.token_hash = digest(token)
            self.save(update_fields=["token_hash"])
        return token


class ApplicationMessage(models.Model):
    """A question of the secretariat about an application, or its answer."""

    application = models.ForeignKey(
        MembershipApplication, models.CASCADE, related_name="messages", verbose_name=_("application")
    )
    is_question = models.BooleanField(_("question"))
    text = models.TextField(_("text"), max_length=5000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), db_default=Now(), editable=False)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("question or answer")
        verbose_name_plural = _("questions and answers")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(_("question") if self.is_question else _("answer"))
