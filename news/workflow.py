"""The states of news, imported by NewsConfig.ready()."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from news.models import NewsItem
from toolkit.clock import Today
from workflow.tables import Move, Table


def says_something(item: NewsItem) -> None:
    if not item.text.strip():
        raise ValidationError(_("It has no text yet."), code="no_text")
    if not NewsItem.objects.filter(pk=item.pk, expires_on__gte=Today()).exists():
        raise ValidationError(_("The day until which it is of interest has passed."), code="expired")


NEWS = Table(
    NewsItem,
    "state",
    Move("draft", "submitted", by=("write",), guard=says_something),
    Move("submitted", "draft", by=("write", "officer")),
    Move("submitted", "published", by=("officer",), guard=says_something, tells="news.posted"),
    Move("published", "withdrawn", by=("write", "officer")),
    names={"write": _("the people of the institution")},
)
