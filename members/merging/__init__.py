"""What becomes of everything that names an institution when two records become one.

Every relation is declared: by the app that holds it, in its `merging.py`, which its AppConfig imports. What is found by
walking the models and not declared refuses every merge, so nothing is ever forgotten in silence.
"""

from members.merging.plans import Part, Plan, plan_merge
from members.merging.rules import Keep, Key, Move, declare, declared, relations, undeclared

__all__ = [
    "Keep",
    "Key",
    "Move",
    "Part",
    "Plan",
    "declare",
    "declared",
    "plan_merge",
    "relations",
    "undeclared",
]
