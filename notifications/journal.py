"""What a sender does, noted on its machine's own disk before the database is told.

A sender that is killed leaves rows of which nobody could say whether they went out; its notes can. They are written without
waiting for the disk: they outlive the process. After a machine died, what was noted as sent still counts; what was not
noted may have been lost, so nothing follows from that (`boot`). Senders on other machines have notes of their own.
"""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

KEPT = timedelta(days=2)  # far longer than any lease
FENCED, BEGUN, SENT = "fenced", "begun", "sent"

Mark = tuple[int, str]  # number and lease of a delivery


@dataclass
class Notes:
    sent: set[Mark] = field(default_factory=set)
    begun: set[Mark] = field(default_factory=set)
    leases: set[str] = field(default_factory=set)  # whose senders note each message that they begin, since this boot

    def not_begun(self, mark: Mark) -> bool:
        """For sure: not only that nothing is known."""
        return mark[1] in self.leases and mark not in self.begun


def note_fence(lease: UUID | None) -> bool:
    """Each message behind the fence will be noted when it is begun. False where the disk is full."""
    return _write(f"{FENCED} 0 {lease} {_boot()}")


def note_begun(number: int, lease: UUID | None) -> bool:
    return _write(f"{BEGUN} {number} {lease}")


def note_sent(number: int, lease: UUID | None) -> bool:
    return _write(f"{SENT} {number} {lease}")


def notes() -> Notes:
    """All of the last two days; what is older is thrown away."""
    found, boot = Notes(), _boot()
    oldest = _file(datetime.now(UTC) - KEPT)
    for file in _folder().glob("sent-*.log"):
        if file < oldest:
            file.unlink(missing_ok=True)
            continue
        for line in file.read_text(errors="replace").splitlines():
            match line.split():
                case [kind, number, lease] if kind in (BEGUN, SENT) and number.isdigit() and len(lease) == 36:
                    (found.sent if kind == SENT else found.begun).add((int(number), lease))
                case [kind, _zero, lease, told] if kind == FENCED and told == boot != "unknown":
                    found.leases.add(lease)
                case _cut_short_by_a_full_disk:
                    continue
    return found


def _write(line: str) -> bool:
    """One write, so that lines of several senders never mix. A full disk must not stop the mail."""
    try:
        handle = os.open(_file(datetime.now(UTC)), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            content = f"{line}\n".encode()
            return os.write(handle, content) == len(content)
        finally:
            os.close(handle)
    except OSError:
        return False


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return "unknown"


def _folder() -> Path:
    folder = Path(settings.STATE_DIR) / "outbox"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _file(moment: datetime) -> Path:
    return _folder() / f"sent-{moment:%Y%m%d}.log"
