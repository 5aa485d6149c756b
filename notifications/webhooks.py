"""“Changed, come and get it”: signed messages to programs of institutions, after the Standard Webhooks specification.

A message says what happened and at which address to look, and no content. The portal never follows where an address
leads inside a network: it is https at port 443 of a name, all addresses of that name must be public, the connection goes
to one of those that were looked at, and nothing that the answer says is followed.
"""

import base64
import hashlib
import hmac
import http.client
import ipaddress
import json
import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from notifications.emails import ObsoleteError
from notifications.links import absolute
from notifications.models import Delivery
from notifications.transport import InDoubt, Later, LeaseLost, Refused
from toolkit.sealing import unseal

TIMEOUT = 5  # seconds for each step
WHOLE = 15  # seconds for all of them, or a server that answers letter by letter would hold a sender
LONGEST = 254
READ = 1000  # bytes of an answer that are looked at
PREFIX = "whsec_"
# Public by their number, and leading on to any other: translations of IPv4 (RFC 6052, 8215), 6to4, Teredo.
TRANSLATED = [ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]


def check_url(url: str) -> None:
    """ValidationError with what is wrong, in words of who typed it. Names are looked up when it is sent, not here."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValidationError(_("This is not an address such as https://example.org/changed.")) from None
    if parts.scheme != "https" or not parts.hostname:
        raise ValidationError(_("The address must begin with https:// and name a server."))
    if parts.username is not None or parts.password is not None:
        raise ValidationError(_("Leave user name and password out: messages are signed."))
    if port not in (None, 443):
        raise ValidationError(_("Leave the port out: it is 443."))
    if any(ord(letter) <= 32 or ord(letter) > 126 or letter == "\\" for letter in url) or parts.fragment:
        raise ValidationError(_("Write the address in plain letters, without spaces and without “#”."))
    if len(url) > LONGEST:
        raise ValidationError(_("The address is too long: %(most)d letters at most.") % {"most": LONGEST})
    if _is_number(parts.hostname) or "." not in parts.hostname.strip("."):
        raise ValidationError(_("Give the name of a server on the internet, and not its number."))


def _is_number(host: str) -> bool:
    """However it is written: 127.0.0.1, 127.1, 2130706433, 0x7f000001, 0177.0.0.1, [::1]."""
    try:
        ipaddress.ip_address(host.partition("%")[0])
        return True
    except ValueError:
        pass
    try:
        socket.inet_aton(host)
        return True
    except OSError:
        return False


def is_public(text: str) -> bool:
    """Whether an address is anybody's on the internet: not of this machine, its network, or a way around that."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped or any(address in network for network in TRANSLATED):
            return False
        if int(address) >> 32 == 0:  # ::a.b.c.d, IPv4 written the old way
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def addresses_of(host: str) -> list[str]:
    """Where the name leads now. Refused where any of them is not public: whoever rules the name chooses which is taken."""
    try:
        found = socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise Later(f"The name cannot be looked up: {problem}") from None
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    if not addresses or not all(map(is_public, addresses)):
        raise Refused("The name leads into a network that is not public.")
    return addresses


# --- What is sent


def new_secret() -> str:
    """Shown once to who runs the endpoint; kept sealed."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def write(row: Delivery) -> dict[str, str]:
    """The parts of a delivery, as `emails.write` gives them; the body is JSON."""
    told = next(iter(row.notifications.all()), None)
    if told is None:
        raise ObsoleteError("What it was to tell is gone.")
    event = told.event
    body = {
        "type": event.kind,
        "timestamp": event.created_at.isoformat(),
        "data": {"model": event.subject_label, "address": absolute(event.address)},
    }
    return {"subject": event.kind, "body_text": json.dumps(body), "body_html": "", "stop_url": ""}


def signature(secret: str, identifier: str, moment: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join([identifier.encode(), str(moment).encode(), body])
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


class _Pinned(http.client.HTTPSConnection):
    """Connects to the address that was looked at, and asks the server for the certificate of the name."""

    def __init__(self, host: str, address: str, **options):
        super().__init__(host, 443, **options)
        self.address = address
        self.wire: socket.socket | None = None  # kept: the library lets go of `sock` while an answer is still read

    def connect(self) -> None:
        self.sock = socket.create_connection((self.address, self.port), self.timeout)
        wrap = self._context.wrap_socket  # type: ignore[attr-defined]
        self.sock = self.wire = wrap(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock.do_handshake()

    def cut(self) -> None:
        """From another thread: whoever waits for the server is told that it has gone."""
        if self.wire:
            with suppress(OSError):
                socket.socket.shutdown(self.wire, socket.SHUT_RDWR)  # not the one of TLS, which would wait too


def trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


class WebhookTransport:
    """One request for each message, as `transport.SmtpTransport` hands over a mail."""

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        pass

    def send(self, row: Delivery, message: bytes, *, fence: Callable[[], bool]) -> str:
        secret = unseal(row.subscriber.secret) if row.subscriber else None
        if secret is None:
            raise Refused("The endpoint has no secret that can be read.")
        try:
            check_url(row.address)
        except ValidationError as problem:
            raise Refused(" ".join(problem.messages), address_refused=True) from None
        parts = urlsplit(row.address)
        host = str(parts.hostname)
        connection = _Pinned(host, addresses_of(host)[0], timeout=TIMEOUT, context=trusted())
        end = threading.Timer(WHOLE, connection.cut)
        end.start()
        try:
            try:
                connection.connect()
            except OSError as problem:
                raise Later(f"The endpoint cannot be reached: {problem}") from None
            if not fence():
                raise LeaseLost
            return self._post(connection, parts, row, message, secret)
        finally:
            end.cancel()
            connection.close()

    @staticmethod
    def _post(connection, parts, row: Delivery, message: bytes, secret: str) -> str:
        identifier, moment = f"msg_{row.idem[:32]}", int(time.time())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"{settings.MAIL_DOMAIN} webhooks",
            "webhook-id": identifier,  # the same at each attempt: what comes twice is recognisable
            "webhook-timestamp": str(moment),
            "webhook-signature": signature(secret, identifier, moment, message),
        }
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", path, body=message, headers=headers)
            answer = connection.getresponse()
            reply = answer.read(READ).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as problem:
            raise InDoubt(f"No answer after the message was handed over: {problem!r}") from problem
        text = f"{answer.status} {reply}"
        if 200 <= answer.status < 300:
            return text
        if answer.status == 410:
            raise Refused(text, address_refused=True)
        raise Later(text)
