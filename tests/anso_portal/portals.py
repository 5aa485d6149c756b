"""Starts whole portals for the tests of `bin/up`, each in a clone of its own, and finds what is left of them."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from anso_portal.supervisor.processes import start_time, wait_until

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = shutil.ignore_patterns(".venv", ".anso", ".git", "__pycache__", ".*_cache", "bench", "docs", "node_modules")
OURS = ("ANSO_", "PYTEST_", "DJANGO_", "TEST_", "COV_")
GIVEN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "LOG_LEVEL", "NO_COLOR")


@contextlib.contextmanager
def open_folder(prefix: str = "anso-up-") -> Iterator[Path]:
    """Pytest's own folders are closed, and PostgreSQL's account must reach this one when root runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clone(target: Path, *, environment: bool = True) -> Path:
    """The code as it is now, in another folder; with the virtual environment that runs the tests unless told otherwise."""
    shutil.copytree(ROOT, target, ignore=LEFT_OUT)
    if environment:
        (target / ".venv").symlink_to(ROOT / ".venv")
    return target


def plain_environment(**changes: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS) and name not in GIVEN}
    return {**kept, **changes}


class Portal:
    """A running `bin/up`. Use it in a `with`: whatever happens, nothing stays."""

    def __init__(self, folder: Path, *arguments: str, environment: dict[str, str] | None = None, **options):
        self.folder = folder
        self.output = folder / "output.txt"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                ["bin/up", *arguments],
                cwd=folder,
                env=environment or plain_environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                **options,
            )
        self.first: tuple[int, dict] | None = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        family = self.family()
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        for pid, started in family.items():
            if start_time(pid) == started:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    @property
    def state(self) -> dict:
        try:
            return json.loads((self.folder / ".anso/state.json").read_text())
        except (OSError, ValueError):
            return {}

    @property
    def said(self) -> str:
        return self.output.read_text(errors="replace")

    def wait(self, seconds: float = 90) -> "Portal":
        """Until `/healthz` answers; what `/readyz` says at that very moment is kept in `first`."""
        assert wait_until(lambda: self.ask("/healthz")[0] == 200 or self.process.poll() is not None, seconds), self.said
        assert self.process.poll() is None, self.said
        self.first = self.ask("/readyz")
        return self

    def ask(self, path: str) -> tuple[int, dict]:
        address = self.state.get("portal_url")
        if not address:
            return 0, {}
        try:
            with urllib.request.urlopen(address + path, timeout=5) as answer:
                body, status = answer.read(), answer.status
        except urllib.error.HTTPError as problem:
            body, status = problem.read(), problem.code
        except OSError:
            return 0, {}
        with contextlib.suppress(ValueError):
            return status, json.loads(body)
        return status, {}

    def family(self) -> dict[int, str]:
        """Every process that descends from the supervisor, itself included, with the time that tells it from another."""
        return {pid: start_time(pid) for pid in {self.process.pid, *descendants(self.process.pid)} if start_time(pid)}

    def command(self, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess:
        return subprocess.run(
            [self.folder / ".venv/bin/python", "manage.py", *arguments],
            cwd=self.folder,
            env=plain_environment(**(environment or {})),
            capture_output=True,
            text=True,
            timeout=60,
        )


def descendants(pid: int) -> set[int]:
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            fields = entry.read_text().rpartition(")")[2].split()
            parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found: set[int] = set()
    open_ = [pid]
    while open_:
        children = parents.get(open_.pop(), [])
        found.update(children)
        open_ += children
    return found


def alive(family: dict[int, str]) -> dict[int, str]:
    """Those that still run; one that only waits to be buried does not. With its command, to tell what was left."""
    left = {}
    for pid, started in family.items():
        with contextlib.suppress(OSError):
            if start_time(pid) == started:
                left[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    return left


def gone(family: dict[int, str], seconds: float) -> dict[int, str]:
    """What is left after so many seconds at most."""
    end = time.monotonic() + seconds
    while alive(family) and time.monotonic() < end:
        time.sleep(0.1)
    return alive(family)
