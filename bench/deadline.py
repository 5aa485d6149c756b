"""The last minute of a call: 500 people submit, most of them in the last 15 seconds, 50 of them twice, and 100 come too late.

    .venv/bin/python bench/deadline.py

starts a PostgreSQL (which writes safely to disk), a Valkey and the web server with sync workers, signs everybody in, and sends what
browsers would send: the form, and then the page that it leads to. It ends with 1 unless nothing was accepted late, who was told
“submitted” is exactly who is stored, each proposal moved once, no answer was 500 or above, and 99 of 100 answers took under 2 s.
"""

import asyncio
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from import_ror import ROOT, manage, settings_for, throw_away_server

PUNCTUAL, TWICE, LATE = 500, 50, 100
MINUTE, LAST_SECONDS, IN_THE_LAST, AFTER = 60, 15, 0.6, 10
WORKERS, LIMIT, SEED = 4, 2.0, 20261127


@dataclass
class Person:
    """Who sends one proposal, at these seconds before (negative) or after the deadline."""

    proposal: int
    cookies: str
    moments: list[float]
    statuses: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    told: bool = False


def main() -> int:
    with throw_away_server() as server, valkey() as address, tempfile.TemporaryDirectory() as folder:
        settings_for(server.url)
        port = free_port()
        os.environ.update(
            REDIS_URL=address,
            PORTAL_BASE_URL=f"http://127.0.0.1:{port}",
            STATIC_ROOT=f"{folder}/static",
            ANSO_STATE_DIR=folder,
            LOG_LEVEL="ERROR",
            ANSO_BIND=f"127.0.0.1:{port}",
        )
        print("Making the tables and the static files …", flush=True)
        manage("migrate")
        manage("collectstatic", "--noinput", "--verbosity=0")
        import django

        django.setup()
        call, people = drafts()
        with web_server(port):
            deadline = time.monotonic() + MINUTE + 3
            close_in(call, deadline - time.monotonic())
            asyncio.run(rush(port, people, deadline))
        return told(call, people)


