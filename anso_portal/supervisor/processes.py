"""Starting and stopping processes so that none is left behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from anso_portal.supervisor.places import Account

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def clean_environment(**changes: str) -> dict[str, str]:
    """Ours without what would steer PostgreSQL's programs elsewhere (PGHOST, PGPORT, PGOPTIONS …)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**kept, **changes}


def spawn(
    command: list,
    *,
    account: Account | None = None,
    death_signal: int = signal.SIGKILL,
    **options,
) -> subprocess.Popen:
    """Starts a process in a group of its own that gets `death_signal` when we die. Call it from the main thread only.

    Linux sends that signal when the *thread* that started the child ends. Changing the account clears it, so it is asked
    for after that, which is when `preexec_fn` runs. Elsewhere the warden does it alone.
    """
    parent = os.getpid()

    def die_with_parent() -> None:
        assert _libc
        _libc.prctl(PR_SET_PDEATHSIG, death_signal)
        if os.getppid() != parent:  # It died before we could ask.
            os._exit(1)

    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=die_with_parent if _libc else None,
        **(account.popen if account else {}),
        **options,
    )


def wait_until(check: Callable[[], bool], seconds: float, pause: Callable[[float], None] = time.sleep) -> bool:
    """Asks until the answer is yes or the time is over."""
    end = time.monotonic() + seconds
    step = 0.02
    while not check():
        if time.monotonic() > end:
            return False
        pause(step)
        step = min(step * 1.3, 0.25)
    return True


def send(process: subprocess.Popen, number: int, *, group: bool = False) -> None:
    try:
        if group:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
    except (ProcessLookupError, PermissionError):
        pass


def stop(process: subprocess.Popen, number: int, seconds: float, pause: Callable[[float], None] = time.sleep) -> bool:
    """Asks the process to stop, then kills its whole group. True where asking was enough."""
    send(process, number)
    gently = wait_until(lambda: process.poll() is not None, seconds, pause)
    send(process, signal.SIGKILL, group=True)
    process.wait(10)
    return gently


def start_time(pid: int) -> str:
    """When the process was started, which tells it from a later one with the same number; empty if there is none.

    One that has ended counts as none, though it keeps its number until its parent asks: in a container perhaps for ever.
    """
    try:
        facts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return "" if facts[0] in "ZX" else facts[19]
    except OSError:
        if sys.platform == "linux":
            return ""
    answer = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, timeout=10)
    return answer.stdout.strip()


def boot_id() -> str:
    """Tells one start of the machine from another: process numbers mean nothing after it."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        answer = subprocess.run(["sysctl", "-n", "kern.boottime"], capture_output=True, text=True, timeout=10)
        return answer.stdout.strip()
