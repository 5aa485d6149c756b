"""One file that holds the database and the uploaded files, with a checksum of each; and the way back.

The dump and the counts come from one snapshot, and files are copied after it, so every file that a row names is there.
"""

import datetime
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.cache import cache
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accounts.models import User
from anso_portal.closing import erase_account
from anso_portal.history import guard
from anso_portal.models import ClosedAccount
from anso_portal.supervisor.binaries import major_version, postgres_clients
from anso_portal.supervisor.processes import clean_environment
from notifications.models import Delivery

DUMP, MANIFEST, MEDIA = "database.dump", "manifest.json", "media/"
STATES_HELD = (Delivery.State.PENDING, Delivery.State.LEASED, Delivery.State.RETRY)
CHUNK = 1 << 20

Say = Callable[[str], None]


class BackupProblem(Exception):
    """What stands in the way, in a sentence."""


# --- Making one


def back_up(target: Path, say: Say) -> dict:
    """Writes the file whole or not at all; an older one of that name stays until then."""
    target = target.absolute()
    if not target.parent.is_dir():
        raise BackupProblem(f"There is no folder {target.parent}.")
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        say("Dumping the database.")
        dump = Path(folder) / DUMP
        manifest: dict = {
            "format": 1,
            "made_at": timezone.now().isoformat(timespec="seconds"),
            "postgresql": server_version(),
            "migrations": sorted(".".join(key) for key in MigrationRecorder(connection).applied_migrations()),
            "tables": dump_database(dump),
        }
        archive = Path(folder) / "archive"
        with tarfile.open(archive, "w") as tar:
            manifest["files"] = {DUMP: add(tar, dump, DUMP)}
            media = media_files()
            for number, path in enumerate(media, 1):
                name = MEDIA + path.relative_to(media_root()).as_posix()
                manifest["files"][name] = add(tar, path, name)
                if number % 200 == 0 or number == len(media):
                    say(f"Files: {number} of {len(media)}.")
            add_text(tar, MANIFEST, json.dumps(manifest, indent=1))
        with archive.open("rb") as file:
            os.fsync(file.fileno())
        archive.chmod(0o600)
        archive.replace(target)
    return manifest


def dump_database(target: Path) -> dict[str, int]:
    """Dumps, and counts the rows of every table as the dump sees them."""
    programs = postgres_clients(at_least=server_version())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT pg_export_snapshot()")
        command = [
            programs / "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-acl",
            "--schema=public",
            "--extension=*",
        ]
        run([*command, f"--snapshot={cursor.fetchone()[0]}", f"--file={target}"])
        counts = {}
        for table in tables():
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608 (quoted)
            counts[table] = cursor.fetchone()[0]
    return counts


def media_root() -> Path:
    return Path(settings.MEDIA_ROOT)


def media_files() -> list[Path]:
    return sorted(path for path in media_root().rglob("*") if path.is_file() and not path.is_symlink())


def add(tar: tarfile.TarFile, path: Path, name: str) -> str:
    with path.open("rb") as file:
        entry = tar.gettarinfo(arcname=name, fileobj=file)
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        entry.mode = 0o600
        reader = Hashing(file)
        tar.addfile(entry, reader)
    return reader.hash.hexdigest()


def add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(text.encode())
        file.flush()
        add(tar, Path(file.name), name)


class Hashing:
    """Reads a file and keeps the checksum of what was read, so that both are of the same bytes."""

    def __init__(self, file: IO[bytes]):
        self.file, self.hash = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.file.read(size)
        self.hash.update(data)
        return data


# --- Bringing it back


def restore(source: Path, say: Say, *, replace: bool) -> int:
    """Checks everything first, then changes all or nothing in the database. Gives the number of mails held back."""
    try:
        tar = tarfile.open(source)  # noqa: SIM115 (closed below)
    except (OSError, tarfile.TarError) as problem:
        raise BackupProblem(f"{source} cannot be read as a backup: {problem}") from problem
    with tar:
        say("Checking the backup.")
        manifest = check(tar)
        refuse_newer(manifest)
        full = bool(tables()) or bool(media_files())
        if full and not replace:
            raise BackupProblem("There are records here already. To put the backup in their place, add --replace.")
        media_root().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="anso-restore-", dir=media_root().parent) as name:
            folder = Path(name)
            extract(tar, folder, manifest, say)
            say("Restoring the database.")
            erased = erased_accounts() if tables() else []
            restore_database(folder / DUMP, manifest, empty_first=bool(tables()))
            exchange_media(folder / MEDIA)
    cache.clear()
    connection.close()  # What it knew of the tables is no longer so.
    call_command("migrate", interactive=False, verbosity=0)
    if again := erase_again(erased):
        say(f"Accounts erased once more, as they were after the backup was made: {again}.")
    return Delivery.objects.filter(state=Delivery.State.HELD).count()


