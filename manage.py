#!/usr/bin/env python
"""Runs the portal's commands; `manage.py help` lists them."""

import os
import sys
from contextlib import nullcontext


def _told():
    """The history learns which command wrote. Those of the owner change tables, which is no act upon a record."""
    from anso_portal.environment import needs_servers, speaks_as_owner

    if len(sys.argv) < 2 or speaks_as_owner() or not needs_servers():
        return nullcontext()
    from toolkit.history import context

    return context(source=f"manage.py {sys.argv[1]}")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anso_portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        if sys.argv[1:2] == ["up"]:
            # It starts the servers that settings ask for, so it cannot wait for them, and needs nothing else of Django.
            from anso_portal.supervisor.command import main as up

            sys.exit(up(sys.argv[2:]))
        with _told():
            execute_from_command_line(sys.argv)
    except ImproperlyConfigured as problem:
        sys.exit(f"The settings are not complete: {problem}")


if __name__ == "__main__":
    main()
