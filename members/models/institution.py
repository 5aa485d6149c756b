from pathlib import PurePosixPath

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, When
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models.membership import MEMBER_STANDINGS, Membership
from toolkit.history import track
from toolkit.names import fold, ror_url, skeleton, sort_key, validate_plain_name, validate_ror
from toolkit.web import WebAddress, opens_a_page
from vocabularies.models import Country, SourcedModel, Theme


def fold_names(names, *rors: str | None) -> str:
    """Words of all names, and each ROR id as its own word. Written on every path that changes a name."""
    return fold(" ".join(dict.fromkeys(filter(None, [*names, *rors]))))


class InstitutionQuerySet(VisibleQuerySet):
    def active(self):
        return self.filter(record_status=Institution.RecordStatus.ACTIVE)

    def with_standing(self, day=None):
        """Annotates `standing` (None for a partner) and `standing_since` as of that day, today by the database's clock."""
        latest = Membership.objects.decided_by(day).filter(institution=OuterRef("pk")).latest_first()

        def of_latest(column: str) -> Subquery:
            value = Case(When(~Q(standing=Membership.Standing.PARTNER), then=F(column)))
            return Subquery(latest.annotate(shown=value).values("shown")[:1])

        return self.annotate(
            standing=of_latest("standing"),
            standing_since=of_latest("starts_on"),
            standing_precision=of_latest("starts_precision"),
        )

    def in_standing(self, *standings: str, day=None):
        return self.filter(pk__in=Membership.objects.in_force(day).filter(standing__in=standings).values("institution"))

    def members(self, day=None):
        return self.in_standing(*MEMBER_STANDINGS, day=day)

    def listed_members(self, day=None):
        """As the list of members has them: on a day of the past also those whose record was withdrawn since."""
        return self.members(day) if day else self.active().members()

    def partners(self, day=None):
        """Institutions that stand in no relation to the alliance on that day."""
        return self.filter(~Q(pk__in=Membership.objects.standing_in_the_alliance(day).values("institution")))

    def has_address(self, slug: str) -> bool:
        """Also one that leads from a record that was merged to the one that stayed: no other record may take it."""
        return self.filter(Q(slug=slug) | Q(redirects__slug=slug)).exists()

    def look_alikes(self, *names: str):
        """Those with a name that looks like one of these; acronyms are shared by many and do not count."""
        keys = {key for name in names if (key := skeleton(name))}
        return self.filter(pk__in=InstitutionName.objects.filter(skeleton__in=keys).values("institution"))


class WebsiteKey(models.Func):
    """An address without what makes no other site of it, for comparing."""

    template = r"left(lower(regexp_replace(%(expressions)s, '^https?://(www\.)?|/+$', '', 'gi')), 200)"
    arity = 1


