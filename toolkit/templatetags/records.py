"""Words of the pages of records: {% load records %}."""

import datetime
import json
from decimal import Decimal
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

# As in Django's json_script: nothing in the data may end the element.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.filter
def json_ld(data: dict[str, Any] | None) -> SafeString:
    """Schema.org data as a block that browsers do not run, without what is empty."""
    if not data:
        return SafeString("")
    text = json.dumps(_filled({"@context": "https://schema.org", **data}), ensure_ascii=False, default=_plain)
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(text.translate(_ESCAPES)),  # noqa: S308 - escaped in the line itself
    )


@register.filter
def closes_in(left: datetime.timedelta | None) -> str:
    """ "closes in 23 days", "closes in 5 hours" or "closed", from what the database's clock says is left."""
    if left is None:
        return ""
    if left <= datetime.timedelta(0):
        return _("closed")
    if left.days:
        return ngettext("closes in %(count)d day", "closes in %(count)d days", left.days) % {"count": left.days}
    hours = left.seconds // 3600
    if hours:
        return ngettext("closes in %(count)d hour", "closes in %(count)d hours", hours) % {"count": hours}
    return _("closes within the hour")


@register.filter
def share_of(number: int, most: int) -> int:
    """The width of a bar in hundredths of the longest one; what is there at all can be seen."""
    return max(2, round(100 * number / most)) if number and most else 0


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: filled for key, item in value.items() if (filled := _filled(item)) not in (None, "", [], {})}
    if isinstance(value, list | tuple):
        return [filled for item in value if (filled := _filled(item)) not in (None, "", [], {})]
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, datetime.date) else str(value)
