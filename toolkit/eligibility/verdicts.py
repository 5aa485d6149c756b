"""Yes, no and not yet known: what is filled in later can settle what is open, and never turns a yes into a no."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple


class Outcome(NamedTuple):
    """`missing` is a clause, without capital and full stop, and is empty where the rule is met."""

    met: bool | None
    missing: str = ""


MET = Outcome(True)


def every(verdicts: Iterable[bool | None]) -> bool | None:
    verdicts = list(verdicts)
    return False if False in verdicts else None if None in verdicts else True


def some(verdicts: Iterable[bool | None]) -> bool | None:
    verdicts = list(verdicts)
    return True if True in verdicts else None if None in verdicts else False


def within(
    lowest: int | Decimal, highest: int | Decimal, least: int | Decimal | None, most: int | Decimal | None
) -> bool | None:
    """Whether a number lies between the bounds, of which it is known only that it is from lowest to highest."""
    return every(
        [
            True if least is None or lowest >= least else False if highest < least else None,
            True if most is None or highest <= most else False if lowest > most else None,
        ]
    )