def erased_accounts() -> list[tuple[int, datetime.datetime]]:
    """Whose account was erased in the database that is about to go: number, and when it was opened."""
    closed = ClosedAccount.objects.filter(kind=ClosedAccount.Kind.ERASED)
    try:
        return list(closed.values_list("user", "user__joined_at"))
    except DatabaseError:
        return []  # The tables are of another version, or no portal's at all.


def erase_again(accounts: Iterable[tuple[int, datetime.datetime]]) -> int:
    """A backup from before they were erased must not bring people back."""
    back = [
        user
        for number, opened in accounts
        for user in User.objects.filter(pk=number, joined_at=opened, closing__isnull=True)
    ]
    for user in back:
        erase_account(user=user, by=None)
    return len(back)


def check(tar: tarfile.TarFile) -> dict:
    """The list of contents, once every file has been read and found as it was written."""
    try:
        manifest = json.load(tar.extractfile(MANIFEST))  # type: ignore[arg-type]
        expected = manifest["files"]
        found = {entry.name: checksum(tar, entry) for entry in tar if entry.name != MANIFEST}
    except (KeyError, ValueError, TypeError, OSError, tarfile.TarError) as problem:
        raise BackupProblem(
            f"The backup is damaged or not of this portal ({problem}). Nothing was changed."
        ) from problem
    wrong = sorted(name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name))
    if wrong or DUMP not in expected:
        raise BackupProblem(f"The backup is damaged: {', '.join(wrong[:5]) or DUMP}. Nothing was changed.")
    return manifest


def checksum(tar: tarfile.TarFile, entry: tarfile.TarInfo) -> str:
    parts = Path(entry.name).parts
    if not entry.isfile() or ".." in parts or Path(entry.name).is_absolute():
        raise ValueError(entry.name)
    reader = Hashing(tar.extractfile(entry))  # type: ignore[arg-type]
    while reader.read(CHUNK):
        pass
    return reader.hash.hexdigest()


def refuse_newer(manifest: dict) -> None:
    known = {".".join(key) for key in MigrationLoader(None).disk_migrations}
    unknown = sorted(set(manifest["migrations"]) - known)
    if unknown:
        raise BackupProblem(f"The backup is from a later version of the portal ({unknown[-1]} is not known here).")


def extract(tar: tarfile.TarFile, folder: Path, manifest: dict, say: Say) -> None:
    (folder / MEDIA).mkdir(mode=0o700)
    total = len(manifest["files"])
    for number, name in enumerate(manifest["files"], 1):
        target = folder / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tar.extractfile(name) as file, target.open("wb") as copy:  # type: ignore[union-attr]
            shutil.copyfileobj(file, copy, CHUNK)
        if number % 200 == 0 or number == total:
            say(f"Files: {number} of {total}.")


def restore_database(dump: Path, manifest: dict, *, empty_first: bool) -> None:
    """One transaction: out with the old, in with the dump, count, hold the mails. A failure leaves all as it was."""
    version = server_version()
    programs = postgres_clients(at_least=max(version, manifest["postgresql"]))
    assert major_version(programs / "psql") >= version
    connection.close()
    command: list[str | Path] = [programs / "pg_restore", "--exit-on-error", "--no-owner", "--no-acl"]
    contents = dump.with_name("contents")
    contents.write_text(
        "\n".join(line for line in run([*command, "--list", dump]).splitlines() if not PUBLIC.search(line))
    )
    reader = subprocess.Popen(
        [*command, f"--use-list={contents}", "--file=-", dump],
        env=client_environment(),
        stdout=subprocess.PIPE,
    )
    with tempfile.TemporaryFile() as complaints:
        writer = subprocess.Popen(
            [programs / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "--single-transaction", "--file=-"],
            env=client_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
        )
        assert reader.stdout
        assert writer.stdin
        try:
            for line in statements(reader.stdout, manifest, version, empty_first=empty_first):
                writer.stdin.write(line)
            writer.stdin.close()
        except BrokenPipeError:
            reader.kill()
        reader.stdout.close()
        codes = writer.wait(), reader.wait()
        if any(codes):
            complaints.seek(0)
            said = complaints.read().decode(errors="replace").strip()
            raise BackupProblem(f"The database could not be restored; it is as it was.\n{said}")


