"""People. Personal fields live in Person only, which keeps no field history, so a person can be erased."""

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import Coalesce, JSONObject
from django.db.models.lookups import LessThan
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from toolkit.clock import Today
from toolkit.dates import Precision
from toolkit.names import fold, orcid_url, sort_key, validate_orcid, validate_plain_name
from vocabularies.models import Theme


class PersonQuerySet(VisibleQuerySet):
    def public(self):
        return self.filter(is_public=True)

    def for_rows(self):
        """What a row of a list shows: without the long texts, with `works_at`, where the person works today."""
        current = Affiliation.objects.current().filter(person=OuterRef("pk"))
        work = JSONObject(
            position="position",
            institution="institution__name",
            country="institution__country",
            slug="institution__slug",
        )
        return self.defer("biography", "names_folded").annotate(works_at=ArraySubquery(current.values(work=work)))


class Person(models.Model):
    """A scientist or officer, with or without an account."""

    slug = models.SlugField(_("address"), max_length=100, unique=True)
    name = models.CharField(_("name"), max_length=200, validators=[validate_plain_name])
    translations = models.JSONField(_("names in other scripts"), default=dict, blank=True, help_text='{"zh": "…"}')
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="person",
        verbose_name=_("account"),
    )
    orcid = models.CharField(
        _("ORCID iD"), max_length=19, null=True, blank=True, db_index=True, validators=[validate_orcid]
    )
    expertise = ArrayField(models.CharField(max_length=100), verbose_name=_("expertise"), default=list, blank=True)
    themes = models.ManyToManyField(Theme, related_name="people", blank=True, verbose_name=_("themes"))
    languages = ArrayField(models.CharField(max_length=12), verbose_name=_("languages"), default=list, blank=True)
    biography = models.TextField(_("about"), blank=True)
    is_public = models.BooleanField(_("public profile"), default=False)
    accepts_messages = models.BooleanField(
        _("takes messages"),
        default=True,
        help_text=_("Others may write through the portal while the profile is public."),
    )
    illustrative = models.BooleanField(_("illustrative"), default=False, help_text=_("Written as sample; nobody real."))
    sort_key = models.CharField(max_length=300, db_collation="C", editable=False, db_index=True)
    names_folded = models.TextField(editable=False, help_text="All names and the expertise, folded, for search.")

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["sort_key"]
        indexes = [
            GinIndex(fields=["names_folded"], opclasses=["gin_trgm_ops"], name="person_names_trgm"),
            GinIndex(fields=["expertise"], name="person_expertise"),
        ]
        constraints = [
            models.CheckConstraint(
                name="person_orcid_form",
                condition=Q(orcid__isnull=True) | Q(orcid__regex=r"^\d{4}-\d{4}-\d{4}-\d{3}[\dX]$"),
                violation_error_message=_("An ORCID iD looks like 0000-0002-1825-0097."),
            ),
            # Among public ones only: a refusal must not tell that a profile is here which nobody may know of.
            models.UniqueConstraint(
                fields=["orcid"],
                condition=Q(is_public=True),
                name="person_public_orcid_once",
                violation_error_message=_("Another public profile shows this ORCID iD."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        self.set_search_columns()
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"/people/{self.slug}/"

    @property
    def topic(self) -> str:
        return f"person:{self.pk}"

    def set_search_columns(self) -> None:
        self.sort_key = sort_key(self.name)
        self.names_folded = fold(" ".join([self.name, *map(str, self.translations.values()), *self.expertise]))

    @property
    def other_names(self) -> dict[str, str]:
        """By language, without what is no name."""
        return {code: name for code, name in sorted(self.translations.items()) if isinstance(name, str) and name}

    @property
    def is_reachable(self) -> bool:
        """Whether there is somebody to whom others may write, as far as others may know."""
        return self.is_public and self.accepts_messages and self.user is not None and self.user.is_active

    @property
    def orcid_url(self) -> str:
        return orcid_url(self.orcid) if self.orcid else ""


class AffiliationQuerySet(VisibleQuerySet):
    def current(self):
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=Today()))

    def with_end(self):
        """Annotates `has_ended`, as the database's clock says."""
        return self.annotate(has_ended=Coalesce(LessThan(F("ends_on"), Today()), False))


class Affiliation(models.Model):
    """Where a person works or worked."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="affiliations", verbose_name=_("person"))
    institution = models.ForeignKey(
        "members.Institution", models.PROTECT, related_name="affiliations", verbose_name=_("institution")
    )
    position = models.CharField(_("position"), max_length=200, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    starts_precision = models.CharField(_("precision"), max_length=10, choices=Precision, default=Precision.UNKNOWN)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    ends_precision = models.CharField(
        _("precision of the end"), max_length=10, choices=Precision, default=Precision.UNKNOWN
    )

    objects = AffiliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        ordering = [F("ends_on").desc(nulls_first=True), F("starts_on").desc(nulls_last=True)]
        constraints = [
            models.CheckConstraint(
                name="affiliation_ends_after_start",
                condition=Q(ends_on__isnull=True) | Q(starts_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message=_("An affiliation cannot end before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.institution}"
