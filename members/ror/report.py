"""What an import did, to be shown at its end."""

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

REFUSALS_KEPT = 20


class Refusal(NamedTuple):
    number: int
    ror: str
    reason: str
    detail: str


@dataclass
class Report:
    """`refused` counts every refusal by its reason; `refusals` keeps the first of them in full."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    relations_made: int = 0
    relations_ended: int = 0
    relations_not_held: int = 0

    @property
    def read(self) -> int:
        return self.taken + self.refused.total()

    @property
    def taken(self) -> int:
        return self.created + self.updated + self.unchanged

    def refuse(self, refusal: Refusal) -> None:
        self.refused[refusal.reason] += 1
        if len(self.refusals) < REFUSALS_KEPT:
            self.refusals.append(refusal)
