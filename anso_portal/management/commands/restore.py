from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from anso_portal.backups import BackupProblem, explained, restore
from anso_portal.supervisor.binaries import ServerMissing


class Command(BaseCommand):
    help = "Brings back what `backup` wrote: first every checksum is compared, then all of it is restored or nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="Put the backup in the place of the records here.")

    def handle(self, *args, file, replace, **options):
        try:
            with explained():
                held = restore(file, self.stdout.write, replace=replace)
        except (BackupProblem, ServerMissing) as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write("Restored.")
        if held:
            self.stdout.write(
                f"{held} mails that waited when the backup was made are held, not sent: they may have been sent since. "
                "Look at them under Deliveries in the admin."
            )
