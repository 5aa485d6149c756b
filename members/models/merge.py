"""Two records of one institution made one, and how to take that back."""

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models.institution import Institution
from members.permissions import UNDO_WITHIN
from toolkit.history import track


class MergeQuerySet(VisibleQuerySet):
    def in_force(self):
        return self.filter(undone_at__isnull=True)

    def recent(self):
        """Those young enough to be taken back, on the database's clock."""
        return self.filter(merged_at__gt=Now() - UNDO_WITHIN)


class InstitutionMerge(models.Model):
    """One record taken up in another. The one that went stands in the entries, whole, until it can no longer come back.

    `kept_number` is the record that stayed; `kept` goes on with it where that one is merged again.
    """

    kept = models.ForeignKey(Institution, models.CASCADE, related_name="merges", verbose_name=_("record that stays"))
    kept_number = models.BigIntegerField(editable=False)
    gone_number = models.BigIntegerField(editable=False)
    gone_slug = models.SlugField(_("former address"), max_length=100)
    gone_name = models.CharField(_("former record"), max_length=400)
    reason = models.TextField(_("reason"), max_length=2000)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("merged by")
    )
    merged_at = models.DateTimeField(_("merged"), db_default=Now(), db_index=True)
    undone_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken back by"),
    )
    undo_reason = models.TextField(_("reason for taking it back"), max_length=2000, blank=True)
    undo_notes = models.JSONField(_("what could not be taken back"), default=list, blank=True, editable=False)

    objects = MergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("merge of institutions")
        verbose_name_plural = _("merges of institutions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["gone_number"],
                condition=Q(undone_at__isnull=True),
                name="institutionmerge_goes_once",
                violation_error_message=_("This record was merged already."),
            ),
            models.CheckConstraint(
                name="institutionmerge_of_two",
                condition=~Q(kept_number=models.F("gone_number")),
                violation_error_message=_("A record cannot be merged with itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.gone_name

    def get_absolute_url(self) -> str:
        return reverse("members:merge", args=[self.pk])


class MergeEntry(models.Model):
    """One row that a merge changed, made or took away. Keys and plain facts only, never what is said about people."""

    class Act(models.TextChoices):
        SET = "set", _("changed")  # before and after: the values of the fields
        DROPPED = "dropped", _("dropped as a double")  # before: the row
        TWIN = "twin", _("dropped as a double of another row")  # after: the key of its twin; before: what differed
        MADE = "made", _("made")

    merge = models.ForeignKey(InstitutionMerge, models.CASCADE, related_name="entries", verbose_name=_("merge"))
    model = models.CharField(_("model"), max_length=100)
    key = models.BigIntegerField(_("number"))
    act = models.CharField(_("what happened"), max_length=10, choices=Act)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("part of a merge")
        verbose_name_plural = _("parts of a merge")
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"


class RedirectQuerySet(VisibleQuerySet):
    def number_now(self, number: str) -> str | None:
        """Of the record that took up the one with this number; None where none did."""
        if not number.isdecimal() or len(number) > 18:
            return None
        key = self.filter(number=int(number)).values_list("institution", flat=True).first()
        return str(key) if key else None


@track()
class InstitutionRedirect(models.Model):
    """Where the address and the number of a record lead that was taken up in another one."""

    slug = models.SlugField(_("former address"), max_length=100, unique=True)
    number = models.BigIntegerField(_("former number"), unique=True)
    institution = models.ForeignKey(
        Institution, models.CASCADE, related_name="redirects", verbose_name=_("institution")
    )
    since = models.DateTimeField(_("since"), db_default=Now())

    objects = RedirectQuerySet.as_manager()

    class Meta:
        verbose_name = _("former address")
        verbose_name_plural = _("former addresses")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug
