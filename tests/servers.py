"""Gives every test run a PostgreSQL and a Valkey of its own: a pytest plugin, loaded by `-p tests.servers`.

TEST_DATABASE_URL and TEST_REDIS_URL name others. DATABASE_URL, `.env` and the running portal are never looked at.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import pytest

from anso_portal.supervisor import binaries, places
from anso_portal.supervisor.processes import spawn, stop, wait_until
from anso_portal.supervisor.servers import THROW_AWAY, Postgres, Valkey

ROOT = Path(__file__).resolve().parent.parent


class ThrowAwayServers:
    """Lives as long as the run; the servers die with it even if it is killed."""

    def __init__(self):
        self.running = []
        self.folder = places.short_folder()

    def start(self) -> dict[str, str]:
        """Starts what no variable names, and gives the environment for the tests."""
        return {
            "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or self._postgres(),
            "REDIS_URL": os.environ.get("TEST_REDIS_URL") or self._valkey(),
        }

    def _postgres(self) -> str:
        account = places.postgres_account(self.folder / "pg")
        programs = places.reachable_programs(binaries.postgres_programs(), ROOT / ".anso", account)
        folder = places.private_folder(self.folder / "pg", account)
        return self._run(Postgres(folder, programs, account=account, settings=THROW_AWAY))

    def _valkey(self) -> str:
        return self._run(Valkey(self.folder / "kv", binaries.valkey_server(), save=""))

    def _run(self, server) -> str:
        server.prepare(sync=False)
        log = self.folder / f"{server.name}.log"
        with log.open("wb") as file:
            process = spawn(
                server.command,
                account=server.account,
                env=server.environment,
                death_signal=server.death_signal,
                cwd="/",
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self.running.append((server, process))
        if not wait_until(lambda: server.is_ready() or process.poll() is not None, 30) or process.poll() is not None:
            raise pytest.UsageError(f"{server.name} did not start:\n{log.read_text(errors='replace')}")
        server.create_database()
        return server.url

    def end(self) -> None:
        for server, process in reversed(self.running):
            stop(process, server.death_signal if server.name == "postgres" else signal.SIGKILL, 10)
        shutil.rmtree(self.folder, ignore_errors=True)


def isolate() -> Path:
    """Takes every setting of the portal out of the environment, so that a test sees the defaults on every machine."""
    for line in (ROOT / ".env.example").read_text().splitlines():
        name = line.lstrip("# ").partition("=")[0]
        if name.isupper():
            os.environ.pop(name, None)
    state = Path(tempfile.mkdtemp(prefix="anso-test-"))
    os.environ.update(
        ANSO_IGNORE_RUNNING_PORTAL="1",
        ANSO_STATE_DIR=str(state),
        SECRET_KEY="only-for-the-tests-and-never-for-anything-else",
        LOG_LEVEL="WARNING",
        # Playwright leaves a loop in the thread of the tests, which Django would take for code that must not wait.
        DJANGO_ALLOW_ASYNC_UNSAFE="1",
    )
    return state


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config):
    """Before pytest-django reads the settings. The workers of xdist inherit the servers from the process that started them."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw"))
        state = Path(os.environ["ANSO_STATE_DIR"]) / os.environ["PYTEST_XDIST_WORKER"]
        state.mkdir(mode=0o700, exist_ok=True)
        os.environ["ANSO_STATE_DIR"] = str(state)  # or one takes away the sign-ins that another has written
        address, _, _ = os.environ["REDIS_URL"].rpartition("0")
        if os.environ["REDIS_URL"].endswith(("?db=0", "/0")):
            os.environ["REDIS_URL"] = f"{address}{number + 1}"
        return (yield)
    state = isolate()
    servers = ThrowAwayServers()

    def clean_up() -> None:
        servers.end()
        shutil.rmtree(state, ignore_errors=True)

    early_config.add_cleanup(clean_up)
    os.environ.update(servers.start())
    return (yield)
