from django.core.management.base import BaseCommand

from anso_portal.history import chain


class Command(BaseCommand):
    help = "Seals what was recorded since into the chain of the history; the worker does so every minute."

    def add_arguments(self, parser):
        parser.add_argument(
            "--head", action="store_true", help="print only the newest link, to be kept elsewhere as an anchor"
        )

    def handle(self, *, head, **options):
        made = chain.seal(say=lambda number: self.stderr.write(f"{number:,} links"))
        newest = chain.head()
        if head:
            self.stdout.write(str(newest or ""))
        else:
            self.stdout.write(f"{made:,} new links. The newest: {newest or 'none'}")
