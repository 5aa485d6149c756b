"""Who may take part, said as data: rules that a machine checks, a page explains and an officer writes. Knows no model.

docs/eligibility.md shows each rule with an example.
"""

from toolkit.eligibility.checking import check, describe
from toolkit.eligibility.entries import Entry, Finding, Party, Rule
from toolkit.eligibility.grammar import validate

__all__ = ["Entry", "Finding", "Party", "Rule", "check", "describe", "validate"]
