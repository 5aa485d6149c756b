"""What the supervisor writes: lines, its state and marks."""

import io
import os
import time

import pytest

from anso_portal.supervisor import marks, output, processes, state
from tests.anso_portal.supervisor.acts import ROOT

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
