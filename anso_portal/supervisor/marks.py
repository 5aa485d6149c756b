"""Marks by which a later start knows that a step of the set-up is still done: fingerprints of what the step depends on."""

import hashlib
import subprocess
from collections.abc import Iterable
from pathlib import Path

from anso_portal.supervisor.binaries import ServerMissing, postgres_clients
from anso_portal.supervisor.processes import clean_environment

LOCKED = "requirements.txt"
# In a fresh database there is no such table; asking for it plainly would leave an error in the server's log.
NOTED = r"""
SELECT to_regclass('django_migrations') IS NOT NULL AS migrated \gset
\if :migrated
SELECT count(*), max(applied) FROM django_migrations;
\endif
"""


def migrations_mark(root: Path, database_url: str) -> str:
    """The migrations in the code and those noted in the database. Empty where the database cannot be asked cheaply.

    Where the role of the portal has no grants yet, the table of migrations cannot be read, which is no mark either.
    """
    noted = ask_database(database_url, NOTED)
    files = [*root.glob("*/migrations/*.py"), root / "anso_portal/history/guard.py", root / LOCKED]
    return f"{fingerprint(root, files)} {noted}" if noted else ""


def static_mark(root: Path) -> str:
    return fingerprint(root, [*(root / "static").rglob("*"), root / LOCKED])


def fingerprint(root: Path, files: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in sorted(files):
        if path.is_file():
            total.update(f"{path.relative_to(root)}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def ask_database(url: str, question: str) -> str:
    try:
        answer = subprocess.run(
            [postgres_clients() / "psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-", url],
            input=question,
            env=clean_environment(PGCONNECT_TIMEOUT="5"),
            capture_output=True,
            text=True,
            timeout=20,
        )
    except (ServerMissing, OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def compile_catalogues(root: Path) -> list[str]:
    """Makes each translation file that is missing or older than its source; gives the languages."""
    sources = sorted([*root.glob("locale/*/LC_MESSAGES/*.po"), *root.glob("*/locale/*/LC_MESSAGES/*.po")])
    stale = [source for source in sources if _older(source.with_suffix(".mo"), source)]
    if stale:
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

    for source in stale:
        new = source.with_suffix(".mo.new")
        with source.open("rb") as text, new.open("wb") as compiled:
            write_mo(compiled, read_po(text))
        new.replace(source.with_suffix(".mo"))
    return sorted({source.parent.parent.name for source in stale})


def _older(made: Path, source: Path) -> bool:
    return not made.exists() or made.stat().st_mtime < source.stat().st_mtime
