import sys
import time

from django.core.management.base import BaseCommand, CommandError

from anso_portal.history.verification import verify

INTERVAL = 2  # seconds between lines of progress


class Command(BaseCommand):
    help = "Recomputes the chain of the history and names what was changed, taken away or put in since it was sealed."

    def add_arguments(self, parser):
        parser.add_argument(
            "--expect", default="", metavar="HEAD", help="a newest link noted before (seal_history --head)"
        )

    def handle(self, *, expect, **options):
        self.last = time.monotonic()
        result = verify(expect=expect, say=self._progress)
        for finding in result.findings:
            self.stdout.write(str(finding))
        self.stdout.write(
            f"{result.links:,} links over {result.rows:,} rows; {result.waiting:,} contexts wait for their link. "
            f"The newest: {result.head or 'none'}"
        )
        if result.findings:
            raise CommandError(f"The history is not as it was sealed: {len(result.findings):,} findings.")

    def _progress(self, done: int, total: int) -> None:
        if sys.stderr.isatty() or time.monotonic() - self.last >= INTERVAL:
            self.last = time.monotonic()
            self.stderr.write(f"{done:,} of {total:,} links")
