"""How fast the portal tells: mails per second, an announcement to 100,000 followers, and what 10,000 mails cost the pages.

    .venv/bin/python bench/notify.py [--mails 4000] [--followers 100000] [--recipients 10000]

starts a PostgreSQL, a Valkey, a mail server and the portal's processes of its own. Each figure stands beside what it is compared
with, measured in the same run. It ends with 1 unless mails leave at least 2.5 times as fast as with one task for each of them, the
announcement takes at most 3 s and twice the time of bare INSERT … SELECTs of the same rows, and the slowest twentieth of the
pages slows by less than 20 %.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from deadline import free_port, listens, valkey, web_server
from import_ror import ROOT, manage, settings_for, throw_away_server

TABLES = (
    "accounts_user, members_institution, exchanges_offer, notifications_event, notifications_delivery, "
    "notifications_subscriber, notifications_heartbeat, workflow_step"
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=4000)
    parser.add_argument("--followers", type=int, default=100_000)
    parser.add_argument("--recipients", type=int, default=10_000)
    given = parser.parse_args()
    with throw_away_server() as server, valkey() as address, tempfile.TemporaryDirectory() as folder:
        settings_for(server.url)
        smtp, web = free_port(), free_port()
        os.environ.update(
            DJANGO_SETTINGS_MODULE="bench.fault_settings",
            REDIS_URL=address,
            EMAIL_URL=f"smtp://127.0.0.1:{smtp}",
            PORTAL_BASE_URL=f"http://127.0.0.1:{web}",
            STATIC_ROOT=f"{folder}/static",
            ANSO_STATE_DIR=folder,
            ANSO_BIND=f"127.0.0.1:{web}",
            LOG_LEVEL="CRITICAL",
        )
        print("Making the tables and the static files …", flush=True)
        manage("migrate")
        manage("collectstatic", "--noinput", "--verbosity=0")
        import django

        django.setup()
        good = [told_apart(given.followers)] if given.followers else []
        with running(
            folder, "sink", "nice", "-n", "15", sys.executable, "bench/sink.py", str(smtp), f"{folder}/sink.log", "1"
        ):
            while not listens(smtp):
                time.sleep(0.05)
            if given.mails:
                good.append(mails_per_second(given.mails, folder))
            with web_server(web):
                good.append(pages_beside(given.recipients, f"http://127.0.0.1:{web}/exchanges/", folder))
    return 0 if all(good) else 1


@contextmanager
def running(folder: str, name: str, *command: str):
    with Path(folder, f"{name}.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def celery(*arguments: str) -> list[str]:
    return [sys.executable, "-W", "ignore", "-m", "celery", *arguments, "-c", "2", "-l", "ERROR"]


# --- From one event to 100,000 readers


# How fast the machine is: one narrow table with a unique key and a partial index. On the one of the limit of 3 s, 100,000 rows
# took 0.47 s.
PLAIN = """
CREATE TABLE plain (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reader bigint, kind text, object bigint, read boolean DEFAULT false, UNIQUE (reader, kind, object)
);
CREATE INDEX ON plain (reader) WHERE NOT read
"""


def told_apart(followers: int) -> bool:
    from django.db import connection

    offer = fresh(followers)
    with connection.cursor() as cursor:
        cursor.execute(PLAIN)
        began = time.perf_counter()
        cursor.execute(
            "INSERT INTO plain (reader, kind, object) SELECT n, 'x', 1 FROM generate_series(1, %s) n ON CONFLICT DO NOTHING",
            [followers],
        )
        plain = time.perf_counter() - began
        cursor.execute("CREATE TEMPORARY TABLE bare AS SELECT id FROM notifications_subscriber")
        began = time.perf_counter()
        cursor.execute(
            "INSERT INTO notifications_event (kind, subject_label, subject_id, facts, topics) "
            "VALUES ('bare', 'x', '1', '{}', '{}') RETURNING id"
        )
        event = cursor.fetchone()[0]
        cursor.execute(
            "INSERT INTO notifications_delivery (subscriber_id, address, purpose, idem, message_id) "
            "SELECT id, 'a@example.org', 'bare', 'bare' || id, '<bare' || id || '>' FROM bare ON CONFLICT DO NOTHING"
        )
        cursor.execute(
            "INSERT INTO notifications_notification (subscriber_id, event_id, topic, reason, delivery_id) "
            "SELECT d.subscriber_id, %s, '', '', d.id FROM notifications_delivery d ON CONFLICT DO NOTHING",
            [event],
        )
        bare = time.perf_counter() - began
        cursor.execute("TRUNCATE notifications_event, notifications_delivery CASCADE")
    began = time.perf_counter()
    announce(offer)
    ours = time.perf_counter() - began
    from notifications.models import Notification

    whole = Notification.objects.filter(delivery__isnull=False).count() == followers
    print(
        f"fan-out        {followers:>8,} followers in {ours:5.2f} s; bare INSERT … SELECT {bare:5.2f} s; "
        f"{bare / ours:.0%} of its speed; one plain table {plain:4.2f} s{'' if whole else '  NOT ALL'}"
    )
    return whole and ours <= 3 and bare / ours >= 0.5


def fresh(followers: int):
    """So many followers of Pakistan, and an offer there that nobody has heard of."""
    from django.db import connection

    from tests.factories import OfferFactory

    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES} CASCADE")
        cursor.execute(
            "INSERT INTO notifications_subscriber (address, confirmed_at, language, time_zone, token, refused_address) "
            "SELECT 'reader' || n || '@example.org', now(), 'en', 'UTC', 'token' || n, '' FROM generate_series(1, %s) n",
            [followers],
        )
        cursor.execute(
            "INSERT INTO notifications_follow (subscriber_id, topic, label, address) "
            "SELECT id, 'country:PK', 'Pakistan', '/countries/PK/' FROM notifications_subscriber"
        )
        cursor.execute("ANALYZE")
    return OfferFactory()


def announce(offer) -> None:
    from exchanges.actions.offers import open_offer
    from tests.factories import UserFactory

    open_offer(offer=offer, by=UserFactory(roles=["officer"]))


# --- Mails


def mails_per_second(number: int, folder: str) -> bool:
    naive = timed(number, folder, "naive", celery("-A", "bench.naive", "worker"))
    ours = timed(number, folder, "ours", celery("-A", "anso_portal", "worker"))
    print(
        f"mails          {number:>8,} mails: {ours:6.0f} a second; one task for each with its own connection: {naive:6.0f}; "
        f"{ours / naive:.1f} times as fast"
    )
    return ours / naive >= 2.5


def timed(number: int, folder: str, name: str, command: list[str]) -> float:
    """Mails a second from the first one sent to the last, with two processes that are there already."""
    from notifications.models import Delivery
    from notifications.wake import wake_sender

    announce(fresh(number))
    Delivery.objects.update(next_at="2099-01-01T00:00Z")
    with running(folder, name, *command):
        time.sleep(6)  # until both processes are there
        Delivery.objects.update(next_at="2020-01-01T00:00Z")
        began = time.perf_counter()
        if name == "naive":
            from bench.naive import send

            for key in Delivery.objects.values_list("pk", flat=True):
                send.delay(key)
        else:
            wake_sender()
            wake_sender()
        while sent() < number:
            time.sleep(0.05)
        return number / (time.perf_counter() - began)


def sent() -> int:
    from notifications.models import Delivery

    return Delivery.objects.filter(state="sent").count()


# --- Pages while 10,000 mails leave


ROUNDS = 4


def pages_beside(recipients: int, address: str, folder: str) -> bool:
    """Alone and beside in turn, for a single round says little on a machine that others use too; the two bare loops show what
    any two programs that talk to the database cost here.
    """
    alone, beside = [], []
    with running(folder, "worker", *celery("-A", "anso_portal", "worker")):
        time.sleep(6)
        for round_ in range(1, ROUNDS + 1):
            offer = fresh(recipients)
            alone += asked(address, 400)
            announce(offer)
            while sent() < recipients and len(beside) < 5000 * round_:
                beside += asked(address, 50)
        alone += asked(address, 400)
    loop = ["nice", "-n", "19", sys.executable, "-c", BARE_LOOP]
    with running(folder, "loop-1", *loop), running(folder, "loop-2", *loop):
        time.sleep(1)
        bare = asked(address, 300)
    quiet, busy, floor = p95(alone), p95(beside), p95(bare)
    print(
        f"pages          {address} p95 {quiet * 1000:.0f} ms, and {busy * 1000:.0f} ms while {recipients:,} mails leave "
        f"({len(beside)} asked): {busy / quiet - 1:+.0%}; beside two bare loops {floor * 1000:.0f} ms: {floor / quiet - 1:+.0%}"
    )
    return busy / quiet < 1.2


BARE_LOOP = """
import os, psycopg2
cursor = psycopg2.connect(os.environ["DATABASE_URL"]).cursor()
while True:
    cursor.execute("SELECT count(*) FROM generate_series(1, 3000)")
    cursor.fetchall()
"""


def asked(address: str, times: int) -> list[float]:
    """One after the other, at the pace of a reader: the question is whether a page waits, not how many there can be."""
    seconds = []
    for _time in range(times):
        began = time.perf_counter()
        with urllib.request.urlopen(address) as answer:
            answer.read()
        seconds.append(time.perf_counter() - began)
        time.sleep(0.02)
    return seconds


def p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


if __name__ == "__main__":
    sys.exit(main())
