"""What becomes of mail when the parts of the portal die, stall or forget: nothing is lost, and what is double is counted.

    .venv/bin/python bench/faults.py [--mails 1000] [--seeds 5] [FAULT ...]

starts a PostgreSQL (which writes safely to disk), a Valkey, a mail server, Celery workers, beat and relays, announces offers
that so many mails tell, and meanwhile does what the fault says. The waits of the portal are scaled down (bench/fault_settings.py).
It ends with 1 unless in each run every committed mail was taken by the mail server or refused by it for good, nothing was sent more
often than it is counted as in doubt, each copy carried the Message-ID of the row, and no row says “sent” that was not taken.
"""

import argparse
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from deadline import free_port, listens
from import_ror import ROOT, manage, settings_for, throw_away_server

FOLLOWERS = 50  # one of them with an address that `refuse` refuses
PACE = 80  # mails announced in a second
PATIENCE = 150  # seconds after which a mail that has not ended counts as stuck


@dataclass
class Fault:
    """`act` runs beside the announcements; the rest says which parts there are."""

    act: Callable[["Parts"], None] = lambda parts: None
    sink: tuple[str, ...] = ()
    workers: int = 1
    beats: int = 1
    relays: int = 1
    redis: bool = True
    visibility: int = 3600


class Parts:
    """All processes of one run."""

    def __init__(self, postgres, folder: Path, fault: Fault, dice: random.Random, seconds: float):
        self.postgres, self.folder, self.fault, self.dice = postgres, folder, fault, dice
        self.seconds = seconds
        self.port = free_port()
        self.log = folder / "sink.log"
        self.valkey = None
        self.running: dict[str, subprocess.Popen] = {}
        self.environment = {
            **os.environ,
            "EMAIL_URL": f"smtp://127.0.0.1:{self.port}",
            "VISIBILITY_TIMEOUT": str(fault.visibility),
            "LOG_LEVEL": "ERROR",
        }

    def start(self) -> None:
        self.start_sink()
        if self.fault.redis:
            self.start_redis()
        for name, number in (("worker", self.fault.workers), ("beat", self.fault.beats), ("relay", self.fault.relays)):
            for n in range(number):
                self.start_process(f"{name}{n}")

    def start_sink(self) -> None:
        seed = str(self.dice.randrange(10**6))
        self._run("sink", sys.executable, "bench/sink.py", str(self.port), str(self.log), seed, *self.fault.sink)
        while not listens(self.port):
            time.sleep(0.02)

    def start_process(self, name: str) -> None:
        celery = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "anso_portal"]
        commands = {
            "worker": [*celery, "worker", "-c", "2", "-l", "ERROR", "-n", f"{name}@bench"],
            "beat": [*celery, "beat", "-l", "ERROR", "-s", str(self.folder / name)],
            "relay": [sys.executable, "-W", "ignore", "manage.py", "relay"],
        }
        self._run(name, *commands[name.rstrip("0123456789")])

    def _run(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def start_redis(self) -> None:
        from anso_portal.supervisor.binaries import valkey_server
        from anso_portal.supervisor.processes import spawn, wait_until
        from anso_portal.supervisor.servers import Valkey

        self.valkey = Valkey(Path(os.environ["BENCH_VALKEY"]), valkey_server(), save="")
        self.valkey.prepare(sync=False)
        self.running["redis"] = spawn(
            self.valkey.command, env=self.valkey.environment, cwd="/", stdout=subprocess.DEVNULL
        )
        wait_until(self.valkey.is_ready, 30)

    def kill(self, name: str) -> None:
        """kill -9 of the process and its children."""
        process = self.running.pop(name, None)
        if process:
            with contextlib.suppress(ProcessLookupError):
                if name == "redis":
                    process.kill()
                else:
                    os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)

    def child_of(self, name: str) -> int | None:
        found = subprocess.run(["pgrep", "-P", str(self.running[name].pid)], capture_output=True, text=True).stdout
        return self.dice.choice([int(pid) for pid in found.split()]) if found else None

    def end(self) -> None:
        for name in list(self.running):
            self.kill(name)


# --- Faults


def every(times: int, act: Callable[[Parts], None], pause: float = 0.0) -> Callable[[Parts], None]:
    """At so many moments of the announcements, by chance but in order."""

    def run(parts: Parts) -> None:
        start = time.monotonic()
        for moment in sorted(parts.dice.uniform(0.3, parts.seconds) for _ in range(times)):
            time.sleep(max(start + moment - time.monotonic(), pause))
            act(parts)

    return run


