"""What every page needs to know of the portal, read once per request and only where a template asks."""

from django.conf import settings
from django.core.cache import cache
from django.utils.functional import SimpleLazyObject

from accounts.permissions import is_secretariat
from anso_portal.models import Branding, SampleRecord

CACHE_KEY = "portal-branding"


def branding() -> dict:
    """Name, logo, colours, banner and whether sample data is loaded; kept for a minute, dropped when changed."""
    known = cache.get(CACHE_KEY)
    if known is None:
        row = Branding.objects.first()
        known = {
            key: (row and getattr(row, key)) or settings.PORTAL[key] for key in ("name", "alliance", "colour", "accent")
        }
        known["banner"] = row.banner if row else ""
        known["logo_url"] = row.logo.url if row and row.logo else ""
        known["sample_loaded"] = SampleRecord.objects.exists()
        cache.set(CACHE_KEY, known, 60)
    return known


def forget_branding() -> None:
    cache.delete(CACHE_KEY)


def portal(request) -> dict:
    def build() -> dict:
        user = getattr(request, "user", None)
        signed_in = user is not None and user.is_authenticated
        return {
            **branding(),
            "unread": unread_count(user) if signed_in else 0,
            "is_desk": signed_in and is_secretariat(user),
        }

    return {"portal": SimpleLazyObject(build), "base_url": settings.PORTAL_BASE_URL}


def unread_count(user) -> int:
    from notifications.models import Notification

    return Notification.objects.visible_to(user).of(user).unread().order_by().count()
