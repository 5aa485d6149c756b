"""The words in which events are told, as officers have changed them. Placeholders are filled in; nothing is evaluated."""

import re

from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.access import can_on_some
from accounts.models import User
from notifications.kinds import Kind, Shown, Texts
from notifications.models import Event, KindText

CACHE_KEY = "kind-texts"
PERCENT = re.compile(r"%(?:\((\w+)\)s|(%)|)")


def changed() -> Texts:
    """By kind and language; kept for a minute, dropped when changed."""
    known: Texts | None = cache.get(CACHE_KEY)
    if known is None:
        rows = KindText.objects.values_list("kind", "language", "subject", "sentence")
        known = {(kind, language): (subject, sentence) for kind, language, subject, sentence in rows}
        cache.set(CACHE_KEY, known, 60)
    return known


def check(kind: Kind, text: str) -> None:
    """ValidationError for a placeholder that this kind does not have, and for a % that is none."""
    for found in PERCENT.finditer(text):
        name, percent = found.groups()
        if name is None and percent is None:
            raise ValidationError(_("Write %% for a per cent sign, and placeholders as in %(title)s."))
        if name is not None and name not in kind.placeholders:
            names = ", ".join(f"%({one})s" for one in kind.placeholders)
            raise ValidationError(
                _("There is no %(name)s here. There are: %(names)s") % {"name": f"%({name})s", "names": names}
            )


def preview(kind: Kind, language: str, subject: str, sentence: str) -> tuple[str, str, bool]:
    """Both as the last event of the kind would be told, and whether there was one; else the placeholders stay visible."""
    event = Event.objects.filter(kind=kind.name).order_by("-pk").first()
    facts = event.facts if event else {name: f"[{name}]" for name in kind.placeholders}
    with translation.override(language):
        shown = Shown(dict.fromkeys(kind.placeholders, "") | facts)
        return subject % shown, sentence % shown, event is not None


@transaction.atomic
def save_text(*, kind: Kind, language: str, subject: str, sentence: str, by: User) -> KindText:
    _demand(by)
    for text in (subject, sentence):
        check(kind, text)
    row, _made = KindText.objects.update_or_create(
        kind=kind.name,
        language=language,
        defaults={"subject": subject, "sentence": sentence, "by": by, "changed_at": Now()},
    )
    transaction.on_commit(forget)
    return row


@transaction.atomic
def reset_text(*, kind: Kind, language: str, by: User) -> None:
    """Back to the words of the code."""
    _demand(by)
    KindText.objects.filter(kind=kind.name, language=language).delete()
    transaction.on_commit(forget)


def _demand(by: User) -> None:
    if not can_on_some(by, "edit", KindText):
        raise PermissionDenied(_("Officers and administrators can do this."))


def forget() -> None:
    cache.delete(CACHE_KEY)
