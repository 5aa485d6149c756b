"""Ends what is left when the supervisor is killed. It runs on its own and imports the standard library only.

The supervisor writes a line for each process group that it starts or has seen end. When the pipe closes, whatever was not
seen to end is asked once more and then killed. On macOS this is the only guard; on Linux the system tells the children too.
"""

import os
import signal
import sys
import time

PATIENCE = 4.0


def main() -> None:
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    groups: dict[int, int] = {}
    for line in sys.stdin:
        word, leader, *firmly = line.split()
        if word == "started":
            groups[int(leader)] = int(firmly[0])
        else:
            groups.pop(int(leader), None)
    for group, number in groups.items():
        send(group, number)
    end = time.monotonic() + PATIENCE
    while groups and time.monotonic() < end:
        groups = {group: number for group, number in groups.items() if send(group, 0)}
        time.sleep(0.1)
    for group in groups:
        send(group, signal.SIGKILL)


def send(group: int, number: int) -> bool:
    """False where the group is gone."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return False
    return True


if __name__ == "__main__":
    main()