@contextmanager
def valkey():
    from anso_portal.supervisor.binaries import valkey_server
    from anso_portal.supervisor.processes import spawn, stop, wait_until
    from anso_portal.supervisor.servers import Valkey

    with tempfile.TemporaryDirectory() as folder:
        server = Valkey(Path(folder), valkey_server(), save="")
        server.prepare(sync=False)
        process = spawn(server.command, env=server.environment, cwd="/", stdout=subprocess.DEVNULL)
        try:
            wait_until(server.is_ready, 30)
            yield server.url
        finally:
            stop(process, server.stop_signal, 10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def web_server(port: int):
    command = [sys.executable, "-m", "gunicorn", "--config", "python:anso_portal.webserver"]
    command += ["--worker-class", "sync", "--workers", str(WORKERS), "--threads", "1", "anso_portal.wsgi"]
    with Path(os.environ["ANSO_STATE_DIR"], "web.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 60
        while not listens(port):
            if process.poll() is not None or time.monotonic() > end:
                sys.exit("The web server did not start.")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


def drafts():
    """A call, and for each person a proposal of three institutions that lacks nothing but its submission."""
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    from accounts.permissions import OFFICER
    from members.models import Institution
    from proposals.models import Answer, BudgetLine, CallPart, Partner, Question
    from tests.factories import CallFactory, InstitutionFactory, InstitutionRoleFactory, ProposalFactory, UserFactory
    from tests.proposals.acts import confirm_all

    settings.ALLOWED_HOSTS = ["testserver"]
    dice = random.Random(SEED)
    call = CallFactory(slug="last-minute", officer=UserFactory(roles=[OFFICER]))
    part = CallPart.objects.create(call=call, title="The work")
    questions = [Question.objects.create(part=part, label=f"Question {n}", required=True) for n in range(5)]
    institutions: list[Institution] = [InstitutionFactory(member=True) for _ in range(60)]
    for institution in institutions:
        InstitutionRoleFactory(institution=institution)
    people = []
    for number in range(PUNCTUAL + LATE):
        lead, *others = dice.sample(institutions, 3)
        proposal = ProposalFactory(call=call, lead=lead)
        for other in others:
            Partner.objects.create(proposal=proposal, institution=other, role="partner", contribution="Samples")
        for question in questions:
            Answer.objects.create(proposal=proposal, question=question, text="What we do, in two hundred words. " * 30)
        for partner in proposal.partners.all():
            BudgetLine.objects.create(partner=partner, category="staff", label="Wages", amount=10_000)
        confirm_all(proposal)
        browser = Client()
        browser.force_login(proposal.applicant)
        cookies = {name: cookie.value for name, cookie in browser.cookies.items()}
        cookies[settings.CSRF_COOKIE_NAME] = "c" * 32
        text = "; ".join(f"{name}={value}" for name, value in cookies.items())
        people.append(Person(proposal.pk, text, moments(dice, number)))
        print(f"{number + 1:>6} proposals", end="\r", flush=True)
    print()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()
    return call, people


def moments(dice: random.Random, number: int) -> list[float]:
    if number >= PUNCTUAL:
        return [dice.uniform(0.001, AFTER)]
    hurried = number < PUNCTUAL * IN_THE_LAST
    seconds = dice.uniform(0.0, LAST_SECONDS) if hurried else dice.uniform(LAST_SECONDS, MINUTE)
    return [-seconds] * (2 if number % (PUNCTUAL // TWICE) == 0 else 1)


def close_in(call, seconds: float) -> None:
    from datetime import timedelta

    from django.db import connection
    from django.db.models.functions import Now

    from proposals.models import Call

    Call.objects.filter(pk=call.pk).update(closes_at=Now() + timedelta(seconds=seconds))
    connection.close()


async def rush(port: int, people: list[Person], deadline: float) -> None:
    tries = [asyncio.create_task(send(port, one, deadline + moment)) for one in people for moment in one.moments]
    while waiting := sum(not one.done() for one in tries):
        left = deadline - time.monotonic()
        print(f"{left:>6.0f} s to the deadline, {len(tries) - waiting:>4} answers", end="\r", flush=True)
        await asyncio.wait(tries, timeout=1)
    print()
    for one in tries:
        one.result()


async def send(port: int, one: Person, at: float) -> None:
    """The form, and the page that its answer leads to; the time of each counts."""
    await asyncio.sleep(max(0.0, at - time.monotonic()))
    address = f"/desk/proposals/{one.proposal}"
    status, location = await ask(port, one, "POST", f"{address}/submit/")
    if status == 302:
        status, _nowhere = await ask(port, one, "GET", location)
        one.told |= status == 200 and location == f"{address}/submitted/"


async def ask(port: int, one: Person, method: str, path: str) -> tuple[int, str]:
    start = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    headers = {"Host": f"127.0.0.1:{port}", "Connection": "close", "Cookie": one.cookies, "X-CSRFToken": "c" * 32}
    headers |= {"Origin": f"http://127.0.0.1:{port}", "Content-Length": "0"} if method == "POST" else {}
    text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"{method} {path} HTTP/1.1\r\n{text}\r\n".encode())
    answer = (await reader.read()).decode(errors="replace")
    writer.close()
    one.seconds.append(time.monotonic() - start)
    one.statuses.append(int(answer.split(" ", 2)[1]) if answer else 599)
    lines = [line.partition(": ")[2] for line in answer.split("\r\n") if line.lower().startswith("location: ")]
    return one.statuses[-1], lines[0] if lines else ""


def told(call, people: list[Person]) -> int:
    from django.db.models import Count, F

    from proposals.models import Proposal, Submission
    from workflow.models import Step

    call.refresh_from_db()
    rows = Submission.objects.filter(proposal__call=call)
    stored = set(rows.values_list("proposal", flat=True))
    moved = Proposal.objects.filter(call=call, state="submitted")
    steps = Step.objects.filter(target="submitted").values("object_id").annotate(n=Count("pk"))
    seconds = sorted(second for one in people for second in one.seconds)
    statuses = [status for one in people for status in one.statuses]
    found = {
        "accepted after the deadline": rows.filter(submitted_at__gt=call.closes_at).count()
        + moved.exclude(submitted_at=F("submissions__submitted_at")).count(),
        "told “submitted”, not stored": len({one.proposal for one in people if one.told} - stored),
        "stored, not told": len(stored - {one.proposal for one in people if one.told}),
        "stored more than once": rows.count() - len(stored),
        "moved more than once": sum(step["n"] > 1 for step in steps),
        "answers of 500 and above": sum(status >= 500 for status in statuses),
        f"slower than {LIMIT:g} s, of 100": 100 * sum(second > LIMIT for second in seconds) // len(seconds),
    }
    print(f"{len(people)} people, {len(statuses)} requests; {len(stored)} proposals stored")
    print(", ".join(f"p{part} {1000 * seconds[len(seconds) * part // 100 - 1]:.0f} ms" for part in (50, 95, 99, 100)))
    for name, number in found.items():
        print(f"{number:>6} {name}")
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
