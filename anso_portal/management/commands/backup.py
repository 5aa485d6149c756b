from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from anso_portal.backups import BackupProblem, back_up, explained
from anso_portal.supervisor.binaries import ServerMissing


class Command(BaseCommand):
    help = "Writes the database and the uploaded files into one file, with checksums."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="The file to write; an older one of this name is replaced.")

    def handle(self, *args, file, **options):
        try:
            with explained():
                manifest = back_up(file, self.stdout.write)
        except (BackupProblem, ServerMissing) as problem:
            raise CommandError(str(problem)) from problem
        rows = sum(manifest["tables"].values())
        size = file.stat().st_size
        self.stdout.write(f"{file}: {rows:,} rows, {len(manifest['files']) - 1:,} files, {size / 1e6:,.1f} MB.")
