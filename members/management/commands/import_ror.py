"""Takes over the institutions of a ROR data file."""

import sys
import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from members.ror import Report
from members.ror.loading import BATCH, import_file
from members.ror.reading import NotReadable, RorFile

INTERVAL = 10  # seconds between lines of progress where there is no terminal


class Command(BaseCommand):
    help = (
        "Reads institutions from a file of the Research Organization Registry (schema v2; JSON array or JSON lines, plain or "
        "gzip). It may be run again at any time: what has not changed is left alone."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="show what would happen and change nothing")
        parser.add_argument(
            "--batch", type=_positive, default=BATCH, metavar="N", help=f"records per transaction (default: {BATCH})"
        )

    def handle(self, *, file: Path, dry_run: bool, batch: int, **options) -> None:
        try:
            with RorFile(file) as entries:
                self._import(entries, file, dry_run, batch)
        except NotReadable as problem:
            raise CommandError(str(problem)) from None

    def _import(self, entries: RorFile, file: Path, dry_run: bool, batch: int) -> None:
        progress = Progress(self.stderr, entries.fraction)
        try:
            report = import_file(entries, file=file.name, dry_run=dry_run, batch=batch, progress=progress)
        except KeyboardInterrupt:
            progress.end()
            raise CommandError(
                f"Interrupted after {progress.read:,} records. What was written is whole; the same command goes on from here.",
                returncode=130,
            ) from None
        progress.end()
        self.stdout.write(table(report, entries.unit, dry_run))
        if entries.damaged:
            raise CommandError("The file ends too early: fetch it again.")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


class Progress:
    """A bar that redraws itself on a terminal, else a line every ten seconds."""

    def __init__(self, stream, fraction):
        self.stream, self.fraction = stream, fraction
        self.live = sys.stderr.isatty()
        self.start = self.last = time.monotonic()
        self.read = 0

    def __call__(self, report: Report) -> None:
        self.read = report.read
        now = time.monotonic()
        done, rate = self.fraction(), self.read / max(now - self.start, 0.001)
        if self.live:
            bar = "█" * round(done * 30)
            self._write(f"\r{bar:░<30} {done:4.0%}  {self.read:,} records, {rate:,.0f}/s ")
        elif now - self.last >= INTERVAL:
            self.last = now
            self._write(f"{done:.0%}: {self.read:,} records, {rate:,.0f}/s\n")

    def end(self) -> None:
        if self.live:
            self._write("\n")

    def _write(self, text: str) -> None:
        self.stream.write(text, style_func=str, ending="")
        self.stream.flush()


def table(report: Report, unit: str, dry_run: bool) -> str:
    rows = [
        ("created", report.created),
        ("updated", report.updated),
        ("unchanged", report.unchanged),
        ("refused", report.refused.total()),
        *((f"  {reason}", count) for reason, count in report.refused.most_common()),
        ("relations made", report.relations_made),
        ("relations ended", report.relations_ended),
        ("relations to records not held", report.relations_not_held),
    ]
    width = max(len(label) for label, _count in rows)
    lines = [f"{label:<{width}}  {count:>9,}" for label, count in rows]
    if report.refusals:
        lines += ["", "Refused:"]
        lines += [
            f"  {unit} {refusal.number}: " + ", ".join(filter(None, [refusal.ror, refusal.reason, refusal.detail]))
            for refusal in report.refusals
        ]
        if (hidden := report.refused.total() - len(report.refusals)) > 0:
            lines.append(f"  and {hidden:,} more")
    if dry_run:
        lines += ["", "Dry run: nothing was changed."]
    return "\n".join(lines)
