"""A mail server that takes everything and writes down what it took before it says so, or fails as real ones do.

    python bench/sink.py PORT LOG SEED [refuse] [drop] [slow]

`refuse`: 5 % of the recipients are answered 421, 10 % 451, and each address that begins with “bad” 550. `drop`: 3 % of the
connections are lost after the message was taken. `slow`: 20 ms for each message.
"""

import asyncio
import os
import random
import re
import signal
import sys

from aiosmtpd.controller import Controller

MESSAGE_ID = re.compile(rb"^Message-ID: *(<[^>]+>)", re.IGNORECASE | re.MULTILINE)


class Sink:
    def __init__(self, log: str, seed: int, faults: set[str]):
        self.log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        self.dice, self.faults = random.Random(seed), faults

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if "refuse" in self.faults:
            thrown = self.dice.random()
            if address.startswith("bad"):
                return "550 no such address"
            if thrown < 0.15:
                return "421 too busy" if thrown < 0.05 else "451 try later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        found = MESSAGE_ID.search(envelope.content)
        os.write(self.log, (found[1] if found else b"<none>") + b" " + envelope.rcpt_tos[0].encode() + b"\n")
        if "slow" in self.faults:
            await asyncio.sleep(0.02)
        if "drop" in self.faults and self.dice.random() < 0.03:
            server.transport.abort()
        return "250 queued"


def main(port: str, log: str, seed: str, *faults: str) -> None:
    controller = Controller(Sink(log, int(seed), set(faults)), hostname="127.0.0.1", port=int(port))
    controller.start()
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    controller.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
