import time

from django.core.management.base import BaseCommand

from anso_portal.sample.loading import load


class Command(BaseCommand):
    help = "Loads the sample alliance: real institutions, centers and projects, and what is written as sample and marked so."

    def handle(self, *args, **options):
        start = time.monotonic()
        if load(self.stdout.write):
            self.stdout.write(self.style.SUCCESS(f"The sample alliance is loaded ({time.monotonic() - start:.1f} s)."))
        else:
            self.stdout.write("The sample alliance is loaded already: nothing was added or changed.")
