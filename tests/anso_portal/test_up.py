"""One portal is started for most of these tests, in order; it is stopped by the one before the last."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from anso_portal.supervisor.processes import wait_until
from tests.anso_portal.portals import Portal, clone, gone, open_folder, plain_environment

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="It looks at processes through /proc."),
    pytest.mark.time_limit(120),
]
SERVICES = {"postgres", "valkey", "worker", "beat", "relay", "web"}


@pytest.fixture(scope="module")
def folder():
    with open_folder() as home:
        yield clone(home / "clone")


@pytest.fixture(scope="module")
def portal(folder):
    with Portal(folder, "--no-sample") as portal:
        yield portal.wait()


def test_first_answer_comes_from_a_whole_portal(portal):
    status, facts = portal.first

    assert status == 200
    assert {name for name, fact in facts.items() if name != "ok" and fact["ok"]} == {
        "database",
        "redis",
        "migrations",
        "worker",
        "beat",
        "relay",
        "oldest_due_mail",
    }


def test_state_names_addresses_and_processes(portal):
    state = portal.state

    assert state["portal_url"].startswith("http://127.0.0.1:8")
    assert state["database_url"].startswith("postgresql://anso_app@/anso?host=/")
    assert state["migration_database_url"].startswith("postgresql://anso@/anso?host=/")
    assert state["redis_url"].startswith("unix:///")
    assert state["pids"].keys() == SERVICES | {"supervisor"}
    assert state["pids"]["supervisor"] == portal.process.pid  # bin/up ends in exec.
    assert set(state["embedded"]) == {"postgres", "valkey"}


def test_files_are_closed_to_others(portal):
    state = portal.folder / ".anso"
    modes = {path.relative_to(state): path.lstat().st_mode for path in state.rglob("*") if not path.is_symlink()}

    assert state.stat().st_mode & 0o777 == (0o711 if os.geteuid() == 0 else 0o700)
    assert {str(path) for path, mode in modes.items() if mode & 0o077} == set()


def test_output_is_named_and_without_colour(portal):
    assert wait_until(lambda: "for evaluation" in portal.said, 20)  # The last line of the greeting.
    assert f"The portal is ready: {portal.state['portal_url']}/" in portal.said
    assert "Mail goes into files in .anso/mail/." in portal.said
    assert "\033" not in portal.said
    assert "Traceback" not in portal.said


def test_web_server_compresses(portal):
    answer = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-D", "-", "-H", "Accept-Encoding: gzip", portal.state["portal_url"] + "/"],
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert "content-encoding: gzip" in answer.stdout.lower()


def test_second_start_is_refused_with_the_address(portal):
    second = subprocess.run(
        ["bin/up"], cwd=portal.folder, env=plain_environment(), capture_output=True, text=True, timeout=60
    )

    assert second.returncode == 1
    assert f"already runs here, at {portal.state['portal_url']}" in second.stdout
    assert "Traceback" not in second.stdout + second.stderr


def test_taken_port_is_an_error(portal, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        answer = subprocess.run(
            ["bin/up", "--port", str(port)],
            cwd=portal.folder,
            env=plain_environment(ANSO_STATE_DIR=str(tmp_path / "state")),
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert answer.returncode == 1
    assert f"Port {port} is taken" in answer.stdout


def test_status_says_what_runs(portal):
    answer = portal.command("status")

    assert answer.returncode == 0, answer.stdout
    for name in SERVICES:
        assert re.search(rf"^{name} +process {portal.state['pids'][name]}$", answer.stdout, re.MULTILINE)
    assert portal.state["portal_url"] in answer.stdout


def test_commands_elsewhere_find_the_servers(portal):
    answer = portal.command(
        "shell", "--no-imports", "-c", "from accounts.models import User; print(User.objects.count())"
    )

    assert answer.stdout.strip() == "0", answer.stderr


def test_one_time_address_makes_the_first_administrator(portal):
    address = re.search(r"http://\S+/welcome/\S+/", portal.said).group()

    assert portal.ask(address.removeprefix(portal.state["portal_url"]))[0] == 200
    assert portal.ask("/welcome/not-the-secret/")[0] == 404


def test_embedded_servers_are_backed_up_and_restored(portal, tmp_path):
    file = tmp_path / "portal.tar"

    assert portal.command("backup", str(file)).returncode == 0
    assert portal.command("restore", str(file)).returncode == 1  # There are tables already.
    answer = portal.command("restore", str(file), "--replace")

    assert answer.returncode == 0, answer.stderr
    assert "Restored." in answer.stdout


@pytest.mark.parametrize("name", ["relay", "web", "valkey"])
def test_crashed_child_is_started_again(portal, name):
    before = portal.state["pids"][name]

    os.kill(before, signal.SIGKILL)

    assert wait_until(lambda: portal.state["pids"].get(name, before) != before, 20), portal.said
    assert wait_until(lambda: portal.ask("/readyz")[0] == 200, 40), portal.ask("/readyz")
    assert f"{name} was killed by signal 9; it is started again" in portal.said


def test_termination_stops_everything_in_order(portal):
    family = portal.family()
    began = time.monotonic()

    portal.process.terminate()

    assert portal.process.wait(30) == 0
    assert time.monotonic() - began < 30
    assert gone(family, 1) == {}
    assert portal.state == {}
    log = (portal.folder / ".anso/logs/postgres.log").read_text()
    assert log.strip().endswith("database system is shut down")


def test_kill_leaves_nothing_and_data_stay(portal, folder):
    """Quick, too: the limit is 8 s on a machine that does nothing else, and this one runs the other tests."""
    assert portal.process.poll() is not None
    began = time.monotonic()
    with Portal(folder, "--no-sample") as again:
        again.wait()
        took = time.monotonic() - began
        family = again.family()
        assert len(family) > len(SERVICES)
        assert "Making the database." not in again.said
        assert "Bringing the database up to date." not in again.said

        again.process.kill()

        assert gone(family, 10) == {}
    assert took < 30
