"""What `bin/test` runs: with arguments pytest alone, without them the checks of the code and then all tests.

`--long` adds the tests that take minutes. Pytest's summary is the last line unless a check of the code failed.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CHECKS = {
    "ruff": ["ruff", "check", "."],
    "format": ["ruff", "format", "--check", "--quiet", "."],
    "djlint": ["djlint", "--lint", "--quiet", "templates"],
    "imports": ["imports", "--no-cache"],
    "migrations": ["manage", "makemigrations", "--check", "--dry-run"],
    "mypy": ["mypy", "--no-error-summary", "."],
}
# What is no module that runs by its name. The linter of imports has a command only, and says nothing as a module.
PROGRAMS = {
    "manage": ["manage.py"],
    "imports": [
        "-c",
        "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())",
    ],
}
# Enough for the settings to load; no check opens a connection.
PLACEHOLDERS = {
    "ANSO_IGNORE_RUNNING_PORTAL": "1",
    "DATABASE_URL": "postgresql://nobody@/nothing?host=/nowhere",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "only-for-the-checks-and-never-for-anything-else",
}


def main() -> int:
    arguments = sys.argv[1:]
    everything = "--long" in arguments
    arguments = [argument for argument in arguments if argument != "--long"]
    failed = [] if arguments else [name for name, command in CHECKS.items() if not passes(name, command)]
    command = [sys.executable, "-m", "pytest"]
    command += ["-m", ""] if everything else []
    command += arguments or ["-n", "2", "--dist", "loadfile", "tests"]
    code = subprocess.run(command, cwd=ROOT).returncode
    if failed:
        print(f"Checks of the code that failed (see above): {', '.join(failed)}.", flush=True)
    return code or bool(failed)


def passes(name: str, command: list[str]) -> bool:
    start = time.monotonic()
    module, *arguments = command
    program = PROGRAMS.get(module, ["-m", module])
    run = subprocess.run(
        [sys.executable, *program, *arguments],
        cwd=ROOT,
        env={**os.environ, **PLACEHOLDERS},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(f"{name:>10}: {'failed' if run.returncode else 'ok'} ({time.monotonic() - start:.1f} s)", flush=True)
    if run.returncode:
        print(run.stdout, flush=True)
    return run.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
