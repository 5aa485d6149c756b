"""What the history costs: how long sealing and verifying take beside the import that made the events.

    .venv/bin/python bench/history.py FILE

starts a PostgreSQL of its own with the settings of bin/up, imports a ROR file, seals what it wrote, verifies it, and verifies
again after one row was changed behind the portal's back.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from import_ror import ROOT, manage, run_import, settings_for, throw_away_server


def main(file: Path) -> None:
    with throw_away_server() as server:
        settings_for(server.url)
        manage("migrate")
        imported, records, _memory = run_import(file)
        sealing, said, memory = run("seal_history")
        links = int(re.search(r"([\d,]+) new links", said)[1].replace(",", ""))
        verifying, said, memory_again = run("verify_history")
        rows = int(re.search(r"over ([\d,]+) rows", said)[1].replace(",", ""))
        tamper(server)
        finding, said, _memory = run("verify_history", expect=1)
    print(f"import           {records:>8,} records in {imported:6.1f} s")
    for what, seconds, more in (
        ("sealing", sealing, f"{links} links, {memory} MB"),
        ("verifying", verifying, f"{memory_again} MB"),
    ):
        print(f"{what:<16} {rows:>8,} rows    in {seconds:6.1f} s: {seconds / imported:.0%} of the import, {more}")
    print(f"finding one row  {rows:>8,} rows    in {finding:6.1f} s: {said.splitlines()[0]}")


def run(command: str, *, expect: int = 0) -> tuple[float, str, int]:
    start = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "manage.py", command, "--skip-checks"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    said = process.stdout.read()
    _pid, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != expect:
        sys.exit(said + process.stderr.read())
    return time.monotonic() - start, said, usage.ru_maxrss // 1024


def tamper(server) -> None:
    statement = "SET session_replication_role = replica; UPDATE members_institutionnameevent SET value = 'x' WHERE pgh_id = 4711"
    subprocess.run(
        [server.programs / "psql", "-XqU", "anso", "-h", server.sockets, "-d", "anso", "-c", statement],
        check=True,
        env=server.environment,
        cwd="/",
    )


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]).resolve())
