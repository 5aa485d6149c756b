from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from toolkit.names import fold, sort_key
from toolkit.web import WebAddress, opens_a_page
from vocabularies.countries import country_name


class Country(models.Model):
    """An ISO 3166-1 country or area, XK beside them. Its name comes from CLDR: see countries.py."""

    code = models.CharField(_("code"), max_length=2, primary_key=True)
    continent = models.CharField(_("continent"), max_length=2, blank=True)
    latitude = models.DecimalField(_("latitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=8, decimal_places=5, null=True, blank=True)
    names_folded = models.TextField(editable=False, help_text="The names in the languages of the portal, folded.")

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="country_code_is_iso", condition=models.Q(code__regex=r"^[A-Z]{2}$")),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/countries/{self.code}/"

    @property
    def name(self) -> str:
        return country_name(self.code)

    def topics(self) -> list[str]:
        return [f"country:{self.code}"]


class Theme(models.Model):
    """A research theme of the alliance."""

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=200)
    translations = models.JSONField(_("names in other languages"), default=dict, blank=True, help_text='{"zh": "…"}')
    description = models.TextField(_("description"), blank=True)
    source = models.ForeignKey("Source", models.SET_NULL, null=True, blank=True, verbose_name=_("source"))
    sort_key = models.CharField(max_length=300, db_collation="C", editable=False)
    names_folded = models.TextField(editable=False)

    class Meta:
        verbose_name = _("theme")
        verbose_name_plural = _("themes")
        ordering = ["sort_key"]
        indexes = [GinIndex(fields=["names_folded"], opclasses=["gin_trgm_ops"], name="theme_names_trgm")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args, **kwargs):
        self.sort_key = sort_key(self.name)
        self.names_folded = fold(" ".join([self.name, *map(str, self.translations.values())]))
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"/themes/{self.slug}/"

    def topics(self) -> list[str]:
        return [f"theme:{self.pk}"]


class Sdg(models.Model):
    """A Sustainable Development Goal of the United Nations."""

    number = models.PositiveSmallIntegerField(_("number"), primary_key=True)
    name = models.CharField(_("name"), max_length=200)
    translations = models.JSONField(_("names in other languages"), default=dict, blank=True)

    class Meta:
        verbose_name = _("sustainable development goal")
        verbose_name_plural = _("sustainable development goals")
        ordering = ["number"]
        constraints = [models.CheckConstraint(name="sdg_number", condition=models.Q(number__range=(1, 17)))]

    def __str__(self) -> str:
        return f"{self.number}. {self.name}"


class Source(models.Model):
    """Where facts are from. Records add when a fact was seen there, where that is known."""

    slug = models.SlugField(_("key"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=300)
    url = WebAddress(_("address"), blank=True)
    licence = models.CharField(_("licence"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["name"]
        constraints = [opens_a_page("url", name="source_url_opens_a_page")]

    def __str__(self) -> str:
        return self.name


class SourcedModel(models.Model):
    """A record that says where it is from and when it was seen there."""

    source = models.ForeignKey(
        Source, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("source")
    )
    source_urls = models.JSONField(_("addresses of the source"), default=list, blank=True)
    source_seen_on = models.DateField(_("seen on"), null=True, blank=True)

    class Meta:
        abstract = True
