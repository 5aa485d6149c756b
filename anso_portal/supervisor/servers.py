"""PostgreSQL and Valkey: how each is made, started, asked whether it is ready, and stopped."""

import locale
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from anso_portal.supervisor.binaries import major_version
from anso_portal.supervisor.places import Account, awkward, private_folder
from anso_portal.supervisor.processes import clean_environment, spawn, start_time, wait_until

OWNER, APPLICATION = "anso", "anso_app"
THROW_AWAY = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class ServerProblem(Exception):
    """A server did not start; the message says which and why."""


class Postgres:
    """One cluster, one database, reached through a socket in a closed folder."""

    name = "postgres"
    stop_signal = signal.SIGINT  # Fast: open transactions are rolled back, nobody is waited for.
    death_signal = signal.SIGQUIT  # Immediate: the log is replayed at the next start.

    def __init__(
        self, folder: Path, programs: Path, *, sockets: Path | None = None, account: Account | None = None, settings=()
    ):
        self.folder, self.programs, self.account, self.settings = folder, programs, account, settings
        self.data = folder / "data"
        self.sockets = sockets or folder
        self.environment = clean_environment(LC_ALL="C", TZ="UTC")

    @staticmethod
    def awkward_in(folder: Path) -> bool:
        return awkward(folder / ".s.PGSQL.5432")

    @property
    def url(self) -> str:
        """As the owner, who migrates."""
        return self._url_of(OWNER)

    @property
    def application_url(self) -> str:
        """As the role that the portal runs as, which cannot change the history or any table."""
        return self._url_of(APPLICATION)

    def _url_of(self, role: str) -> str:
        return f"postgresql://{role}@/anso?host={self.sockets}"

    @property
    def command(self) -> list:
        settings = (
            "listen_addresses=",
            "timezone=UTC",
            "log_timezone=UTC",
            # What a statement says of a person must not outlive the person in a log.
            "log_min_error_statement=panic",
            "log_error_verbosity=terse",
            "unix_socket_permissions=0700",
            *self.settings,
        )
        options = [part for setting in settings for part in ("-c", setting)]
        return [self.programs / "postgres", "-D", self.data, "-k", self.sockets, "-p", "5432", *options]

    def prepare(self, *, sync: bool = True) -> None:
        """Makes the cluster at the first start; a half-made one from an interrupted start is made again."""
        if not (self.data / "PG_VERSION").exists():
            self._initialise(sync)
        made_by = int((self.data / "PG_VERSION").read_text().split(".")[0])
        ours = major_version(self.programs / "postgres")
        if made_by != ours:
            raise ServerProblem(
                f"The data in {self.data} were made by PostgreSQL {made_by}, but the programs found are of PostgreSQL {ours}. "
                "Make a backup with the older programs (manage.py backup) and restore it into the newer ones."
            )

    def _initialise(self, sync: bool) -> None:
        new = self.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        command = [
            self.programs / "initdb",
            "-D",
            new,
            "-U",
            OWNER,
            "--auth=trust",
            "--encoding=UTF8",
            "--no-instructions",
        ]
        command += locale_options(major_version(self.programs / "postgres"))
        command += [] if sync else ["--no-sync"]
        made = spawn(
            command,
            account=self.account,
            env=self.environment,
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        try:
            said = made.communicate(timeout=120)[0]
        finally:
            made.kill()
        if made.returncode:
            raise ServerProblem(f"PostgreSQL's data folder could not be made:\n{said.strip()}")
        new.rename(self.data)

    def stop_stale(self, pause: Callable[[float], None] = time.sleep) -> None:
        """Ends a server of an earlier start that still uses our data, and forgets one that is gone."""
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return
        if not uses_folder(pid, self.data):
            lock.unlink(missing_ok=True)  # The number may belong to another process by now.
            return
        for number in (self.stop_signal, self.death_signal, signal.SIGKILL):
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return
            if wait_until(lambda: not start_time(pid), 8, pause):
                return
        raise ServerProblem(f"An earlier PostgreSQL (process {pid}) does not stop. Stop it and start again.")

    @staticmethod
    def hides(line: str) -> bool:
        """What it logs as a matter of course stays in its log file."""
        return " LOG: " in line or line.startswith("\t") or "the database system is starting up" in line

    def is_ready(self) -> bool:
        return self._run("pg_isready", "-q", "-U", OWNER, "-d", "postgres").returncode == 0

    def create_database(self) -> None:
        """And the role that the portal runs as; data of a time before there were two get theirs at the next start."""
        if not self._ask(f"SELECT 1 FROM pg_roles WHERE rolname = '{APPLICATION}'"):  # noqa: S608 (ours)
            self._make("The role could not be made", "createuser", "-U", OWNER, APPLICATION)
        if not self._ask("SELECT 1 FROM pg_database WHERE datname = 'anso'"):
            self._make("The database could not be made", "createdb", "-U", OWNER, "anso")

    def _ask(self, question: str) -> str:
        return self._run("psql", "-U", OWNER, "-d", "postgres", "-XAtc", question).stdout.strip()

    def _make(self, complaint: str, *command: str) -> None:
        made = self._run(*command)
        if made.returncode:
            raise ServerProblem(f"{complaint}: {made.stderr.strip()}")

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess:
        command: list[str | Path] = [self.programs / program, "-h", self.sockets, "-p", "5432", *arguments]
        return subprocess.run(command, env=self.environment, cwd="/", capture_output=True, text=True, timeout=30)


class Valkey:
    """Queue and cache, on a socket in a closed folder; its snapshot survives a restart."""

    name = "valkey"
    account = None
    stop_signal = death_signal = signal.SIGTERM  # Saves, which takes a moment for our few keys.

    def __init__(self, folder: Path, program: Path, *, sockets: Path | None = None, save: str = "60 1"):
        self.folder, self.program, self.save = folder, program, save
        self.socket = (sockets or folder) / "s.sock"
        self.environment = clean_environment()

    @staticmethod
    def awkward_in(folder: Path) -> bool:
        return awkward(folder / "s.sock")

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    @property
    def command(self) -> list:
        options = {
            "port": "0",
            "unixsocket": self.socket,
            "unixsocketperm": "700",
            "dir": self.folder,
            "save": self.save,
            "appendonly": "no",
            "daemonize": "no",
            "maxmemory-policy": "noeviction",
        }
        return [self.program, *(part for name, value in options.items() for part in (f"--{name}", value))]

    def prepare(self, *, sync: bool = True) -> None:
        private_folder(self.folder)
        private_folder(self.socket.parent)

    def stop_stale(self, pause: Callable[[float], None] = time.sleep) -> None:
        if self._ask(b"PING\r\n"):
            self._ask(b"SHUTDOWN\r\n")
            wait_until(lambda: not self.is_ready(), 8, pause)

    def create_database(self) -> None:
        """There are always sixteen."""

    @staticmethod
    def hides(line: str) -> bool:
        """All of it is in its log file; if it dies, we say so."""
        return True

    def is_ready(self) -> bool:
        return self._ask(b"PING\r\n").startswith(b"+PONG")

    def _ask(self, words: bytes) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX) as asked:
                asked.settimeout(2)
                asked.connect(str(self.socket))
                asked.sendall(words)
                return asked.recv(64)
        except OSError:
            return b""


def uses_folder(pid: int, folder: Path) -> bool:
    """Whether this process is a PostgreSQL that works in the folder: it makes its data folder its current one."""
    try:
        return os.path.samefile(f"/proc/{pid}/cwd", folder)
    except OSError:
        if sys.platform == "linux":
            return False
        answer = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, timeout=10)
        return str(folder) in answer.stdout


def locale_options(version: int) -> list[str]:
    """Sorting by bytes, but letters known as letters: else case and trigrams of Cyrillic, Arabic and Chinese are lost."""
    letters = next((name for name in ("C.UTF-8", "C.utf8", "en_US.UTF-8") if _has_locale(name)), "C")
    options = ["--locale=C", f"--lc-ctype={letters}"]
    if version >= 17:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options


def _has_locale(name: str) -> bool:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except locale.Error:
        return False
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return True
