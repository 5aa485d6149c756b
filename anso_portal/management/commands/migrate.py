from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate

from anso_portal.history import chain, guard
from anso_portal.migrating import draw_less
from anso_portal.models import HistoryLink


class Command(migrate.Command):
    """Django's, and then the guards of the history, the grants of the application's role, and a seal where tables changed."""

    def handle(self, *args, **options):
        before = chain.shapes()
        draw_less()
        super().handle(*args, **options)
        if options["check_unapplied"] or options["plan"]:
            return
        try:
            guard.secure(settings.APPLICATION_ROLE)
        except guard.NoSuchRole as problem:
            raise CommandError(str(problem)) from None
        if HistoryLink._meta.db_table in before:
            chain.reseal(before)
