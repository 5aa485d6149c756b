"""A long-running child: started, listened to, started again when it crashes, stopped."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from anso_portal.supervisor.output import Log, Terminal, readable
from anso_portal.supervisor.places import Account
from anso_portal.supervisor.processes import send, spawn

CRASHES, WINDOW = 5, 60.0  # More in this many seconds, and it is not worth another try.


class Warden:
    """Our end of the pipe to warden.py."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-I", Path(__file__).with_name("warden.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def started(self, process: subprocess.Popen, number: int) -> None:
        self._write(f"started {process.pid} {int(number)}\n")

    def ended(self, process: subprocess.Popen) -> None:
        self._write(f"ended {process.pid}\n")

    def _write(self, line: str) -> None:
        assert self.process.stdin
        try:
            self.process.stdin.write(line)
            self.process.stdin.flush()
        except OSError:
            pass  # Without it, Linux still tells the children.

    def dismiss(self) -> None:
        """It ends by itself when nothing is left to end."""
        assert self.process.stdin
        try:
            self.process.stdin.close()
            self.process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()


@dataclass
class Child:
    name: str
    command: list
    environment: dict[str, str]
    folder: Path
    stop_signal: int = signal.SIGTERM
    firm_signal: int = signal.SIGKILL  # When asking was not enough, and when we are killed.
    patience: float = 8.0
    account: Account | None = None
    keep_open: tuple[int, ...] = ()
    hides: Callable[[str], bool] = lambda line: False
    process: subprocess.Popen | None = None
    crashes: list[float] = field(default_factory=list)
    due_at: float = 0.0

    def start(self, terminal: Terminal, log: Log, warden: Warden) -> None:
        self.process = spawn(
            self.command,
            account=self.account,
            death_signal=self.firm_signal,
            env=self.environment,
            cwd=self.folder,
            pass_fds=self.keep_open,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        warden.started(self.process, self.firm_signal)
        threading.Thread(target=self._listen, args=(self.process, terminal, log), daemon=True).start()

    def _listen(self, process: subprocess.Popen, terminal: Terminal, log: Log) -> None:
        assert process.stdout
        for line in process.stdout:
            text = line.rstrip()
            if not text:
                continue
            log.write(text)
            if not self.hides(text):
                for shown in readable(text):
                    terminal.line(self.name, shown)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def crashed(self) -> bool:
        """Notes a crash and when to try again. False where it crashed too often."""
        now = time.monotonic()
        self.crashes = [moment for moment in self.crashes if now - moment < WINDOW] + [now]
        self.due_at = now + 0.5 * 2 ** (len(self.crashes) - 1)
        return len(self.crashes) <= CRASHES

    def send(self, number: int) -> None:
        if self.process and self.running:
            send(self.process, number)

    def end_group(self) -> None:
        """Whatever the child itself left behind: a pool's processes, a web worker."""
        if self.process:
            send(self.process, signal.SIGKILL, group=True)
            self.process.wait(10)
