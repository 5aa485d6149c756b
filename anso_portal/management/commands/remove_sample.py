from django.core.management.base import BaseCommand

from anso_portal.sample.removal import remove


class Command(BaseCommand):
    help = "Takes the sample alliance out and keeps what is real, with what real records depend on."

    def handle(self, *args, **options):
        remove(self.stdout.write)
