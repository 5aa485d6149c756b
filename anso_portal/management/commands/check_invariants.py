"""Asks of all rows what no constraint can say; ends with 1 where anything is wrong."""

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError

from toolkit.invariants import invariants

SHOWN = 20


class Command(BaseCommand):
    help = "Checks what must always be true of the data, after a restore for example. It changes nothing."

    def add_arguments(self, parser) -> None:
        parser.add_argument("names", nargs="*", metavar="NAME", help="only these checks, as in members.skeletons")

    def handle(self, *, names: list[str], **options) -> None:
        for config in apps.get_app_configs():
            if find_spec(f"{config.name}.invariants"):
                import_module(f"{config.name}.invariants")
        checks = [check for check in invariants() if not names or check.name in names]
        if unknown := set(names) - {check.name for check in checks}:
            raise CommandError(f"There is no check named {', '.join(sorted(unknown))}.")
        broken = sum(self._show(check) for check in checks)
        if broken:
            raise CommandError(f"{broken} of {len(checks)} checks found something wrong.")
        self.stdout.write(f"All {len(checks)} checks hold.")

    def _show(self, check) -> bool:
        faults = check.faults(SHOWN + 1)
        self.stdout.write(f"{'WRONG' if faults else 'ok':<6}{check.name}: {check.says}")
        for fault in faults[:SHOWN]:
            self.stdout.write(f"        {fault}")
        if len(faults) > SHOWN:
            self.stdout.write("        and more")
        return bool(faults)
