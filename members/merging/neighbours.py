"""Relations between institutions name two of them, and either may be one of the two records."""

from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from members.models import Institution, InstitutionRelation

Kind = InstitutionRelation.Kind


@dataclass
class RelationPlan:
    """For each relation that changes its new ends; those that would be double or lead to themselves are dropped."""

    ends: dict[int, tuple[int, int]] = field(default_factory=dict)
    dropped: dict[int, str] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)

    @property
    def moving(self) -> list[str]:
        return [self.texts[key] for key in self.ends]

    @property
    def summary(self) -> list:
        return [sorted(self.ends.items()), sorted(self.dropped)]


def plan_relations(kept: Institution, gone: Institution) -> RelationPlan:
    both = [kept.pk, gone.pk]
    found = InstitutionRelation.objects.filter(Q(institution__in=both) | Q(other__in=both))
    rows = list(found.select_related("institution", "other").order_by("pk"))
    plan = RelationPlan()
    held = {_edge(row.kind, row.institution_id, row.other_id) for row in rows if gone.pk not in _ends(row)}
    for row in rows:
        if gone.pk not in _ends(row):
            continue
        one, other = (kept.pk if end == gone.pk else end for end in _ends(row))
        text = plan.texts[row.pk] = str(row)
        if one == other:
            plan.dropped[row.pk] = _("%(relation)s: between the two records themselves") % {"relation": text}
        elif _edge(row.kind, one, other) in held:
            plan.dropped[row.pk] = _("%(relation)s: is there already") % {"relation": text}
        else:
            held.add(_edge(row.kind, one, other))
            plan.ends[row.pk] = (one, other)
    return plan


def _ends(row: InstitutionRelation) -> tuple[int, int]:
    return row.institution_id, row.other_id


def _edge(kind: str, one: int, other: int) -> tuple:
    """To be related has no direction."""
    return (kind, min(one, other), max(one, other)) if kind == Kind.RELATED else (kind, one, other)
