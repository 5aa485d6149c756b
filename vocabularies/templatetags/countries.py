"""Countries by their code alone, so that a page of many countries joins no table for their names."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from vocabularies import countries

register = template.Library()


@register.filter
def country_name(code: str | None) -> str:
    return countries.country_name(code) if code else ""


@register.simple_tag
def country_link(code: str | None) -> SafeString:
    """{% country_link site.country_id %} → the name, leading to the page of the country; nothing where none is known."""
    if not code:
        return SafeString("")
    return format_html('<a href="/countries/{}/">{}</a>', code, countries.country_name(code))
