import redis
from django.conf import settings
from django.core import checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from anso_portal.supervisor.state import State

MIGRATING = 1_095_980_879  # The number of the lock; two starts on one database take turns.


class Command(BaseCommand):
    help = "Brings the database up to date and notes whether it was empty; bin/up runs it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser):
        parser.add_argument("--no-sample", action="store_true")

    def handle(self, *args, no_sample, **options):
        state = State(settings.STATE_DIR)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATING])
        except OperationalError as problem:
            raise CommandError(f"The database does not answer. {str(problem).strip()}") from problem
        self._ask_redis()
        was_empty = "django_migrations" not in connection.introspection.table_names()
        call_command("migrate", interactive=False, verbosity=0)
        if was_empty:
            state.mark_done("sample", "left out" if no_sample else "wanted")
        elif not state.done("sample"):  # Records that we did not make are there: never mix the sample into them.
            state.mark_done("sample", "left out")
        for message in checks.run_checks(tags=[checks.Tags.database, checks.Tags.security], databases=["default"]):
            self.stderr.write(str(message))

    def _ask_redis(self):
        try:
            with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5, socket_connect_timeout=5) as client:
                client.ping()
        except (redis.RedisError, OSError, ValueError) as problem:
            raise CommandError(f"The server at REDIS_URL does not answer. {problem}") from problem
