"""The parts of the supervisor on their own; test_up.py shows them together."""

import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from anso_portal.supervisor import addresses, binaries, marks, output, places, processes, servers, startup, state
from anso_portal.supervisor.children import CRASHES, Child

ROOT = Path(__file__).resolve().parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux tells children of the death of their parent.")


# --- Places


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/srv/anso/.anso/pg/.s.PGSQL.5432", False),
        ("/" + "x" * 99, False),
        ("/" + "x" * 100, True),
        ("/" + "я" * 60, True),
        ("/my clone/s.sock", True),
        ("/100%/s.sock", True),
        ("/a?b#c/s.sock", True),
    ],
)
def test_awkward_socket(path, answer):
    assert places.awkward(Path(path)) is answer


def test_short_folder_is_ours_alone(monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / ("x" * 80)))

    folder = places.short_folder()
    try:
        assert folder.parent == Path("/tmp")
        assert folder.stat().st_mode & 0o077 in (0, 0o011)
        assert folder.stat().st_uid == os.geteuid()
    finally:
        folder.rmdir()


def test_private_folder_mends_an_open_one(tmp_path):
    (tmp_path / "open").mkdir(mode=0o755)

    assert places.private_folder(tmp_path / "open").stat().st_mode & 0o777 == 0o700


