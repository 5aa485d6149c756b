"""An offer of a role, sent by mail. Names and addresses stand here, so no field history is kept and a person can be erased."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now
from django.db.models.lookups import GreaterThan
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from accounts.models import AllianceRole
from members.models.role import InstitutionRole
from members.permissions import DEPUTY

VALID = timedelta(days=14)
KEPT_FOR = timedelta(
    days=30
)  # after its time is over, or it was declined or withdrawn: somebody may ask what came of it


def digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


class InvitationQuerySet(VisibleQuerySet):
    def waiting(self):
        """Not answered, whether or not the time is over."""
        return self.filter(state=Invitation.State.WAITING)

    def with_time(self):
        """Annotates `is_open`: whether there is time to answer, by the database's clock."""
        return self.annotate(is_open=GreaterThan(F("expires_at"), Now()))

    def open(self):
        return self.waiting().filter(expires_at__gt=Now())

    def outdated(self):
        """Nobody accepted them, and that was long ago. One that was accepted belongs to the role that it gave."""
        over = Now() - KEPT_FOR
        answered = Q(state__in=[Invitation.State.DECLINED, Invitation.State.REVOKED], answered_at__lte=over)
        return self.filter(Q(state=Invitation.State.WAITING, expires_at__lte=over) | answered)


class Invitation(models.Model):
    """A role of an institution, or where there is none, in the alliance. Nothing here tells whether the address has an account.

    The secret of the link is made when the mail is sent; only its hash is kept, and only until somebody answers.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting for an answer")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        REVOKED = "revoked", _("withdrawn")

    ROLES = (*InstitutionRole.Role.choices, *AllianceRole.Role.choices)

    email = models.EmailField(_("e-mail address"), max_length=254)
    name = models.CharField(_("name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=12, blank=True)
    institution = models.ForeignKey(
        "members.Institution",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("institution"),
    )
    role = models.CharField(_("role"), max_length=20, choices=ROLES)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    succeeds = models.ForeignKey(
        InstitutionRole,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="successors",
        verbose_name=_("takes the place of"),
        help_text=_("The role that ends when this invitation is accepted."),
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("invited by")
    )
    created_at = models.DateTimeField(_("invited"), db_default=Now())
    posted_at = models.DateTimeField(_("mail asked for"), db_default=Now())
    postings = models.PositiveSmallIntegerField(_("mails"), default=1)
    expires_at = models.DateTimeField(_("open until"), db_default=Now() + VALID)
    token_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["email"], name="invitation_email")]
        constraints = [
            models.CheckConstraint(
                name="invitation_role_fits",
                condition=Q(institution__isnull=False, role__in=InstitutionRole.Role.values)
                | Q(institution__isnull=True, role__in=AllianceRole.Role.values),
                violation_error_message=_("This role is not one of an institution, or not one of the alliance."),
            ),
            models.CheckConstraint(
                name="invitation_deputy_has_end",
                condition=~Q(role=DEPUTY) | Q(starts_on__isnull=False, ends_on__isnull=False),
                violation_error_message=_("A deputy is named from a day until another."),
            ),
            models.CheckConstraint(
                name="invitation_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("A role cannot end before it begins."),
            ),
            models.CheckConstraint(name="invitation_email_lower", condition=Q(email=Lower("email"))),
            models.CheckConstraint(
                name="invitation_secret_only_while_waiting",
                condition=Q(state="waiting") | Q(token_hash__isnull=True, answered_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["institution", "role", "email"],
                condition=Q(state="waiting"),
                name="invitation_waits_once",
                violation_error_message=_("This address is invited already."),
            ),
            models.UniqueConstraint(
                fields=["role", "email"],
                condition=Q(state="waiting", institution__isnull=True),
                name="invitation_to_alliance_waits_once",
                violation_error_message=_("This address is invited already."),
            ),
        ]

    def __str__(self) -> str:
        """Without the name or address of anybody: events of the outbox keep it."""
        if self.institution_id is None:
            return self.get_role_display()
        return gettext("%(role)s, %(institution)s") % {"role": self.get_role_display(), "institution": self.institution}

    def get_absolute_url(self) -> str:
        """Where whoever invited finds it; the person invited has a page of her own."""
        return f"{self.institution.desk_url}people/" if self.institution else "/desk/roles/"

    def mint(self) -> str:
        """A new secret for the link; that of an earlier mail stops working. Returns nothing where nobody waits any more."""
        token = secrets.token_urlsafe(32)
        kept = Invitation.objects.open().filter(pk=self.pk).update(token_hash=digest(token))
        return token if kept else ""
