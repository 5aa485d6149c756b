"""Processes that are started, watched and ended."""

import signal
import subprocess
import sys
import time

from anso_portal.supervisor import processes
from anso_portal.supervisor.children import CRASHES, Child
from tests.anso_portal.supervisor.acts import ROOT, linux


def test_variables_of_postgres_are_not_passed_on(monkeypatch):
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGOPTIONS", "-c fsync=off")

    assert not [name for name in processes.clean_environment(PGUSER="anso") if name in ("PGPORT", "PGOPTIONS")]
    assert processes.clean_environment(PGUSER="anso")["PGUSER"] == "anso"


@linux
def test_child_dies_with_its_parent():
    """Also when the parent is killed, and whatever the child thinks of it."""
    program = (
        "import subprocess, sys, time\n"
        "from anso_portal.supervisor.processes import spawn\n"
        "child = spawn([sys.executable, '-c', 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    began = processes.start_time(child)

    parent.kill()
    parent.wait()

    assert processes.wait_until(lambda: processes.start_time(child) != began, 5)


def test_warden_ends_what_its_master_left():
    """What ignores being asked is killed; what was seen to end is left alone."""
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    command = [sys.executable, "-c", stubborn]
    left, ended = (
        subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE, text=True) for _ in range(2)
    )
    try:
        for process in (left, ended):
            assert process.stdout.readline() == "ready\n"
        warden = subprocess.Popen(
            [sys.executable, "-I", ROOT / "anso_portal/supervisor/warden.py"], stdin=subprocess.PIPE, text=True
        )
        warden.stdin.write(f"started {left.pid} 15\nstarted {ended.pid} 15\nended {ended.pid}\n")
        warden.stdin.flush()
        time.sleep(0.5)
        warden.send_signal(signal.SIGTERM)  # Who stops everything stops it last.
        warden.stdin.close()

        assert left.wait(10) == -signal.SIGKILL
        assert warden.wait(10) == 0
        assert ended.poll() is None
    finally:
        for process in (left, ended):
            process.kill()
            process.wait()


def test_wait_has_an_end():
    began = time.monotonic()

    assert processes.wait_until(lambda: False, 0.2) is False
    assert 0.2 <= time.monotonic() - began < 2


def test_stop_kills_who_does_not_listen():
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    process = processes.spawn([sys.executable, "-c", stubborn], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"

    assert processes.stop(process, signal.SIGTERM, 0.2) is False
    assert process.returncode == -signal.SIGKILL


def test_child_is_tried_again_ever_later_and_then_no_more():
    child = Child("web", ["true"], {}, ROOT)
    waits = []
    for _ in range(CRASHES):
        assert child.crashed()
        waits.append(round(child.due_at - time.monotonic(), 1))

    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0]
    assert not child.crashed()


def test_old_crashes_are_forgiven(monkeypatch):
    child = Child("web", ["true"], {}, ROOT, crashes=[time.monotonic() - 61] * CRASHES)

    assert child.crashed()
    assert len(child.crashes) == 1
