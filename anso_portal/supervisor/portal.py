"""The whole portal as one command: its children are started in order, watched, and stopped in order."""

import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from anso_portal.supervisor.children import Child, Warden
from anso_portal.supervisor.output import Log, Terminal
from anso_portal.supervisor.places import private_folder
from anso_portal.supervisor.processes import boot_id, clean_environment, start_time, wait_until
from anso_portal.supervisor.state import State

SETUP = 1800.0  # Seconds for a step of the set-up; a large database migrates slowly.
STOP_ORDER = (("web", "beat", "relay"), ("worker",), ("valkey", "postgres"))
FIRMLY = 2.0  # Seconds between telling a child firmly and killing it.


class Stopped(Exception):
    """Somebody asked us to stop."""


class Failed(Exception):
    """The portal cannot go on; the message says why."""


class Portal:
    def __init__(self, root: Path, state: State, terminal: Terminal):
        self.root, self.state, self.terminal = root, state, terminal
        self.environment = clean_environment(PYTHONUNBUFFERED="1")
        self.owner: dict[str, str] = {}  # What steps of the set-up know beside, and no other child.
        self.children: list[Child] = []
        self.steps: list[Child] = []
        self.began = time.time()
        self.stop_requests = 0
        self.tending = False  # From the moment that the servers are ready.
        self.sockets: Path | None = None
        self.logs: dict[str, Log] = {}
        self.warden = Warden()
        private_folder(state.folder / "logs")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.request_stop)

    # Nothing waits without looking whether it should stop.

    def request_stop(self, *_signal) -> None:
        self.stop_requests += 1

    def pause(self, seconds: float) -> None:
        if not self.stop_requests:
            time.sleep(seconds)
        if self.stop_requests:
            raise Stopped
        if self.tending:
            self.tend()

    def wait_for(self, check: Callable[[], bool], seconds: float) -> bool:
        return wait_until(check, seconds, self.pause)

    # Children run as long as the portal, steps only for a while.

    def log(self, name: str) -> Log:
        if name not in self.logs:
            self.logs[name] = Log(self.state.folder / "logs" / f"{name}.log")
        return self.logs[name]

    def add(self, child: Child) -> Child:
        self.children.append(child)
        self.start(child)
        return child

    def start(self, child: Child) -> None:
        if child.process:
            self.warden.ended(child.process)
        child.start(self.terminal, self.log(child.name), self.warden)
        self.save_processes()

    def save_processes(self) -> None:
        pids = {"supervisor": os.getpid()}
        pids.update((child.name, child.process.pid) for child in self.children if child.process and child.running)
        self.state.save(pids=pids, started={name: start_time(pid) for name, pid in pids.items()}, boot_id=boot_id())

    def begin(self, *arguments: str) -> Child:
        """Starts a command of manage.py as a step of the set-up."""
        environment = {**self.environment, **self.owner}
        step = Child("setup", [sys.executable, self.root / "manage.py", *arguments], environment, self.root)
        self.steps.append(step)
        step.start(self.terminal, self.log("setup"), self.warden)
        return step

    def finish(self, step: Child, what: str) -> None:
        assert step.process
        if not self.wait_for(lambda: not step.running, SETUP):
            raise Failed(f"{what} took longer than {SETUP / 60:g} minutes.")
        self.warden.ended(step.process)
        self.steps.remove(step)
        if step.process.returncode:
            raise Failed(f"{what} failed; see above, and {self.state.folder / 'logs' / 'setup.log'}.")

    # Watching and stopping

    def watch(self) -> None:
        """Until somebody asks to stop, or a child crashes too often."""
        while True:
            self.pause(0.2)

    def tend(self) -> None:
        """Starts again what crashed."""
        for child in self.children:
            if not child.running:
                self._revive(child)

    def _revive(self, child: Child) -> None:
        if child.process:
            code = child.process.returncode
            child.end_group()
            self.warden.ended(child.process)
            child.process = None
            how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
            if not child.crashed():
                raise Failed(f"{child.name} {how}, too often in too short a time; see the log of {child.name}.")
            self.terminal.say(f"{child.name} {how}; it is started again in {child.due_at - time.monotonic():.1f} s.")
        elif time.monotonic() >= child.due_at:
            self.start(child)

    def stop(self) -> None:
        """In order, and within half a minute. Asked a second time, at once."""
        for step in self.steps:
            step.send(signal.SIGTERM)
        self._end(self.steps, patience=3)
        for names in STOP_ORDER:
            stage = [child for child in self.children if child.name in names]
            for child in stage:
                child.send(child.stop_signal)
            self._end(stage, patience=max((child.patience for child in stage), default=0))
        self.state.forget()
        if self.sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)
        self.warden.dismiss()

    def _end(self, children: list[Child], *, patience: float) -> None:
        asked = self.stop_requests

        def ended() -> bool:
            return not any(child.running for child in children)

        wait_until(lambda: ended() or self.stop_requests > max(asked, 1), patience)
        for child in children:
            child.send(child.firm_signal)
        wait_until(ended, FIRMLY)
        for child in children:
            child.end_group()
            if child.process:
                self.warden.ended(child.process)
