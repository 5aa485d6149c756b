"""What comes before: bin/with-python."""

import subprocess
import sys

import pytest

from tests.anso_portal.supervisor.acts import ROOT


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
