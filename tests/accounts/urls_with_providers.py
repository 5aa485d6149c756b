"""The addresses of a portal where providers of sign-in are configured, whatever the settings of this run say."""

from django.conf import settings
from django.test.utils import override_settings
from django.urls import include, path

from anso_portal import urls
from anso_portal.account_urls import addresses_of_providers

PROVIDERS = {
    "orcid": {"APPS": [{"client_id": "APP-1", "secret": "x"}], "BASE_DOMAIN": "orcid.org"},
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": "Academy Sign-in",
                "client_id": "portal",
                "secret": "x",
                "settings": {"server_url": "https://sso.example"},
            }
        ],
    },
}

handler400, handler500 = urls.handler400, urls.handler500
with override_settings(SOCIALACCOUNT_PROVIDERS=settings.SOCIALACCOUNT_PROVIDERS or PROVIDERS):
    urlpatterns = [path("accounts/", include(addresses_of_providers())), *urls.urlpatterns]
