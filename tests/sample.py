"""The sample alliance for the tests of a module: loaded once, undone at the end."""

import io
from contextlib import contextmanager

import pghistory.models
from django.apps import apps
from django.core.management import call_command
from django.db import transaction

from anso_portal.sample.people import logins_file


@contextmanager
def sample_loaded(django_db_blocker, before=lambda: None):
    """For a fixture with scope="module" that also asks for `django_db_setup`; gives what the command printed.

    `before` makes rows that are there when the sample comes. Each test's own changes are undone after it, as always.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        before()
        yield command("load_sample")
        transaction.set_rollback(True)
    logins_file().unlink(missing_ok=True)


def command(name: str) -> str:
    output = io.StringIO()
    call_command(name, stdout=output, no_color=True)
    return output.getvalue()


def all_rows() -> dict[str, list[dict]]:
    """Every row of every table, but for the history, which only grows."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
        and model._meta.app_label != "pghistory"
        and not issubclass(model, pghistory.models.Event)
    }