def kill_worker(parts: Parts) -> None:
    parts.kill("worker0")
    parts.start_process("worker0")


def kill_child(parts: Parts) -> None:
    if child := parts.child_of("worker0"):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)


def lose_redis(parts: Parts) -> None:
    parts.kill("redis")
    time.sleep(0.3)
    parts.start_redis()


def crash_postgres(parts: Parts) -> None:
    parts.postgres.restart()


def stall(parts: Parts) -> None:
    from bench.fault_settings import LEASE

    group = parts.running["worker0"].pid
    os.killpg(group, signal.SIGSTOP)
    time.sleep(1.6 * LEASE)
    os.killpg(group, signal.SIGCONT)


def lose_sink(parts: Parts) -> None:
    parts.kill("sink")
    time.sleep(1.5)
    parts.start_sink()


def everything(parts: Parts) -> None:
    parts.dice.choice([kill_worker, kill_child, lose_redis, crash_postgres])(parts)


FAULTS = {
    "none": Fault(),
    "kill-worker": Fault(every(8, kill_worker, 0.5), sink=("slow",)),
    "kill-child": Fault(every(20, kill_child), sink=("slow",)),
    "redis-lost": Fault(every(6, lose_redis)),
    "redis-down": Fault(redis=False, workers=0, beats=0),
    "postgres-crash": Fault(every(5, crash_postgres, 0.5), sink=("slow",)),
    "stall": Fault(every(2, stall), sink=("slow",)),
    "smtp-refuses": Fault(sink=("refuse",)),
    "smtp-drops": Fault(sink=("drop",)),
    "smtp-down": Fault(every(4, lose_sink)),
    "two-of-all": Fault(workers=2, beats=2, relays=2),
    "visibility": Fault(sink=("slow",), visibility=5),
    "all": Fault(every(8, everything, 0.5), sink=("refuse", "drop", "slow"), workers=2, beats=2, relays=2),
}


# --- One run


class Postgres:
    """The server, and how it crashes and comes back."""

    def __init__(self, server, process):
        self.server, self.process = server, process

    def restart(self) -> None:
        from anso_portal.supervisor.processes import spawn, wait_until

        self.process.send_signal(self.server.death_signal)
        self.process.wait(20)
        self.process = spawn(
            self.server.command,
            account=self.server.account,
            env=self.server.environment,
            cwd="/",
            stderr=subprocess.DEVNULL,
        )
        wait_until(self.server.is_ready, 30)


@dataclass
class Told:
    committed: int = 0
    seconds: list[float] = field(default_factory=list)


def announce(number: int, seconds: float, told: Told, breaking: threading.Thread) -> None:
    """Each offer in a transaction of its own; one that the database did not confirm is tried again."""
    from django.db import DatabaseError, InterfaceError, connection

    from accounts.models import User
    from exchanges.actions.offers import open_offer
    from exchanges.models import Offer
    from workflow.actions import WrongState

    officer = User.objects.get(email="officer@example.org")
    offers = list(Offer.objects.filter(state="draft").order_by("pk")[:number])
    breaking.start()
    start = time.monotonic()
    for place, offer in enumerate(offers):
        time.sleep(max(start + seconds * place / number - time.monotonic(), 0))
        give_up_at = time.monotonic() + PATIENCE  # a database that died reads its log first, on a busy machine for long
        while time.monotonic() < give_up_at:
            began = time.monotonic()
            try:
                open_offer(offer=offer, by=officer)
            except WrongState:
                pass  # it was stored, though nobody could say so
            except (DatabaseError, InterfaceError):
                connection.close()
                time.sleep(0.2)
                continue
            told.seconds.append(time.monotonic() - began)
            told.committed += 1
            break
    connection.close()


def misbehave(fault: Fault, parts: Parts, broken: threading.Event) -> None:
    """Servers die with the thread that started them (PR_SET_PDEATHSIG), so this one stays for ever."""
    fault.act(parts)
    broken.set()
    threading.Event().wait()


