from django.core.management.commands import flush

from anso_portal.history.guard import maintenance


class Command(flush.Command):
    """Django's; with all other rows the history goes too, which only the owner of the tables may do."""

    def handle(self, **options):
        with maintenance():
            super().handle(**options)
