from django.core.management.base import BaseCommand

from anso_portal.supervisor.command import add_arguments, run


class Command(BaseCommand):
    """Stands here for `manage.py help`; manage.py goes to the supervisor directly, before any settings are read."""

    help = "Brings the whole portal up: servers, database, worker, beat, relay, web."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        add_arguments(parser)

    def handle(self, *args, port, no_sample, no_color, **options):
        raise SystemExit(run(port=port, sample=not no_sample, colour=False if no_color else None))
