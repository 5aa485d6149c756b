"""The files of `.anso/`: who runs, the secret key, and what has been done already."""

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from pathlib import Path

from anso_portal.supervisor.processes import boot_id, start_time


class AlreadyRunning(Exception):
    """The message names the address of the portal that runs."""


class State:
    def __init__(self, folder: Path):
        self.folder = folder
        self.path = folder / "state.json"
        self.facts: dict = {}
        self._lock: int | None = None

    def lock(self) -> None:
        """One portal per clone. The lock ends with the process that holds it, however that ends."""
        self._lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            address = self.read().get("portal_url")
            where = f"at {address}" if address else "and is just starting"
            raise AlreadyRunning(
                f"The portal already runs here, {where}. Stop it with Ctrl-C where it was started; bin/up then starts it again."
            ) from None

    def read(self) -> dict:
        return _read(self.path)

    def save(self, **facts) -> None:
        self.facts.update(facts)
        write_private(self.path, json.dumps(self.facts, indent=2) + "\n")

    def forget(self) -> None:
        self.path.unlink(missing_ok=True)

    def secret_key(self) -> None:
        path = self.folder / "secret_key"
        if not path.exists():
            write_private(path, secrets.token_urlsafe(50) + "\n")

    def welcome_token(self) -> str:
        """A new secret for the address that makes the first administrator; we keep its fingerprint only."""
        token = secrets.token_urlsafe(24)
        write_private(self.folder / "welcome", hashlib.sha256(token.encode()).hexdigest() + "\n")
        return token

    def is_welcome(self, token: str) -> bool:
        try:
            kept = (self.folder / "welcome").read_text().strip()
        except OSError:
            return False
        return hmac.compare_digest(kept, hashlib.sha256(token.encode()).hexdigest())

    def done(self, what: str) -> str:
        """The mark that was left when this was last done, or an empty string."""
        return _read(self.folder / "done.json").get(what, "")

    def mark_done(self, what: str, mark: str) -> None:
        path = self.folder / "done.json"
        write_private(path, json.dumps({**_read(path), what: mark}, indent=2) + "\n")


def live_processes(facts: dict) -> dict[str, int]:
    """Those of a state file that still are the processes it means."""
    if facts.get("boot_id") != boot_id():
        return {}
    started = facts.get("started", {})
    return {name: pid for name, pid in facts.get("pids", {}).items() if started.get(name) == start_time(pid) != ""}


def write_private(path: Path, text: str) -> None:
    """Whole or not at all, and readable by us alone."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _read(path: Path) -> dict:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
