"""Addresses of pages in the web, as people write them and as the portal links to them."""

from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_is_address = URLValidator(["http", "https"])  # what a browser opens as a page; a link must not become a program


def validate_web_address(url: str) -> None:
    """Raises ValidationError for other schemes, and for an address that pretends to lead elsewhere than it does."""
    _is_address(url)
    if "@" in urlsplit(url).netloc:
        raise ValidationError(_("An address with a name before the host is not accepted."), code="named_host")


class WebField(forms.URLField):
    """Takes `example.org` for `https://example.org`."""

    default_validators = [validate_web_address]

    def __init__(self, **options):
        options.setdefault("max_length", 1000)
        super().__init__(assume_scheme="https", **options)


class WebAddress(models.URLField):
    """At most 1,000 characters unless told; its table takes the constraint `opens_a_page`."""

    default_validators = [validate_web_address]

    def __init__(self, *args, **options):
        options.setdefault("max_length", 1000)
        super().__init__(*args, **options)

    def formfield(self, **options):
        return super().formfield(**{"form_class": WebField} | options)


def opens_a_page(column: str, *, name: str) -> models.CheckConstraint:
    """The same rule for what comes past the forms."""
    return models.CheckConstraint(
        name=name,
        condition=models.Q(**{column: ""}) | models.Q(**{f"{column}__iregex": "^https?://"}),
        violation_error_message=gettext_lazy("An address in the web begins with http:// or https://."),
    )
