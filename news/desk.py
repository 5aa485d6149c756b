"""News that waits for an officer. Who wrote what came back is told by the inbox."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import is_secretariat
from news.models import NewsItem
from toolkit.desk import Item, Place, Request, oldest


def items(user) -> list[Item]:
    if not is_secretariat(user):
        return []
    kind = _("news to publish")
    return oldest(
        NewsItem.objects.visible_to(user).waiting().for_rows().order_by("submitted_at", "pk"),
        lambda item: Item(item.submitted_at, kind, item.title, item.desk_url),
        url=reverse("news:desk"),
    )


def mine(user) -> list[Request]:
    return []


def places(user) -> list[Place]:
    return [Place(_("News"), reverse("news:desk"))]