def test_private_folder_where_a_file_stands_is_told(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(places.PlaceProblem, match="file/inner cannot be used"):
        places.private_folder(tmp_path / "file/inner")


# --- Binaries


def test_wheels_come_first():
    assert binaries.postgres_programs() == binaries.wheel_postgres()
    assert binaries.valkey_server() == binaries.wheel_valkey()


def fake_postgres(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    for name in ("postgres", "pg_dump", "psql", "pg_restore"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """No wheels, and no programs but those that a test makes."""
    monkeypatch.setattr(binaries, "_package", lambda name: None)
    monkeypatch.setattr(binaries, "machine_postgres", list)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path


def test_machine_is_asked_where_there_are_no_wheels(bare, monkeypatch):
    old, new = fake_postgres(bare / "14", "14.9"), fake_postgres(bare / "16", "16.1 (Debian 16.1-1)")
    monkeypatch.setattr(binaries, "machine_postgres", lambda: [old, new])
    (bare / "bin").mkdir()
    (bare / "bin/redis-server").touch(mode=0o755)

    assert binaries.postgres_programs() == new
    assert binaries.valkey_server() == bare / "bin/redis-server"


def test_no_server_names_three_ways_out(bare):
    for find, address in ((binaries.postgres_programs, "DATABASE_URL"), (binaries.valkey_server, "REDIS_URL")):
        with pytest.raises(binaries.ServerMissing, match=f"requirements-embedded.*on this machine.*{address}"):
            find()


def test_too_old_postgres_is_none(bare, monkeypatch):
    monkeypatch.setattr(binaries, "machine_postgres", lambda: [fake_postgres(bare / "14", "14.9")])

    with pytest.raises(binaries.ServerMissing, match="PostgreSQL 15 or later"):
        binaries.postgres_programs()


def test_clients_are_not_older_than_the_server(bare, monkeypatch):
    old, new = fake_postgres(bare / "15", "15.2"), fake_postgres(bare / "18", "18.1")
    monkeypatch.setattr(binaries, "machine_postgres", lambda: [old, new])

    assert binaries.postgres_clients(at_least=15) == old
    assert binaries.postgres_clients(at_least=18) == new
    with pytest.raises(binaries.ServerMissing, match="PostgreSQL 19 or later"):
        binaries.postgres_clients(at_least=19)


def test_a_program_that_does_not_run_here_is_no_program(tmp_path):
    (tmp_path / "postgres").write_bytes(b"\x7fELF of another machine")
    (tmp_path / "postgres").chmod(0o755)

    assert binaries.major_version(tmp_path / "postgres") == 0


# --- Locale


@pytest.mark.parametrize(
    ("version", "provider"), [(16, []), (18, ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"])]
)
def test_letters_are_known_but_sorting_is_by_bytes(version, provider):
    options = servers.locale_options(version)

    assert options[0] == "--locale=C"
    assert options[1].upper().endswith("UTF-8")
    assert options[2:] == provider


# --- Addresses


def test_first_free_port_is_taken_and_kept(monkeypatch):
    monkeypatch.setattr(addresses, "LAST", addresses.FIRST + 50)
    first, second = addresses.Address(), addresses.Address()

    assert addresses.FIRST <= first.port < second.port
    assert first.url == f"http://127.0.0.1:{first.port}"
    with pytest.raises(addresses.PortTaken, match=str(first.port)):
        addresses.Address(first.port)
    with socket.socket() as visitor:
        assert visitor.connect_ex(("127.0.0.1", first.port)) != 0  # Nobody listens before the portal is ready.


@pytest.mark.parametrize("port", [-1, 65536])
def test_impossible_port_is_told(port):
    with pytest.raises(addresses.PortTaken, match="There is no port"):
        addresses.Address(port)


# --- Output


class Screen(io.TextIOWrapper):
    def __init__(self, tty: bool):
        super().__init__(io.BytesIO())
        self.tty = tty

    def isatty(self):
        return self.tty


@pytest.mark.parametrize(
    ("tty", "variables", "answer"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"NO_COLOR": "1"}, False),
        (True, {"NO_COLOR": ""}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_colour_is_for_terminals_that_want_it(monkeypatch, tty, variables, answer):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert output.wants_colour(Screen(tty)) is answer


@pytest.mark.parametrize(
    ("colour", "line"), [(False, "     web | hello\n"), (True, "\033[32m     web |\033[0m hello\n")]
)
def test_line_says_whose_it_is(tmp_path, colour, line):
    with (tmp_path / "screen").open("w") as screen:
        terminal = output.Terminal(colour=colour, stream=screen)
        terminal.line("web", "hello")
        terminal.close()

    assert (tmp_path / "screen").read_text() == line


def test_reader_who_does_not_read_stops_nobody():
    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as screen:
        terminal = output.Terminal(colour=False, stream=screen)
        began = time.monotonic()
        for _ in range(20_000):
            terminal.line("web", "x" * 80)
        terminal.close()
        os.close(reader)

    assert time.monotonic() - began < 10


def test_long_log_is_put_aside(tmp_path):
    path = tmp_path / "web.log"
    path.write_text("x" * (output.LARGEST_LOG + 1))

    output.Log(path).write("new")

    assert path.read_text() == "new\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "web.log.1").stat().st_size == output.LARGEST_LOG + 1


# --- State


def test_state_is_written_whole_and_closed(tmp_path):
    kept = state.State(tmp_path)
    kept.save(portal_url="http://127.0.0.1:8000")
    kept.save(pids={"web": 1})

    assert kept.read() == {"portal_url": "http://127.0.0.1:8000", "pids": {"web": 1}}
    assert [path.name for path in tmp_path.iterdir()] == ["state.json"]
    assert kept.path.stat().st_mode & 0o777 == 0o600


def test_secret_key_is_made_once(tmp_path):
    state.State(tmp_path).secret_key()
    key = (tmp_path / "secret_key").read_text()
    state.State(tmp_path).secret_key()

    assert len(key) >= 50
    assert (tmp_path / "secret_key").read_text() == key


def test_lock_is_for_one(tmp_path):
    first = state.State(tmp_path)
    first.lock()
    first.save(portal_url="http://127.0.0.1:8123")

    with pytest.raises(state.AlreadyRunning, match=r"at http://127\.0\.0\.1:8123"):
        state.State(tmp_path).lock()


def test_live_processes_are_those_that_were_meant():
    me = os.getpid()
    facts = {
        "boot_id": processes.boot_id(),
        "pids": {"me": me, "other": me, "gone": 2**22 - 1},
        "started": {"me": processes.start_time(me), "other": "1", "gone": "1"},
    }

    assert state.live_processes(facts) == {"me": me}
    assert state.live_processes({**facts, "boot_id": "before"}) == {}
    assert state.live_processes({}) == {}


# --- Processes


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


# --- Marks


def test_fingerprint_changes_with_content_and_name(tmp_path):
    (tmp_path / "one").write_text("1")
    before = marks.fingerprint(tmp_path, [tmp_path / "one"])
    (tmp_path / "one").touch()
    assert marks.fingerprint(tmp_path, [tmp_path / "one"]) == before

    (tmp_path / "one").write_text("2")
    assert marks.fingerprint(tmp_path, [tmp_path / "one"]) != before


def test_database_that_does_not_answer_has_no_mark(tmp_path):
    assert marks.migrations_mark(ROOT, f"postgresql://anso@/anso?host={tmp_path}") == ""


def test_translations_are_compiled_where_they_are_stale(tmp_path):
    folder = tmp_path / "locale/fr/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8"\n\nmsgid "a"\nmsgstr "b"\n'
    )

    assert marks.compile_catalogues(tmp_path) == ["fr"]
    assert (folder / "django.mo").stat().st_size > 0
    assert marks.compile_catalogues(tmp_path) == []

    os.utime(folder / "django.po", (time.time() + 10, time.time() + 10))
    assert marks.compile_catalogues(tmp_path) == ["fr"]


# --- What comes before: bin/with-python


def run_with_python(tmp_path, **pythons: str) -> subprocess.CompletedProcess:
    """With these fake Pythons only; the shell's own commands come from an empty PATH."""
    for name, script in pythons.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    command = ["/bin/sh", ROOT / "bin/with-python", "-c", "print('found')"]
    return subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, timeout=20)


OLD = "exit 1"
WITHOUT_VENV = 'case "$2" in *ensurepip*) exit 1;; esac'
NEW = f'exec {sys.executable} "$@"'


def test_new_enough_python_is_found_behind_an_old_one(tmp_path):
    answer = run_with_python(tmp_path, **{"python3": OLD, "python3.13": WITHOUT_VENV, "python3.11": NEW})

    assert (answer.returncode, answer.stdout) == (0, "found\n")


@pytest.mark.parametrize(
    ("pythons", "sentence"),
    [
        ({}, "Python 3.11 or later is needed"),
        ({"python3": OLD}, "Python 3.11 or later is needed"),
        (
            {"python3": OLD, "python3.12": WITHOUT_VENV},
            "python3.12 cannot make virtual environments: install its venv module",
        ),
    ],
)
def test_one_sentence_says_what_to_install(tmp_path, pythons, sentence):
    answer = run_with_python(tmp_path, **pythons)

    assert answer.returncode == 1
    assert sentence in answer.stderr
    assert len(answer.stderr.splitlines()) == 1


# --- Servers that an earlier start left


@pytest.fixture(scope="module")
def cluster():
    folder = places.short_folder()
    account = places.postgres_account(folder / "pg")
    server = servers.Postgres(
        places.private_folder(folder / "pg", account),
        places.reachable_programs(binaries.postgres_programs(), folder, account),
        account=account,
        settings=servers.THROW_AWAY,
    )
    server.prepare(sync=False)
    yield server
    shutil.rmtree(folder)


def run_server(server, tries: int = 1) -> subprocess.Popen:
    for _ in range(tries):
        process = processes.spawn(
            server.command, account=server.account, env=server.environment, cwd="/", stderr=subprocess.DEVNULL
        )
        if processes.wait_until(lambda: server.is_ready() or process.poll() is not None, 20) and process.poll() is None:  # noqa: B023 (asked at once)
            return process
        time.sleep(1)
    raise AssertionError("PostgreSQL did not start.")


def test_left_postgres_is_stopped(cluster):
    left = run_server(cluster)

    cluster.stop_stale()

    assert left.wait(5) == 0
    assert not (cluster.data / "postmaster.pid").exists()


def test_killed_postgres_is_no_hindrance(cluster):
    run_server(cluster).kill()
    assert processes.wait_until(lambda: not cluster.is_ready(), 10)

    cluster.stop_stale()
    again = run_server(cluster, tries=startup.TRIES)

    cluster.create_database()
    cluster.create_database()
    assert processes.stop(again, cluster.death_signal, 10)


def test_number_of_a_left_postgres_may_be_another_process_by_now(cluster):
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n")

    cluster.stop_stale()

    assert not (cluster.data / "postmaster.pid").exists()


def test_data_of_another_version_are_told(cluster, monkeypatch):
    monkeypatch.setattr(servers, "major_version", lambda program: 99)

    with pytest.raises(
        servers.ServerProblem, match=r"made by PostgreSQL \d+, but the programs found are of PostgreSQL 99"
    ):
        cluster.prepare()


def test_half_made_cluster_is_made_again(cluster, tmp_path):
    """The folder gets its name when it is whole, so nobody takes a half for it."""
    half = cluster.folder / "data.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    whole = servers.Postgres(cluster.folder, cluster.programs, account=cluster.account)
    whole.data = cluster.folder / "second"

    whole.prepare(sync=False)

    assert (whole.data / "global/pg_control").exists()
    assert not half.exists()


def test_left_valkey_is_stopped():
    folder = places.short_folder()
    server = servers.Valkey(folder / "kv", binaries.valkey_server(), save="")
    server.prepare()
    left = processes.spawn(server.command, stdout=subprocess.DEVNULL)
    try:
        assert processes.wait_until(server.is_ready, 10)

        server.stop_stale()

        assert left.wait(5) == 0
    finally:
        left.kill()
        shutil.rmtree(folder)
