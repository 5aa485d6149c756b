from django.core.management.base import BaseCommand

from anso_portal.cleaning import clean_up


class Command(BaseCommand):
    help = "Forgets what is kept for a time only, such as texts of old mails; the worker does so every night."

    def handle(self, **options):
        for name, number in clean_up():
            self.stdout.write(f"{name}: {number:,}")
