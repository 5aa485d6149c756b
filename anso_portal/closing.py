"""Accounts that end: erased with all that is personal, or joined to another one of the same person.

What each app knows of a person stands in its `personal_data.py`; here it is only joined (see toolkit.personal).
"""

import contextlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.html import escape
from django.utils.translation import gettext as _

import accounts.personal_data
import anso_portal.personal_data
import centers.personal_data
import exchanges.personal_data
import members.personal_data
import news.personal_data
import notifications.personal_data
import projects.personal_data
import proposals.personal_data
import vocabularies.personal_data
import workflow.personal_data
from accounts.access import demand
from accounts.models import AllianceRole, User
from accounts.permissions import ADMINISTRATOR
from anso_portal.models import ClosedAccount
from members.actions.roles import let_focal_point_go
from members.models import Person
from members.personal_data import applications, changes, messages, people, registry, roles
from toolkit.history import context
from toolkit.personal import Joins, Traces, blot_out, join_rows

PARTS = (  # lower apps first
    vocabularies.personal_data,
    accounts.personal_data,
    notifications.personal_data,
    workflow.personal_data,
    members.personal_data,
    people,
    messages,
    roles,
    changes,
    applications,
    registry,
    centers.personal_data,
    projects.personal_data,
    exchanges.personal_data,
    news.personal_data,
    proposals.personal_data,
    anso_portal.personal_data,
)


def own_data(user: User) -> dict[str, Any]:
    """All that the portal knows of a person, by what it is."""
    known: dict[str, Any] = {}
    for part in PARTS:
        if hasattr(part, "export"):
            known |= part.export(user)
    return known


def obstacles(user: User) -> list[str]:
    """What has to be done before this account can be closed, in the words of its owner."""
    return [text for part in PARTS if hasattr(part, "obstacles") for text in part.obstacles(user)]


def traces_of(user: User) -> Traces:
    """Names that somebody else bears too are left out: in a text nobody could say who is meant."""
    texts = {text for part in PARTS if hasattr(part, "traces") for text in part.traces(user) if text}
    texts |= {escape(text) for text in texts}  # as it stands in the HTML of a mail
    borne = set(User.objects.exclude(pk=user.pk).filter(name__in=texts).values_list("name", flat=True))
    borne |= set(Person.objects.exclude(user=user).filter(name__in=texts).values_list("name", flat=True))
    return Traces(texts=tuple(sorted(texts - borne)), pseudonym=accounts.personal_data.pseudonym(user))


# --- Erasing


@transaction.atomic
def erase_account(*, user: User, by: User | None) -> None:
    """Nothing personal stays, and what others need names a pseudonym. It cannot be undone. By nobody: after a restore."""
    user = User.objects.select_for_update().get(pk=user.pk)
    if by and user != by:
        demand(by, "erase", user, _("Only the person and an administrator can do this."))
    if ClosedAccount.objects.filter(user=user).exists():
        return  # A second click.
    list(AllianceRole.objects.filter(role=ADMINISTRATOR).select_for_update())  # Of two last ones, one comes later.
    if user != by:
        let_focal_point_go()  # The secretariat has read who would be missing.
    elif first := obstacles(user):
        raise ValidationError(first)
    traces = traces_of(user)
    with context(reason="account erased"):
        for part in reversed(PARTS):
            if hasattr(part, "erase"):
                part.erase(user, traces)
        for label in sorted(label for part in PARTS for label in getattr(part, "TEXTS", ())):
            blot_out(apps.get_model(label), traces)
        ClosedAccount.objects.create(user=user, kind=ClosedAccount.Kind.ERASED, by=by)
    remove_mail_files(traces)


def remove_mail_files(traces: Traces) -> None:
    """Where mails become files, those that name the person."""
    folder = Path(settings.EMAIL_FILE_PATH)
    for path in folder.glob("*.eml") if folder.is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            if traces.found_in(_words_of(path.read_bytes())):
                path.unlink()


def _words_of(raw: bytes) -> str:
    message = message_from_bytes(raw, policy=policy.default)
    parts = [str(value) for value in message.values()]
    for part in message.walk():
        if part.get_content_maintype() == "text":
            parts.append(part.get_content())
    return "\n".join(parts)


# --- Joining


def all_joins() -> Joins:
    return {label: join for part in PARTS for label, join in getattr(part, "JOINS", {}).items()}


@transaction.atomic
def join_accounts(*, kept: User, closed: User, by: User) -> None:
    """Everything of the one goes to the other, which then is the only one. Refused whole where an app has not said how."""
    both = {
        user.pk: user for user in User.objects.select_for_update().filter(pk__in=[kept.pk, closed.pk]).order_by("pk")
    }
    kept, closed = both[kept.pk], both[closed.pk]
    if kept == closed or not (kept.is_active and closed.is_active):
        raise ValidationError(_("These accounts cannot be joined."))
    with context(reason="accounts joined"):
        join_rows(kept, closed, all_joins())
        accounts.personal_data.sign_out_everywhere(closed)
        _fill_in(kept, closed)
        accounts.personal_data.close(closed)
        ClosedAccount.objects.create(user=closed, kind=ClosedAccount.Kind.JOINED, joined_to=kept, by=by)


def _fill_in(kept: User, closed: User) -> None:
    kept.name = kept.name or closed.name
    kept.joined_at = min(kept.joined_at, closed.joined_at)
    kept.save(update_fields=["name", "joined_at"])


# --- What the declarations say, for the checks


def declared() -> Iterator[tuple[str, str]]:
    for part in PARTS:
        for kind in ("OWN", "TEXTS", "FREE"):
            for label in getattr(part, kind, ()):
                yield label, kind


def held_models() -> list[type[models.Model]]:
    return [apps.get_model(label) for label, kind in declared() if kind != "FREE"]
