"""The short version of bench/faults.py: five of its faults, each with a hundred mails."""

import subprocess
import sys
from pathlib import Path

import pytest

from anso_portal.supervisor import binaries

ROOT = Path(__file__).resolve().parents[2]
FAULTS = ["kill-worker", "redis-lost", "postgres-crash", "stall", "smtp-drops"]


@pytest.mark.time_limit(400)
def test_no_fault_loses_a_mail_or_doubles_one_uncounted():
    try:
        binaries.postgres_programs(), binaries.valkey_server()
    except binaries.ServerMissing as problem:
        pytest.skip(f"It kills servers of its own, and there are no programs for them here: {problem}")
    command = [sys.executable, "-W", "ignore", "bench/faults.py", "--mails", "100", "--seeds", "1", *FAULTS]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=390)

    assert ended.returncode == 0, ended.stdout + ended.stderr[-3000:]
    assert ended.stdout.count("\n") == len(FAULTS) + 2
