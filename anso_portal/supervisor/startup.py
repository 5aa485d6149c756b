"""What starts in which order, so that the first answer of the web server comes from a portal that is whole."""

import http.client
import os
import shutil
import signal
import sys
from pathlib import Path

from anso_portal import environment
from anso_portal.supervisor import marks, places
from anso_portal.supervisor.addresses import HOST, Address
from anso_portal.supervisor.binaries import postgres_programs, valkey_server
from anso_portal.supervisor.children import Child
from anso_portal.supervisor.portal import Failed, Portal
from anso_portal.supervisor.servers import Postgres, ServerProblem, Valkey
from anso_portal.supervisor.state import live_processes

TRIES = 5
READY = 150.0  # Seconds for a server, and for the web server, to be ready.


def stop_leftovers(portal: Portal) -> None:
    """Ends what an earlier start left when it was killed and its warden too; PostgreSQL is known by its data."""
    earlier = portal.state.read()
    left = {name: pid for name, pid in live_processes(earlier).items() if name not in ("supervisor", "postgres")}
    for name, pid in left.items():
        try:
            os.killpg(pid, Valkey.stop_signal if name == Valkey.name else signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue
    portal.wait_for(lambda: not set(left) & set(live_processes(earlier)), 10)
    if earlier.get("sockets"):
        _remove_sockets(Path(earlier["sockets"]))


def _remove_sockets(folder: Path) -> None:
    if folder.name.startswith("anso-") and folder.is_dir() and folder.stat().st_uid == os.geteuid():
        shutil.rmtree(folder, ignore_errors=True)


def start_servers(portal: Portal, given: dict[str, str]) -> None:
    """Starts the servers whose address is not given, and notes all addresses where children and other terminals look."""
    servers: list[Postgres | Valkey] = []
    if "REDIS_URL" not in given:
        servers.append(_valkey(portal))
    if "DATABASE_URL" not in given:
        servers.append(_postgres(portal))
    children = []
    for server in servers:
        server.stop_stale(portal.pause)
        if server.name == "postgres" and not (server.folder / "data").exists():
            portal.terminal.say("Making the database.")
        server.prepare()
        children.append(portal.add(_server_child(portal, server)))
    for server, child in zip(servers, children, strict=True):
        _wait_until_ready(portal, server, child)
        server.create_database()
    portal.tending = True
    addresses = dict(given)
    owner = environment.owner_url()
    for server in servers:
        if isinstance(server, Postgres):
            addresses["DATABASE_URL"], owner = server.application_url, server.url
        else:
            addresses["REDIS_URL"] = server.url
    portal.environment.update(addresses)
    portal.environment.pop("MIGRATION_DATABASE_URL", None)
    portal.owner = {"MIGRATION_DATABASE_URL": owner} if owner else {}
    portal.state.save(
        database_url=addresses["DATABASE_URL"],
        migration_database_url=owner,
        redis_url=addresses["REDIS_URL"],
        embedded=[s.name for s in servers],
    )


def _wait_until_ready(portal: Portal, server: Postgres | Valkey, child: Child) -> None:
    """Tries again for a while: what a killed PostgreSQL left in memory goes only when the last of its processes does."""
    for _ in range(TRIES):
        if not portal.wait_for(lambda: server.is_ready() or not child.running, READY):
            break
        if child.running:
            return
        portal.pause(1)
        portal.start(child)
    raise ServerProblem(f"{server.name} did not start; see {portal.state.folder / 'logs' / server.name}.log.")


def _postgres(portal: Portal) -> Postgres:
    state = portal.state.folder
    account = places.postgres_account((state / "pg").resolve() / "data")
    folder = places.postgres_folder(state, account)
    programs = places.reachable_programs(postgres_programs(), state, account)
    sockets = _short_sockets(portal, "pg", account) if Postgres.awkward_in(folder) else None
    return Postgres(folder, programs, sockets=sockets, account=account)


def _valkey(portal: Portal) -> Valkey:
    folder = portal.state.folder / "kv"
    sockets = _short_sockets(portal, "kv") if Valkey.awkward_in(folder) else None
    return Valkey(folder, valkey_server(), sockets=sockets)


def _short_sockets(portal: Portal, name: str, account: places.Account | None = None) -> Path:
    if not portal.sockets:
        portal.sockets = places.short_folder()
        portal.state.save(sockets=str(portal.sockets))
    return places.private_folder(portal.sockets / name, account)


def _server_child(portal: Portal, server: Postgres | Valkey) -> Child:
    return Child(
        server.name,
        server.command,
        server.environment,
        Path("/"),
        stop_signal=server.stop_signal,
        firm_signal=server.death_signal,
        patience=9,
        account=server.account,
        hides=server.hides,
    )


def set_up(portal: Portal, *, sample: bool) -> None:
    """Brings files and database up to date. Worker, beat and relay start as soon as there are tables; the sample wants them."""
    languages = marks.compile_catalogues(portal.root)
    if languages:
        portal.terminal.say(f"Compiled translations: {', '.join(languages)}.")
    static = _begin_static(portal)
    _migrate(portal, sample=sample)
    start_services(portal)
    if portal.state.done("sample") == "wanted":
        portal.terminal.say("Loading the sample alliance.")
        portal.finish(portal.begin("load_sample", "--skip-checks"), "Loading the sample")
        portal.state.mark_done("sample", "loaded")
    if static:
        step, mark = static
        portal.finish(step, "Collecting the static files")
        portal.state.mark_done("static", mark)


def _begin_static(portal: Portal) -> tuple[Child, str] | None:
    mark = marks.static_mark(portal.root)
    folder = Path(portal.environment.get("STATIC_ROOT") or portal.state.folder / "static")
    if portal.state.done("static") == mark and folder.is_dir():
        return None
    portal.terminal.say("Collecting the static files.")
    return portal.begin("collectstatic", "--noinput", "--verbosity=0", "--skip-checks"), mark


def _migrate(portal: Portal, *, sample: bool) -> None:
    """Runs migrations unless code and database are both as they were after the last run."""
    url = portal.environment["DATABASE_URL"]
    mark = marks.migrations_mark(portal.root, url)
    if mark and portal.state.done("migrations") == mark:
        if not sample and portal.state.done("sample") == "wanted":
            portal.state.mark_done("sample", "left out")
        return
    portal.terminal.say("Bringing the database up to date.")
    portal.finish(portal.begin("prepare", *([] if sample else ["--no-sample"])), "Bringing the database up to date")
    portal.state.mark_done("migrations", marks.migrations_mark(portal.root, url))


def start_services(portal: Portal) -> None:
    celery = [sys.executable, "-m", "celery", "--quiet", "--skip-checks", "-A", "anso_portal"]
    quiet = ["--loglevel", "WARNING"]
    lean = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    # That root runs the worker is what who evaluates in a container expects; Celery warns of pickles, which we do not use.
    environment = {**portal.environment, "PYTHONWARNINGS": "ignore::UserWarning:celery.platforms"}
    schedule = portal.state.folder / "beat-schedule"
    commands: dict[str, list] = {
        "worker": [*celery, "worker", "--concurrency", "2", *lean, *quiet],
        "beat": [*celery, "beat", "--schedule", schedule, "--pidfile=", *quiet],
        "relay": [sys.executable, portal.root / "manage.py", "relay"],
    }
    for name, command in commands.items():
        firm = signal.SIGQUIT if name == "worker" else signal.SIGKILL
        portal.add(Child(name, command, environment, portal.root, firm_signal=firm, patience=6))


def start_web(portal: Portal, address: Address) -> None:
    """The web server loads, waits until all else is alive (webserver.py), and only then listens."""
    environment = {
        "COMPRESS": "1",
        **portal.environment,
        "ANSO_BIND": f"fd://{address.socket.fileno()}",
        "ANSO_WAIT_SINCE": str(portal.began),
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "python:anso_portal.webserver", "anso_portal.wsgi"]
    portal.add(
        Child(
            "web",
            command,
            environment,
            portal.root,
            firm_signal=signal.SIGQUIT,
            patience=6,
            keep_open=(address.socket.fileno(),),
        )
    )
    if not portal.wait_for(lambda: _answers(address.port), READY):
        raise Failed(f"The web server did not start; see {portal.state.folder / 'logs' / 'web.log'}.")
    del environment["ANSO_WAIT_SINCE"]  # Started again after a crash, it serves what it can at once.


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
