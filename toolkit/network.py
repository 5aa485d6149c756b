"""Where a request comes from. Everything that counts or notes a visitor's address asks here.

Anybody can write an X-Forwarded-For header. Each proxy adds the address it was asked from at the end, so with
`TRUSTED_PROXIES` = n the n-th address from the end is the first that a proxy of ours has seen; what stands before it is hearsay.
"""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 (no address to bind to: who comes through a socket without a proxy has none)
NETWORK_OF_ONE = 64  # The smallest network that a household or an office gets; its addresses are free to choose from.


def client_address(request: HttpRequest) -> str:
    """The network address of the visitor, in one spelling."""
    trusted = settings.TRUSTED_PROXIES
    told = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if trusted else []
    asked_from = _spelled(request.META.get("REMOTE_ADDR", "")) or UNKNOWN
    if not 0 < trusted <= len(told):  # Without the header, or past the proxies.
        return asked_from
    return _spelled(told[-trusted]) or asked_from


def client_network(request: HttpRequest) -> str:
    """What limits count by: whoever has one IPv6 address has 18 trillion more."""
    address = ipaddress.ip_address(client_address(request))
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, NETWORK_OF_ONE), strict=False))


def _spelled(text: str) -> str:
    """192.0.2.7 from `192.0.2.7:4711`, `[::ffff:192.0.2.7]:80` and the like; nothing from what is no address."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)
