"""Which records keep a history, and what it says of who wrote.

The database itself adds an event for each row that comes, changes or goes, whatever program writes.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pghistory
import pghistory.runtime
from django.core.exceptions import ImproperlyConfigured
from django.db import models

tracker = pghistory.runtime._tracker
Model = TypeVar("Model", bound=type[models.Model])

# Words of a field's name that say: this is about a person, or a secret. An event outlives the record and its erasure.
PERSONAL = re.compile(
    r"(^|_)(e_?mail|phone|fax|orcid|biography|expertise|password|token|secret|digest_of_token|message|comment|motivation"
    r"|first_?name|last_?name|family_?name|given_?name|full_?name|person_?name|contact_?name|passport|birth\w*|ip|user_?agent)(_|$)"
)


def track(*, exclude: Iterable[str] = ()) -> Callable[[Model], Model]:
    """A class decorator: additions, changes and removals, by one trigger per statement, whoever writes.

    Personal fields are never tracked: who is erased must not live on in an event. Models of people have no history at all;
    others name in `exclude` what somebody wrote about a person, and what is only derived. Keys to people are numbers and may stay.
    """
    left_out = set(exclude)

    def decorate(model: Model) -> Model:
        refused = {field.name for field in model._meta.local_fields if is_personal(field)} - left_out
        if refused:
            raise ImproperlyConfigured(f"{model.__name__} must leave {', '.join(sorted(refused))} out of its history.")
        # Made anew for each model. Taken from settings they would be copied, and pgtrigger knows its operations by
        # identity: a copied “delete” is given no table of old rows.
        events = pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent()
        return pghistory.track(*events, exclude=sorted(left_out), level=pghistory.Statement)(model)

    return decorate


def is_personal(field: models.Field) -> bool:
    if field.is_relation:
        return False
    return isinstance(field, models.EmailField) or bool(PERSONAL.search(field.name))


@contextmanager
def context(
    *, user: int | None = None, source: str = "", file: str = "", reason: str = "", **numbers: int
) -> Iterator[None]:
    """What is written inside is one act, told with who (a user's number), what program, why, and numbers of other records.

    In a request or a task the user or the source is known already. `reason` is one of our own words, such as “account
    erased”: what somebody typed goes through accounts.history.writing.because, for the history never changes.

    What is said inside holds inside only: pghistory's own would let it hold to the end of the request.
    """
    said = {"user": user, "source": source, "file": file, "reason": reason, **numbers}
    facts = {name: value for name, value in said.items() if value}
    outer = getattr(tracker, "value", None)
    if outer is None:
        with pghistory.context(**facts):
            yield
        return
    tracker.value = outer._replace(metadata={**outer.metadata, **facts})
    try:
        yield
    finally:
        tracker.value = outer
