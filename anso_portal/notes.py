"""Where the notes for the next page wait: in a cookie, and in the session only when they do not fit."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class PortalCookieStorage(CookieStorage):
    @property
    def cookie_name(self) -> str:  # type: ignore[override]
        return settings.MESSAGES_COOKIE_NAME


class PortalMessages(FallbackStorage):
    storage_classes = (PortalCookieStorage, SessionStorage)
