import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from notifications.bounces import LARGEST, read_folder, read_message


class Command(BaseCommand):
    help = "Reads mail that came back: one message from standard input, as mail servers pipe it, or all of a folder."

    def add_arguments(self, parser):
        parser.add_argument(
            "folder", nargs="?", type=Path, help="A Maildir, or a folder of messages; they are removed."
        )

    def handle(self, *args, folder: Path | None, **options):
        if folder is None:
            self.stdout.write(read_message(sys.stdin.buffer.read(LARGEST)))
            return
        if not folder.is_dir():
            raise CommandError(f"{folder} is no folder.")
        found = read_folder(folder)
        self.stdout.write(", ".join(f"{number} {what}" for what, number in sorted(found.items())) or "Nothing there.")
