"""What must always be true of the rows and no constraint can say. Apps write theirs in `invariants.py`;
`manage.py check_invariants` asks them all.

A check yields one sentence for each fault, as it finds them, and never holds a whole table in memory.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from django.db.models import QuerySet

BATCH = 2000

Find = Callable[[], Iterable[str]]


@dataclass(frozen=True)
class Invariant:
    name: str
    says: str
    find: Find

    def faults(self, most: int) -> list[str]:
        return list(islice(self.find(), most))


_invariants: dict[str, Invariant] = {}


def invariant(says: str) -> Callable[[Find], Find]:
    """Registers a check; `says` is what is true where it finds nothing."""

    def register(find: Find) -> Find:
        name = f"{find.__module__.partition('.')[0]}.{find.__name__}"
        if _invariants.setdefault(name, Invariant(name, says, find)).find is not find:
            raise LookupError(f"Two invariants are named {name}.")
        return find

    return register


def invariants() -> list[Invariant]:
    return [_invariants[name] for name in sorted(_invariants)]


def batches(rows: QuerySet) -> Iterator[list]:
    """The rows in the order of their keys, some thousands at a time, each in a statement of its own."""
    last = None
    while True:
        after = rows.filter(pk__gt=last) if last is not None else rows
        batch = list(after.order_by("pk")[:BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1].pk