def run(name: str, mails: int, seed: int, postgres) -> bool:
    from django.db import connection
    from django.db.models import Sum

    from notifications.models import Delivery, Event, Heartbeat

    fault, dice = FAULTS[name], random.Random(f"{name} {seed}")
    prepare(mails // FOLLOWERS)
    with tempfile.TemporaryDirectory(prefix="anso-faults-") as folder:
        os.environ["BENCH_VALKEY"] = f"{folder}/valkey"
        os.environ["ANSO_STATE_DIR"] = folder
        os.environ["REDIS_URL"] = f"unix://{folder}/valkey/s.sock?db=0"
        use(os.environ["REDIS_URL"])
        parts = Parts(postgres, Path(folder), fault, dice, max(mails / PACE, 3.0))
        parts.start()
        began, broken = time.monotonic(), threading.Event()
        try:
            lives = {"worker": fault.workers, "relay": fault.relays}
            while not all(Heartbeat.objects.filter(name=one).exists() for one, number in lives.items() if number):
                time.sleep(0.1)
            told = Told()
            breaking = threading.Thread(target=misbehave, args=[fault, parts, broken], daemon=True)
            announce(mails // FOLLOWERS, parts.seconds, told, breaking)
            broken.wait(PATIENCE)
            connection.close()  # that of the time before the last crash
            open_states = ["pending", "retry", "leased"]
            end = time.monotonic() + PATIENCE
            while Delivery.objects.filter(state__in=open_states).exists() and time.monotonic() < end:
                time.sleep(0.2)
        finally:
            parts.end()
        taken = Counter(line.split()[0] for line in parts.log.read_text().splitlines())
    rows = list(Delivery.objects.values("message_id", "state", "address"))
    written = {row["message_id"] for row in rows}
    sent = {row["message_id"] for row in rows if row["state"] == "sent"}
    refused = {row["message_id"] for row in rows if row["state"] == "dead" and row["address"].startswith("bad")}
    lost = len(written - sent - refused)
    double = sum(taken.values()) - len(taken)
    doubt = Delivery.objects.aggregate(n=Sum("uncertain"))["n"] or 0
    strange = len(set(taken) - written)
    untrue = len(sent - set(taken))
    missing = told.committed - Event.objects.count()
    # Who was refused for good hears no more of later announcements; everybody else hears of each.
    whole = sum(not row["address"].startswith("bad") for row in rows) == mails - mails // FOLLOWERS
    good = whole and not (lost or strange or untrue or missing > 0 or double > doubt)
    slowest = sorted(told.seconds[1:])[-1] * 1000 if len(told.seconds) > 1 else 0
    print(
        f"{name:15} {seed:>4} {len(rows):>6} {len(sent):>6} {len(refused):>8} {lost:>5} {double:>7} {doubt:>6} {strange:>8} "
        f"{untrue:>7} {slowest:>9.0f} {time.monotonic() - began:>8.0f}  {'' if good else 'NOT GOOD'}",
        flush=True,
    )
    connection.close()
    return good


def use(redis_url: str) -> None:
    """This process announces, as a web server would, by the broker of this run."""
    from celery import current_app

    from notifications.wake import breaker

    current_app.conf.broker_url = redis_url
    breaker.reset()


def prepare(number: int) -> None:
    """Empty tables, followers, and drafts of offers that one of them hears of."""
    from django.db import connection

    from notifications.models import Follow, Subscriber
    from tests.factories import OfferFactory, UserFactory

    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE accounts_user, members_institution, exchanges_offer, notifications_event, notifications_delivery, "
            "notifications_subscriber, notifications_heartbeat, workflow_step CASCADE"
        )
    UserFactory(email="officer@example.org", roles=["officer"])
    names = ["bad@example.org", *(f"reader{n}@example.org" for n in range(FOLLOWERS - 1))]
    users = [UserFactory(email=name) for name in names]
    Follow.objects.bulk_create(
        Follow(subscriber=subscriber, topic="country:PK", label="Pakistan", address="/countries/PK/")
        for subscriber in Subscriber.objects.of_users(users)
    )
    OfferFactory.create_batch(number, state="draft")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("faults", nargs="*", default=list(FAULTS), metavar="FAULT")
    given = parser.parse_args()
    if unknown := set(given.faults) - set(FAULTS):
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(FAULTS)}")
    with throw_away_server() as server:
        settings_for(server.url)
        os.environ.update(DJANGO_SETTINGS_MODULE="bench.fault_settings", LOG_LEVEL="CRITICAL")
        sys.path.insert(0, str(ROOT))
        print("Making the tables …", flush=True)
        manage("migrate")
        import django

        django.setup()
        print(
            f"{'fault':15} {'seed':>4} {'mails':>6} {'sent':>6} {'refused':>8} {'lost':>5} {'double':>7} {'doubt':>6} "
            f"{'other id':>8} {'untrue':>7} {'ms most':>9} {'seconds':>8}"
        )
        postgres = Postgres(server, server.process)
        good = [run(name, given.mails, seed, postgres) for name in given.faults for seed in range(1, given.seeds + 1)]
        server.process = postgres.process
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
