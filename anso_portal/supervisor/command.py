"""`manage.py up`: reads the options, runs the portal, and shows what a person needs to know."""

import argparse
import json
import os
import time
from pathlib import Path

from anso_portal import environment
from anso_portal.supervisor import marks, places, startup
from anso_portal.supervisor.addresses import Address, PortTaken
from anso_portal.supervisor.binaries import ServerMissing
from anso_portal.supervisor.output import Terminal
from anso_portal.supervisor.places import PlaceProblem
from anso_portal.supervisor.portal import Failed, Portal, Stopped
from anso_portal.supervisor.servers import ServerProblem
from anso_portal.supervisor.state import AlreadyRunning, State

ADMINISTRATORS = """
SELECT count(*) FROM accounts_alliancerole
WHERE role = 'administrator' AND (ends_on IS NULL OR ends_on >= current_date)
"""
PROBLEMS = (AlreadyRunning, Failed, PlaceProblem, PortTaken, ServerMissing, ServerProblem)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help="The port to serve on; without it, the first free one from 8000 on.")
    parser.add_argument("--no-sample", action="store_true", help="Start empty, without the sample alliance.")
    parser.add_argument("--no-color", action="store_true", help="Print without colours.")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="bin/up", description="Brings the whole portal up; Ctrl-C stops it.")
    add_arguments(parser)
    options = parser.parse_args(arguments)
    return run(port=options.port, sample=not options.no_sample, colour=False if options.no_color else None)


def run(*, port: int | None, sample: bool, colour: bool | None) -> int:
    os.umask(0o077)  # What we and our children write is ours alone.
    terminal = Terminal(colour=colour)
    given = environment.given_servers()
    environment.email()  # What is wrong with it is better said now than by each child.
    environment.base_url()
    try:
        state = State(places.state_folder(environment.STATE_DIR))
        state.lock()
        return _run(Portal(environment.BASE_DIR, state, terminal), given, port=port, sample=sample)
    except PROBLEMS as problem:
        terminal.say(str(problem))
        return 1
    finally:
        terminal.close()


def _run(portal: Portal, given: dict[str, str], *, port: int | None, sample: bool) -> int:
    try:
        startup.stop_leftovers(portal)
        address = Address(port)
        portal.state.secret_key()
        portal.state.save(portal_url=address.url)
        startup.start_servers(portal, given)
        startup.set_up(portal, sample=sample)
        startup.start_web(portal, address)
        _greet(portal, address, given)
        portal.watch()
    except Stopped:
        portal.terminal.say("Stopping.")
        return 0
    except PROBLEMS as problem:
        portal.terminal.say(str(problem))
        return 1
    finally:
        portal.stop()
    return 0


def _greet(portal: Portal, address: Address, given: dict[str, str]) -> None:
    say = portal.terminal.say
    say()
    say(f"The portal is ready: {address.url}/", bold=True)
    say(f"  (after {time.time() - portal.began:.1f} s; Ctrl-C stops it)")
    logins = _sample_logins(portal.state.folder / "sample-logins.json")
    if logins:
        say()
        say("Sign in as one of the sample people:")
        width = max(len(login["email"]) for login in logins)
        for login in logins:
            say(f"  {login['role']:<14} {login['email']:<{width}}  {login['password']}")
    elif marks.ask_database(portal.environment["DATABASE_URL"], ADMINISTRATORS) in ("0", ""):
        say()
        say("Nobody is here yet. This address makes the first administrator, once:")
        say(f"  {address.url}/welcome/{portal.state.welcome_token()}/")
    say()
    say(f"Mail goes {_mail_goes(portal)}")
    if len(given) < 2:
        say(
            "The portal runs on servers of its own, which are for evaluation: docs/operations.md tells how to run it for good."
        )
    say()


def _sample_logins(path: Path) -> list[dict]:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return []


def _mail_goes(portal: Portal) -> str:
    server = environment.email().get("EMAIL_HOST")
    if server:
        return f"through {server}."
    folder = portal.state.folder / "mail"
    return f"into files in {folder.relative_to(portal.root) if folder.is_relative_to(portal.root) else folder}/."
