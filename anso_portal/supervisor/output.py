"""What the terminal shows: lines with the name of who said them, and the log files that hold all of it."""

import contextlib
import json
import os
import queue
import sys
import threading
from pathlib import Path

COLOURS = {"postgres": 34, "valkey": 35, "setup": 36, "worker": 33, "beat": 90, "relay": 96, "web": 32}
LARGEST_LOG = 5_000_000


class Terminal:
    """Prints without ever waiting for the reader: a closed or full pipe must not stop the portal, so lines are dropped then."""

    def __init__(self, *, colour: bool | None = None, stream=None):
        stream = stream or sys.stdout
        self.number, self.encoding = stream.fileno(), stream.encoding or "utf-8"
        self.colour = wants_colour(stream) if colour is None else colour
        self.lines: queue.Queue[str | None] = queue.Queue(maxsize=2000)
        self.printer = threading.Thread(target=self._print, daemon=True)
        self.printer.start()

    def say(self, text: str = "", *, bold: bool = False) -> None:
        self._put(f"\033[1m{text}\033[0m" if bold and self.colour else text)

    def line(self, name: str, text: str) -> None:
        prefix = f"{name:>8} |"
        if self.colour:
            prefix = f"\033[{COLOURS.get(name, 37)}m{prefix}\033[0m"
        self._put(f"{prefix} {text}")

    def close(self) -> None:
        """Lets the last lines out, if anybody reads them."""
        with contextlib.suppress(queue.Full):
            self.lines.put_nowait(None)
        self.printer.join(2)

    def _put(self, text: str) -> None:
        with contextlib.suppress(queue.Full):
            self.lines.put_nowait(text)

    def _print(self) -> None:
        while (text := self.lines.get()) is not None:
            # Past Python's buffer, whose lock a stuck reader would hold when the interpreter wants to end.
            rest = (text + "\n").encode(self.encoding, "replace")
            with contextlib.suppress(OSError):
                while rest:
                    rest = rest[os.write(self.number, rest) :]


def readable(line: str) -> list[str]:
    """What a process said, for people: its lines of JSON told in words, and nothing in it that steers the terminal."""
    try:
        said = json.loads(line) if line.startswith("{") else None
        first = f"{said['level']} {said['logger']}: {said['message']}" if said else line
        lines = [first, *said.get("traceback", "").splitlines()] if said else [first]
    except (ValueError, KeyError, TypeError, AttributeError):
        lines = [line]
    return ["".join(map(visible, text)) for text in lines]


def visible(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii")


def wants_colour(stream) -> bool:
    """See no-color.org."""
    return bool(stream.isatty()) and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


class Log:
    """A file that only we read; one older file is kept."""

    def __init__(self, path: Path):
        if path.exists() and path.stat().st_size > LARGEST_LOG:
            path.replace(path.with_suffix(".log.1"))
        self.file = open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", errors="replace")  # noqa: SIM115
        self.lock = threading.Lock()

    def write(self, text: str) -> None:
        with self.lock, contextlib.suppress(OSError, ValueError):  # A full disk costs the log, not the portal.
            self.file.write(text + "\n")
            self.file.flush()
