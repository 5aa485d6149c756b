"""The address of the web server: a port that nobody else has or is about to take."""

import contextlib
import socket
import sys

HOST = "127.0.0.1"
FIRST, LAST = 8000, 8999


class PortTaken(Exception):
    """Names the port and what to do."""


class Address:
    """A bound socket that does not listen yet: the web server does, when all else is ready."""

    def __init__(self, port: int | None = None):
        if port is not None:
            found = self._take(port)
            if not found:
                raise PortTaken(f"Port {port} is taken by another program. Choose another with --port, or none.")
        else:
            found = next(filter(None, map(self._take, range(FIRST, LAST + 1))), None)
            if not found:
                raise PortTaken(f"No port from {FIRST} to {LAST} is free. Choose one with --port.")
        self.socket, self._claim = found
        self.port = self.socket.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"

    def _take(self, port: int) -> tuple[socket.socket, socket.socket | None] | None:
        if not 0 <= port <= 65535:
            raise PortTaken(f"There is no port {port}: choose one from 1 to 65535.")
        if port and _answers(port):
            return None
        taken = socket.socket()
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            claim = _claim(port)
            taken.bind((HOST, port))
        except PermissionError:
            raise PortTaken(f"Port {port} is for the administrator only. Choose one above 1023 with --port.") from None
        except OSError:
            taken.close()
            return None
        taken.set_inheritable(True)
        return taken, claim


def _answers(port: int) -> bool:
    """macOS lets two programs bind one port, so we also knock."""
    with socket.socket() as knock:
        knock.settimeout(1)
        return knock.connect_ex((HOST, port)) == 0


def _claim(port: int) -> socket.socket | None:
    """Linux lets two programs bind a port on which neither listens yet, so two portals agree by a name that dies with them."""
    if sys.platform != "linux" or not port:
        return None
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0anso-portal-port-{port}")
    except OSError:
        with contextlib.suppress(OSError):
            claim.close()
        raise
    return claim
