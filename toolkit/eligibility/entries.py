"""What is checked, and what a check answers."""

import datetime
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Rule = Mapping[str, Any]
NOBODY_ASKS = Decimal(10) ** 15


@dataclass(frozen=True)
class Party:
    """An institution that takes part. A blank country and no amount are not known yet."""

    key: Hashable
    name: str
    country: str
    role: str
    member: bool
    amount: Decimal | None = None

    @property
    def asks(self) -> Decimal | None:
        """The amount, where it is one that somebody can ask for."""
        amount = self.amount
        return amount if amount is not None and amount.is_finite() and 0 <= amount < NOBODY_ASKS else None


@dataclass(frozen=True)
class Entry:
    """What somebody hands in. None, a blank and a key that is missing are not known yet.

    `lead_person_has` and `entries_of` count the other entries, without this one.
    """

    parties: tuple[Party, ...] = ()
    lead_person_has: int | None = None
    entries_of: Mapping[Hashable, int] = field(default_factory=dict)
    sites: tuple[str, ...] = ()
    starts_on: datetime.date | None = None
    ends_on: datetime.date | None = None
    currency: str = ""
    counts: Mapping[str, int | None] = field(default_factory=dict)
    tags: frozenset[str] = frozenset()

    @property
    def total(self) -> Decimal | None:
        return total(self.parties)


@dataclass(frozen=True)
class Finding:
    """`sentence` says the rule; `missing` what it still takes, and is empty where the rule is met."""

    rule: Rule
    met: bool
    sentence: str
    missing: str


def total(parties: tuple[Party, ...] | list[Party]) -> Decimal | None:
    """What the parties ask for together; None while one has not said, or there is nobody."""
    asked = [party.asks for party in parties]
    known = [amount for amount in asked if amount is not None]
    return sum(known, Decimal(0)) if asked and len(known) == len(asked) else None
