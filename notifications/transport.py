"""Hands a message over, to a mail server or into a folder, and says exactly how it ended.

`fence` is called when all is ready but the message itself; where it says no, nothing is sent (`LeaseLost`).
"""

import contextlib
import os
import smtplib
import ssl
import tempfile
from collections.abc import Callable
from datetime import UTC
from email.utils import getaddresses, parseaddr
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from notifications.models import Delivery

Fence = Callable[[], bool]
CONNECT_TIMEOUT = 10


class TransportError(Exception):
    """How a hand-over failed."""


class Later(TransportError):
    """Surely not taken, and worth another try. `server_away`: no sense in trying the next one either."""

    def __init__(self, text: str, *, server_away: bool = False):
        super().__init__(text)
        self.server_away = server_away


class Refused(TransportError):
    """Surely not taken, and never will be."""

    def __init__(self, text: str, *, address_refused: bool = False):
        super().__init__(text)
        self.address_refused = address_refused


class InDoubt(TransportError):
    """The message was handed over and no answer came."""


class LeaseLost(TransportError):
    """Somebody else has the row now; nothing was handed over."""


def new_transport():
    """`smtp` where EMAIL_URL names a server, else files."""
    return import_string(settings.MAIL_TRANSPORT)()


def ascii_address(address: str) -> str:
    local, _at, domain = address.rpartition("@")
    try:
        local.encode("ascii")
        plain = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        plain = ""
    # Neither a list, nor a name with an address, nor what a mail program would decode into something else.
    if "=?" in plain or [found for _name, found in getaddresses([plain])] != [plain]:
        raise Refused(f"Mail servers cannot be asked for this address: {address}", address_refused=True)
    return plain


def answered(answer: tuple[int, bytes | str], *, address_refused: bool = False) -> str:
    """The words of a server that says yes; else what its no means."""
    code, reply = answer
    text = f"{code} {reply.decode('utf-8', 'replace') if isinstance(reply, bytes) else reply}"
    if 200 <= code < 300:
        return text
    if 500 <= code < 600:
        raise Refused(text, address_refused=address_refused)
    raise Later(text, server_away=code == 421)


class SmtpTransport:
    """One connection for a batch; it is made for the first message and made anew after a fault."""

    def __init__(self):
        self._connection: smtplib.SMTP | None = None

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self._drop(politely=True)

    def send(self, row: Delivery, message: bytes, *, fence: Fence) -> str:
        recipient = ascii_address(row.address)
        server = self._connect()
        try:
            self._ask_sender(server)
            answered(server.rcpt(recipient), address_refused=True)
        except TransportError:
            self._reset()
            raise
        except (smtplib.SMTPException, OSError) as problem:
            self._drop()
            raise Later(f"The connection broke: {problem}", server_away=True) from None
        if not fence():
            self._reset()
            raise LeaseLost
        reply: bytes | str
        try:
            code, reply = server.data(message)
        except smtplib.SMTPDataError as problem:  # the server did not let us begin
            code, reply = problem.smtp_code, problem.smtp_error
            if 200 <= code < 300:
                raise Later(f"An answer that makes no sense: {problem}") from None
        except Exception as problem:
            self._drop()
            raise InDoubt(f"No answer after the message was handed over: {problem!r}") from problem
        try:
            return answered((code, reply))
        except TransportError:
            self._reset()
            raise

    @staticmethod
    def _ask_sender(server: smtplib.SMTP) -> None:
        """A server that does not want us at all says nothing about the row: that is for the operator to mend."""
        try:
            answered(server.mail(settings.MAIL_RETURN_PATH or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
        except Refused as problem:
            raise Later(str(problem), server_away=True) from None

    def _connect(self) -> smtplib.SMTP:
        if self._connection is not None:
            return self._connection
        try:
            connection = self._open()
        except (smtplib.SMTPException, OSError) as problem:
            raise Later(f"The mail server cannot be reached: {problem}", server_away=True) from None
        self._connection = connection
        return connection

    def _open(self) -> smtplib.SMTP:
        secure = settings.EMAIL_USE_SSL or settings.EMAIL_USE_TLS
        context = ssl.create_default_context() if secure else None  # reading all authorities takes 25 ms
        host, port = settings.EMAIL_HOST, settings.EMAIL_PORT
        name = settings.MAIL_DOMAIN
        connection: smtplib.SMTP
        if settings.EMAIL_USE_SSL:
            connection = smtplib.SMTP_SSL(host, port, local_hostname=name, timeout=CONNECT_TIMEOUT, context=context)
        else:
            connection = smtplib.SMTP(host, port, local_hostname=name, timeout=CONNECT_TIMEOUT)
        try:
            connection.ehlo_or_helo_if_needed()
            if settings.EMAIL_USE_TLS:
                connection.starttls(context=context)
            if settings.EMAIL_HOST_USER:
                connection.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
            if connection.sock:
                connection.sock.settimeout(settings.EMAIL_TIMEOUT)
        except BaseException:
            connection.close()
            raise
        return connection

    def _reset(self) -> None:
        """The next message begins clean, on this connection or a new one."""
        try:
            if self._connection is None or self._connection.rset()[0] != 250:
                self._drop()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self, *, politely: bool = False) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                if politely:
                    connection.quit()
            connection.close()


class FileTransport:
    """One raw message per file, readable by nobody else; sent again, it replaces itself."""

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        pass

    def send(self, row: Delivery, message: bytes, *, fence: Fence) -> str:
        folder = Path(settings.EMAIL_FILE_PATH)
        name = (
            f"{row.created_at.astimezone(UTC):%Y%m%d-%H%M%S}-{row.pk:08d}-{row.idem[:8]}.eml"  # in the order of writing
        )
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, draft = tempfile.mkstemp(dir=folder, prefix=".draft-")  # mode 0600
        except OSError as problem:
            raise Later(f"The folder for mail cannot be written: {problem}", server_away=True) from None
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(message)
                file.flush()
                os.fsync(file.fileno())
            if not fence():
                raise LeaseLost
            os.replace(draft, folder / name)
        except OSError as problem:
            raise Later(f"The mail cannot be written: {problem}", server_away=True) from None
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft)
        return f"250 written to {name}"
