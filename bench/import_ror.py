"""How fast ROR records come in, with history on, and how much memory that takes.

    .venv/bin/python bench/import_ror.py FILE

starts a PostgreSQL of its own with the settings of bin/up, imports the file twice, and copies the same rows bare (COPY into
tables without index, trigger or foreign key) as the limit that nothing can beat on this machine.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from anso_portal.supervisor import binaries, places  # noqa: E402
from anso_portal.supervisor.processes import spawn, stop, wait_until  # noqa: E402
from anso_portal.supervisor.servers import Postgres  # noqa: E402

TABLES = [
    "members_institution",
    "members_institutionname",
    "members_institutionidentifier",
    "members_institutionrelation",
]


def main(file: Path) -> None:
    with throw_away_server() as server:
        settings_for(server.url)
        measure(file)


@contextmanager
def throw_away_server():
    folder = Path(tempfile.mkdtemp(prefix="anso-bench-"))
    folder.chmod(0o711)
    account = places.postgres_account(folder / "pg")
    programs = places.reachable_programs(binaries.postgres_programs(), ROOT / ".anso", account)
    server = Postgres(places.private_folder(folder / "pg", account), programs, account=account)
    server.prepare(sync=False)
    server.process = spawn(server.command, account=account, env=server.environment, cwd="/", stderr=subprocess.DEVNULL)
    try:
        wait_until(server.is_ready, 30)
        server.create_database()
        yield server
    finally:
        stop(server.process, server.stop_signal, 20)
        subprocess.run(["rm", "-rf", folder], check=True)


def settings_for(url: str) -> None:
    os.environ.update(
        ANSO_IGNORE_RUNNING_PORTAL="1",
        DATABASE_URL=url,
        REDIS_URL="redis://127.0.0.1:1/0",
        SECRET_KEY="only-for-the-bench-and-never-for-anything-else",
        DJANGO_SETTINGS_MODULE="anso_portal.settings",
    )


def measure(file: Path) -> None:
    manage("migrate")
    first, records, memory = run_import(file)
    again, _records, memory_again = run_import(file)
    bare = copy_bare()
    print(
        f"first import   {records:>8,} records in {first:6.1f} s: {records / first:7,.0f} records/s, {memory} MB at most"
    )
    print(
        f"import again   {records:>8,} records in {again:6.1f} s: {records / again:7,.0f} records/s, {memory_again} MB at most"
    )
    print(f"bare COPY      the same rows    in {bare:6.1f} s; the first import takes {first / bare:.1f} times as long")


def manage(*arguments: str) -> str:
    command = [sys.executable, "-W", "ignore", "manage.py", *arguments, "--skip-checks"]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


def run_import(file: Path) -> tuple[float, int, int]:
    """Seconds with the start of the program, records, megabytes."""
    start = time.monotonic()
    pid = subprocess.Popen(
        [sys.executable, "-W", "ignore", "manage.py", "import_ror", file, "--skip-checks"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    said = pid.stdout.read()
    _pid, status, usage = os.wait4(pid.pid, 0)
    if status:
        sys.exit(said)
    counts = dict(re.findall(r"^(created|updated|unchanged) +([\d,]+)$", said, re.MULTILINE))
    return (
        time.monotonic() - start,
        sum(int(count.replace(",", "")) for count in counts.values()),
        usage.ru_maxrss // 1024,
    )


def copy_bare() -> float:
    import django

    django.setup()
    from django.db import connection

    seconds = 0.0
    with connection.cursor() as cursor, tempfile.TemporaryFile() as rows:
        for table in TABLES:
            cursor.execute(f"CREATE TABLE bare (LIKE {table})")
            rows.seek(0)
            rows.truncate()
            cursor.copy_expert(f"COPY {table} TO STDOUT", rows)
            rows.seek(0)
            start = time.monotonic()
            cursor.copy_expert("COPY bare FROM STDIN", rows)
            seconds += time.monotonic() - start
            cursor.execute("DROP TABLE bare")
    return seconds


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).resolve())
