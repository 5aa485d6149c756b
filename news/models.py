from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.access import VisibleQuerySet
from members.models import Institution
from toolkit.clock import Today
from toolkit.history import track
from vocabularies.models import Country, Theme


class NewsQuerySet(VisibleQuerySet):
    def current(self):
        """Published, and not expired; newest first."""
        return self.filter(state=NewsItem.State.PUBLISHED, expires_on__gte=Today()).order_by("-published_at", "-pk")

    def waiting(self):
        return self.filter(state=NewsItem.State.SUBMITTED)

    def for_rows(self):
        return self.select_related("institution").defer("text", "institution__names_folded", "institution__description")


@track(exclude=["slug", "title", "text", "answer"])
class NewsItem(models.Model):
    """What an institution tells members, those who follow a theme or a country, and its own followers.

    An officer publishes it; `answer` is what the officer said who returned it. After `expires_on` its page stays, and lists
    leave it out.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("waits for an officer")
        PUBLISHED = "published", _("published")
        WITHDRAWN = "withdrawn", _("taken back")

    slug = models.SlugField(_("address"), max_length=100, unique=True)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"), max_length=10_000, blank=True)
    institution = models.ForeignKey(
        Institution, models.PROTECT, related_name="news", verbose_name=_("institution that tells it")
    )
    themes = models.ManyToManyField(Theme, related_name="news", blank=True, verbose_name=_("themes"))
    countries = models.ManyToManyField(Country, related_name="news", blank=True, verbose_name=_("countries"))
    to_members = models.BooleanField(_("to the focal points of all members"), default=False)
    expires_on = models.DateField(_("of interest until"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("written by")
    )
    answer = models.TextField(_("answer of the officer"), max_length=1000, blank=True, editable=False)
    submitted_at = models.DateTimeField(_("submitted"), null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    illustrative = models.BooleanField(_("illustrative"), default=False, editable=False)

    objects = NewsQuerySet.as_manager()

    class Meta:
        verbose_name = _("news item")
        verbose_name_plural = _("news")
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["-published_at", "-id"], condition=Q(state="published"), name="news_published"),
            models.Index(fields=["institution", "submitted_at"], name="news_of_institution"),
        ]
        constraints = [
            models.CheckConstraint(
                name="newsitem_states_have_times",
                condition=Q(state="draft")
                | Q(submitted_at__isnull=False, state="submitted")
                | Q(submitted_at__isnull=False, published_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"/news/{self.slug}/"

    @property
    def desk_url(self) -> str:
        return f"/desk/news/{self.slug}/"

    def topics(self) -> list[str]:
        """Those who follow the institution, a theme or a country of it hear of it."""
        return [
            *(f"theme:{pk}" for pk in self.themes.values_list("pk", flat=True)),
            *(f"country:{pk}" for pk in self.countries.values_list("pk", flat=True)),
            f"institution:{self.institution_id}",
        ]
