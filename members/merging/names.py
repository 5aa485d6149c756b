"""The names of a record that goes become names of the one that stays."""

from dataclasses import dataclass, field

from members.models import Institution, InstitutionName

Kind = InstitutionName.Kind


@dataclass
class NamePlan:
    """Keys of the names that go over, with the kind that each will have, and of those that are there already."""

    kinds: dict[int, str] = field(default_factory=dict)
    values: dict[int, str] = field(default_factory=dict)
    doubles: dict[int, str] = field(default_factory=dict)

    @property
    def moving(self) -> list[str]:
        return list(dict.fromkeys(self.values[key] for key in self.kinds))

    @property
    def summary(self) -> list:
        return [sorted(self.kinds.items()), sorted(self.doubles.items())]


def plan_names(kept: Institution, gone: Institution) -> NamePlan:
    """A display name becomes one of the others. An acronym does too, or it would stand beside the one that is shown."""
    plan = NamePlan()
    held: set[tuple[str, str]] = set()
    theirs = []
    rows = InstitutionName.objects.filter(institution__in=[kept, gone]).order_by("origin", "pk")
    for name in rows:
        if name.institution_id == kept.pk:
            held.add((name.value, name.language))
        else:
            theirs.append(name)
    for name in theirs:
        if (name.value, name.language) in held:
            plan.doubles[name.pk] = name.value
            continue
        held.add((name.value, name.language))
        plan.kinds[name.pk] = Kind.LABEL if name.kind == Kind.LABEL else Kind.ALIAS
        plan.values[name.pk] = name.value
    return plan