def statements(dump: IO[bytes], manifest: dict, version: int, *, empty_first: bool) -> Iterator[bytes]:
    yield b"SET lock_timeout = '30s';\nSET client_min_messages = warning;\n"
    if empty_first:
        yield EMPTY.encode()
    for line in dump:
        if version < 17 and line.startswith(b"SET transaction_timeout"):
            continue  # A setting that older servers do not know.
        yield line
    for table, count in manifest["tables"].items():
        yield COUNT.format(table=connection.ops.quote_name(table), name=table.replace("'", "''"), count=count).encode()
    states = ", ".join(f"'{state.value}'" for state in STATES_HELD)
    yield HOLD.format(table=Delivery._meta.db_table, held=Delivery.State.HELD.value, states=states).encode()
    if settings.APPLICATION_ROLE:  # In the same transaction, or the portal could not read for a while.
        history = [model._meta.db_table for model in guard.history_models()]
        held = sorted(table for table in history if table in manifest["tables"])
        yield b"SET search_path = public;\n" + guard.grants(settings.APPLICATION_ROLE, held).encode()
    yield b"ANALYZE;\n"  # The planner takes tables without statistics for empty ones.


PUBLIC = re.compile(
    r" (SCHEMA -|- SCHEMA) public "
)  # There already, or made by us; without owners, pg_restore would make it again.
EMPTY = """
DROP SCHEMA public CASCADE;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""
COUNT = """
DO $$ DECLARE found bigint; BEGIN
    SELECT count(*) INTO found FROM public.{table};
    IF found <> {count} THEN RAISE EXCEPTION '{name} has % rows, not {count}', found; END IF;
END $$;
"""
# What waited when the dump was made has been sent since, or is no longer meant.
HOLD = """
UPDATE public.{table} SET state = '{held}', phase = '', lease = NULL, lease_until = NULL WHERE state IN ({states});
"""


def exchange_media(new: Path) -> None:
    """The restored files take the place of those here; where the folder is a mount, they are copied into it."""
    current = media_root()
    try:
        if current.exists():
            current.rename(new.with_name("media-before"))
        new.rename(current)
    except OSError:
        for entry in current.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        shutil.copytree(new, current, dirs_exist_ok=True)


# --- The server


def server_version() -> int:
    connection.ensure_connection()
    return connection.pg_version // 10000  # type: ignore[attr-defined]


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        return [name for (name,) in cursor.fetchall()]


def client_environment() -> dict[str, str]:
    """How PostgreSQL's programs reach our database; a password is not seen in the list of processes."""
    facts = connection.settings_dict
    options = {"sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY"}
    wanted = {
        "PGDATABASE": facts["NAME"],
        "PGUSER": facts["USER"],
        "PGPASSWORD": facts["PASSWORD"],
        "PGHOST": facts["HOST"] or facts["OPTIONS"].get("host", ""),
        "PGPORT": facts["PORT"],
        "PGAPPNAME": "anso-backup",
        "PGCONNECT_TIMEOUT": "10",
        **{name: facts["OPTIONS"].get(option, "") for option, name in options.items()},
    }
    return clean_environment(**{name: str(value) for name, value in wanted.items() if value})


def run(command: list) -> str:
    answer = subprocess.run(command, env=client_environment(), capture_output=True, text=True, errors="replace")
    if answer.returncode:
        raise BackupProblem(f"{command[0].name} failed.\n{answer.stderr.strip()}")
    return answer.stdout


@contextmanager
def explained() -> Iterator[None]:
    """What can go wrong outside our code, as one kind of problem."""
    try:
        yield
    except OperationalError as problem:
        raise BackupProblem(f"The database does not answer. {str(problem).strip()}") from problem
    except OSError as problem:
        raise BackupProblem(f"{problem.filename or 'The file'}: {problem.strerror}.") from problem
