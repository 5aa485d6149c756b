from collections.abc import Callable
from typing import ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet, can, can_on_some
from accounts.permissions import ADMINISTRATOR, OFFICER, REVIEWER, is_secretariat
from toolkit.addresses import one_spelling
from toolkit.clock import Today, utc_today
from toolkit.history import track
from toolkit.names import validate_plain_name

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)  # Recovery codes stand in for one of these.


class UserQuerySet(VisibleQuerySet):
    def active(self):
        return self.filter(is_active=True)

    def holding(self, *roles: str):
        """Those to whom one of these roles in the alliance is given today, with a second factor or without."""
        return self.filter(pk__in=AllianceRole.objects.current().filter(role__in=roles).values("user"))

    def of_address(self, address: str) -> "User | None":
        """Whom this address belongs to: first who has confirmed it. One statement, found or not."""
        spelled = one_spelling(address) or ""
        own = EmailAddress.objects.filter(user=OuterRef("pk"), email=spelled)
        owners = User.objects.filter(Exists(own) | Q(email=spelled))
        return owners.order_by(Exists(own.filter(verified=True)).desc(), "pk").first()


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def create_user(self, email: str, password: str | None = None, **fields) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save()
        return user

    @classmethod
    def normalize_email(cls, email: str | None) -> str:
        spelled = one_spelling(email or "")
        if spelled is None:
            raise ValueError(f"{email!r} is no address that a mail server can be asked for.")
        return spelled

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=one_spelling(email))


class User(AbstractBaseUser):
    """Somebody who signs in. What the alliance knows of a person stands in members.Person."""

    email = models.EmailField(_("e-mail address"), max_length=254)
    name = models.CharField(_("name"), max_length=200, blank=True, validators=[validate_plain_name])
    language = models.CharField(_("language"), max_length=12, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_once",
                violation_error_message=_("There is an account with this e-mail address already."),
            ),
            models.CheckConstraint(  # toolkit.addresses.one_spelling
                name="user_email_in_one_spelling",
                condition=Q(email=Lower("email"), email__regex="^[!-~]+$"),
                violation_error_message=_("Write the address in plain letters, as in ada@example.org."),
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return str(self)

    # Only the user of a request is asked for a second factor: a command or a task acts for somebody without a sign-in.
    # The middleware of the portal puts its own answer here.
    waives_second_factor: Callable[["User"], bool] = staticmethod(lambda user: True)

    @cached_property
    def _roles_held(self) -> list[tuple[str, bool]]:
        secured = Exists(Authenticator.objects.filter(user=OuterRef("user"), type__in=SECOND_FACTORS))
        return list(self.alliance_roles.current().values_list("role", secured))

    @cached_property
    def second_factor_missing(self) -> bool:
        """Whether this person holds a role in the alliance that is not in force for want of a second factor."""
        unsecured = any(not secured for _role, secured in self._roles_held)
        return unsecured and not self.waives_second_factor(self)

    @property
    def held_roles(self) -> set[str]:
        """The roles in the alliance that were given, in force or not."""
        return {role for role, _secured in self._roles_held}

    @property
    def roles_asked_for(self) -> set[str] | None:
        """The roles that were given, if anything has asked for them yet."""
        return self.held_roles if "_roles_held" in self.__dict__ else None

    @property
    def held_role_names(self) -> list[str]:
        return [str(AllianceRole.Role(role).label) for role in sorted(self.held_roles)]

    @property
    def current_roles(self) -> set[str]:
        """The roles in the alliance that are in force: none without a second factor."""
        return set() if self.second_factor_missing else self.held_roles

    # Django's admin asks these four; the answers come from the roles and the apps' permissions.

    @property
    def is_staff(self) -> bool:
        return is_secretariat(self)

    @property
    def is_superuser(self) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and is_secretariat(self)

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """`app.view_model` asks view, every other verb of Django's asks edit; on no object: may it on any."""
        from django.apps import apps

        app_label, _dot, codename = perm.partition(".")
        verb, _line, model_name = codename.partition("_")
        act = "view" if verb == "view" else "edit"
        try:
            model = apps.get_model(app_label, model_name)
        except LookupError:
            return False
        if not self.is_active:
            return False
        return can(self, act, obj) if obj else can_on_some(self, act, model)


class RoleQuerySet(VisibleQuerySet):
    def current(self):
        today = Today()
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=today), starts_on__lte=today, ended_at__isnull=True)

    def not_over(self):
        """Those in force and those that are still to begin."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=Today()), ended_at__isnull=True)

    def over(self):
        return self.filter(Q(ends_on__lt=Today()) | Q(ended_at__isnull=False))


class DatedRole(models.Model):
    """Somebody's role, from a day until another. Who ends it before its time ends it at once: `ended_at` says when."""

    starts_on = models.DateField(_("from"), default=utc_today)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    given_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name=_("given by")
    )
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True, editable=False)
    ended_by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, editable=False, related_name="+", verbose_name=_("ended by")
    )

    class Meta:
        abstract = True


@track()
class AllianceRole(DatedRole):
    class Role(models.TextChoices):
        OFFICER = OFFICER, _("programme officer")
        REVIEWER = REVIEWER, _("reviewer")
        ADMINISTRATOR = ADMINISTRATOR, _("administrator")

    user = models.ForeignKey(User, models.CASCADE, related_name="alliance_roles", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=20, choices=Role)

    objects = RoleQuerySet.as_manager()

    class Meta:
        verbose_name = _("role in the alliance")
        verbose_name_plural = _("roles in the alliance")
        ordering = ["role", "starts_on"]
        constraints = [
            models.CheckConstraint(
                name="alliancerole_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("A role cannot end before it begins."),
            ),
            models.CheckConstraint(
                name="alliancerole_ended_has_end",
                condition=Q(ended_at__isnull=True) | Q(ends_on__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["user", "role"],
                condition=Q(ends_on__isnull=True),
                name="alliancerole_open_once",
                violation_error_message=_("This person holds this role already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"

    def get_absolute_url(self) -> str:
        """Whoever holds a role works at the desk."""
        return "/desk/"


class HistoryReason(models.Model):
    """Why somebody changed something, as it was typed. The history never changes and holds its number; a name in it can go."""

    text = models.TextField(_("reason"))
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    at = models.DateTimeField(_("at"), db_default=Now())

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("reason in the history")
        verbose_name_plural = _("reasons in the history")

    def __str__(self) -> str:
        return self.text
