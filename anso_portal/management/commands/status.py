import sys

from django.conf import settings
from django.core.management.base import BaseCommand

from anso_portal import environment
from anso_portal.supervisor.processes import boot_id
from anso_portal.supervisor.state import live_processes


class Command(BaseCommand):
    help = "Says what runs, where, and what is not well. Ends with 0 if all is well, else with 1."
    requires_system_checks: list[str] = []

    def handle(self, *args, **options):
        state = environment.running_portal()
        alive = self._processes(state)
        if settings.DATABASES["default"]["ENGINE"].endswith("dummy"):
            self.stdout.write("The portal does not run here. bin/up starts it.")
            sys.exit(1)
        well = self._parts()
        if state and not alive:
            self.stdout.write("bin/up was ended without a chance to say so. Start it again.")
        sys.exit(0 if well and (alive or not state) else 1)

    def _processes(self, state: dict) -> bool:
        """What `bin/up` started, if it runs. Elsewhere the service manager knows."""
        if not state:
            return False
        alive = live_processes(state)
        self.stdout.write(f"{'address':<16}{state.get('portal_url', '')}")
        self.stdout.write(f"{'own servers':<16}{', '.join(state.get('embedded', [])) or 'none'}")
        for name, pid in state.get("pids", {}).items():
            self.stdout.write(f"{name:<16}{f'process {pid}' if name in alive else 'does not run'}")
        return bool(alive) and alive.keys() == state.get("pids", {}).keys() and state.get("boot_id") == boot_id()

    def _parts(self) -> bool:
        from anso_portal import health

        facts = health.report()
        for name, fact in facts.items():
            self.stdout.write(f"{name:<16}{'well' if fact['ok'] else 'NOT WELL':<10}{describe(fact)}".rstrip())
        return all(fact["ok"] for fact in facts.values())


def describe(fact: dict) -> str:
    if fact.get("problem"):
        return fact["problem"]
    if fact.get("age") is not None:
        return f"{fact['age']:g} s"
    if "pending" in fact:
        return f"{fact['pending']} to run" if fact["pending"] else ""
    return ""
