"""Acts that somebody gave a reason for."""

from collections.abc import Iterator
from contextlib import contextmanager

from accounts.models import HistoryReason, User
from toolkit.history import context


@contextmanager
def because(reason: str, *, by: User | None, source: str = "", **numbers: int) -> Iterator[None]:
    """What is written inside is one act, with the reason that was typed.

    Its words can name people and the history never changes, so it holds the number of the reason, which can be blotted out.
    """
    number = HistoryReason.objects.create(text=reason, by=by).pk if reason.strip() else 0
    with context(user=by.pk if by else None, source=source, reason_number=number, **numbers):
        yield