@track(exclude=["website_key", "names_folded", "sort_key", "ror_digest"])
class Institution(SourcedModel):
    """An organisation. `name` and `acronym` are the display ones among its names, kept by `actions.keep_names`."""

    class Kind(models.TextChoices):
        ACADEMY = "academy", _("academy of sciences")
        UNIVERSITY = "university", _("university or school")
        INSTITUTE = "institute", _("research institute")
        GOVERNMENT = "government", _("government body")
        FUNDER = "funder", _("funding agency")
        ORGANISATION = "organisation", _("international organisation")
        NONPROFIT = "nonprofit", _("non-profit organisation")
        COMPANY = "company", _("company")
        HEALTHCARE = "healthcare", _("hospital or health service")
        ARCHIVE = "archive", _("library, archive or museum")
        OTHER = "other", _("other")

    class Scope(models.TextChoices):
        NATIONAL = "national", _("national")
        REGIONAL = "regional", _("regional")
        INTERNATIONAL = "international", _("international")

    class RecordStatus(models.TextChoices):
        ACTIVE = "active", _("active")
        INACTIVE = "inactive", _("no longer active")
        WITHDRAWN = "withdrawn", _("record withdrawn")

    slug = models.SlugField(_("address"), max_length=100, unique=True)
    name = models.CharField(_("name"), max_length=400, validators=[validate_plain_name])
    acronym = models.CharField(_("acronym"), max_length=100, blank=True, validators=[validate_plain_name])
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.OTHER)
    scope = models.CharField(_("scope"), max_length=20, choices=Scope, default=Scope.NATIONAL)
    record_status = models.CharField(
        _("state of the record"), max_length=20, choices=RecordStatus, default=RecordStatus.ACTIVE
    )
    country = models.ForeignKey(
        Country, models.PROTECT, null=True, blank=True, related_name="institutions", verbose_name=_("country")
    )
    city = models.CharField(_("city"), max_length=200, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    website = WebAddress(_("website"), blank=True)
    established = models.SmallIntegerField(_("established in"), null=True, blank=True)
    links = models.JSONField(
        _("further links"), default=list, blank=True, editable=False, help_text='[{"label": "…", "url": "https://…"}]'
    )
    description = models.TextField(_("description"), blank=True)
    translations = models.JSONField(
        _("description in other languages"), default=dict, blank=True, help_text='{"zh": "…"}'
    )
    themes = models.ManyToManyField(Theme, related_name="institutions", blank=True, verbose_name=_("themes"))
    logo = models.ImageField(_("logo"), upload_to="logos/", blank=True, max_length=100)
    own_facts = ArrayField(
        models.CharField(max_length=20),
        verbose_name=_("stated by the institution"),
        default=list,
        blank=True,
        editable=False,
        help_text=_("What an import of ROR leaves alone."),
    )
    ror = models.CharField(
        _("ROR id"),
        max_length=9,
        null=True,
        blank=True,
        unique=True,
        validators=[validate_ror],
        help_text=_("As in 05qrfxd25."),
    )
    ror_types = ArrayField(models.CharField(max_length=20), default=list, blank=True, editable=False)
    ror_digest = models.CharField(
        max_length=32, blank=True, editable=False, help_text="Of the ROR record last taken over."
    )
    sort_key = models.CharField(max_length=300, db_collation="C", editable=False, db_index=True)
    website_key = models.GeneratedField(
        expression=WebsiteKey("website"), output_field=models.CharField(max_length=200), db_persist=True
    )
    names_folded = models.TextField(editable=False, help_text="All names, acronyms and the ROR id, folded, for search.")

    objects = InstitutionQuerySet.as_manager()

    class Meta:
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")
        ordering = ["sort_key"]
        indexes = [
            GinIndex(fields=["names_folded"], opclasses=["gin_trgm_ops"], name="institution_names_trgm"),
            models.Index(fields=["country", "sort_key"], name="institution_country"),
            # What the counts of the page of the registry read.
            models.Index(
                fields=["record_status", "country"],
                include=["id", "city", "latitude", "ror"],
                name="institution_quality",
            ),
            # Records with the website of another one.
            models.Index(fields=["website_key"], condition=~Q(website_key=""), name="institution_website"),
            # What the counts of a list read, so that they do not go through the long texts.
            models.Index(fields=["record_status", "country", "kind"], include=["id"], name="institution_facets"),
        ]
        constraints = [
            opens_a_page("website", name="institution_website_opens_a_page"),
            models.CheckConstraint(
                name="institution_ror_form",
                condition=Q(ror__isnull=True) | Q(ror__regex=r"^0[0-9a-hj-km-np-tv-z]{6}[0-9]{2}$"),
                violation_error_message=_("A ROR id has nine characters, as in 05qrfxd25."),
            ),
            models.CheckConstraint(
                name="institution_place_on_earth",
                # A check that comes out as NULL lets a row pass, so what must be there is said.
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__isnull=False,
                    longitude__range=(-180, 180),
                ),
                violation_error_message=_(
                    "Give latitude (-90 to 90) and longitude (-180 to 180) together, or neither."
                ),
            ),
            models.CheckConstraint(
                name="institution_national_has_country",
                condition=~Q(scope="national") | Q(country__isnull=False),
                violation_error_message=_("A national institution needs a country."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        self.sort_key = sort_key(self.name)
        if not self.names_folded:
            self.names_folded = self.fold_names([self.name, self.acronym])
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"/members/{self.slug}/"

    @property
    def desk_url(self) -> str:
        """Where the people who act for it work."""
        return f"/desk/institution/{self.slug}/"

    def fold_names(self, names) -> str:
        return fold_names(names, self.ror)

    @property
    def logo_url(self) -> str:
        """Of the picture as everybody may see it; a new one has a new address."""
        return f"/members/{self.slug}/{PurePosixPath(str(self.logo)).name}" if self.logo else ""

    @property
    def standing_label(self) -> str:
        """Of a row from `with_standing()`; a partner has none."""
        standing: str = self.standing  # type: ignore[attr-defined]
        return str(Membership.Standing(standing).label) if standing else ""

    @property
    def ror_url(self) -> str:
        return ror_url(self.ror) if self.ror else ""

    def topics(self) -> list[str]:
        """What a follower may follow to hear of this institution."""
        return [f"institution:{self.pk}"] + ([f"country:{self.country_id}"] if self.country_id else [])


def skeleton_of(kind: str, name: str) -> str:
    """Empty for an acronym: many institutions share one, and nobody is deceived by it."""
    return "" if kind == InstitutionName.Kind.ACRONYM else skeleton(name)


class SkeletonField(models.CharField):
    """Follows from the name whenever it is saved, in bulk too; only what writes past the ORM must write it itself."""

    def pre_save(self, model_instance, add):
        value = skeleton_of(model_instance.kind, model_instance.value)
        setattr(model_instance, self.attname, value)
        return value


@track(exclude=["skeleton"])
class InstitutionName(models.Model):
    class Kind(models.TextChoices):
        DISPLAY = "display", _("display name")
        LABEL = "label", _("name")
        ALIAS = "alias", _("also called")
        ACRONYM = "acronym", _("acronym")

    class Origin(models.TextChoices):
        PORTAL = "portal", _("this portal")
        ROR = "ror", "ROR"

    institution = models.ForeignKey(Institution, models.CASCADE, related_name="names", verbose_name=_("institution"))
    value = models.CharField(_("name"), max_length=400, validators=[validate_plain_name])
    language = models.CharField(
        _("language"), max_length=12, blank=True, help_text=_("ISO code, as in zh; empty if unknown.")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.LABEL)
    origin = models.CharField(_("origin"), max_length=10, choices=Origin, default=Origin.PORTAL, editable=False)
    skeleton = SkeletonField(max_length=300, db_collation="C", blank=True, default="", editable=False)

    objects = VisibleQuerySet.as_manager()

    class Meta:
        verbose_name = _("name")
        verbose_name_plural = _("names")
        ordering = ["kind", "language", "value"]
        indexes = [
            # Whoever looks like a name; and, read in order, which names stand with more than one institution.
            models.Index(
                fields=["skeleton", "institution"], name="institutionname_skeletons", condition=~Q(skeleton="")
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "value", "kind", "language"],
                name="institutionname_once",
                violation_error_message=_("This name is there already."),
            ),
            models.UniqueConstraint(
                fields=["institution"],
                condition=Q(kind="display"),
                name="institutionname_one_display",
                violation_error_message=_("An institution has exactly one display name."),
            ),
        ]

    def __str__(self) -> str:
        return self.value

    def skeleton_as(self, kind: str) -> str:
        return skeleton_of(kind, self.value)
