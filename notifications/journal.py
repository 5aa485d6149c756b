"""What a mail server has taken, noted on this machine's own disk before the database is told.

A sender that is killed between the two leaves a row of which nobody could say whether it went out; the note can. It is
written without waiting for the disk: it outlives the process, and a machine that dies takes only what it said last.
Senders on other machines have notes of their own, so what a dead machine sent stays in doubt until it is back.
"""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings

KEPT = timedelta(days=2)  # far longer than any lease

Mark = tuple[int, str]  # number and lease of a delivery


def note(number: int, lease: UUID | None) -> None:
    """A full disk must not stop the mail: without its note a row is at worst in doubt."""
    line = f"{number} {lease}\n".encode()
    try:
        handle = os.open(_file(datetime.now(UTC)), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line)  # one write, so that lines of several senders never mix
        finally:
            os.close(handle)
    except OSError:
        return


def noted() -> set[Mark]:
    """All of the last two days; what is older is thrown away."""
    marks = set()
    oldest = _file(datetime.now(UTC) - KEPT)
    for file in _folder().glob("sent-*.log"):
        if file < oldest:
            file.unlink(missing_ok=True)
            continue
        for line in file.read_text(errors="replace").splitlines():
            number, _space, lease = line.partition(" ")
            try:
                marks.add((int(number), str(UUID(lease))))
            except ValueError:
                continue  # cut short by a full disk
    return marks


def _folder() -> Path:
    folder = Path(settings.STATE_DIR) / "outbox"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _file(moment: datetime) -> Path:
    return _folder() / f"sent-{moment:%Y%m%d}.log"
