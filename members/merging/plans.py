"""What a merge would do, found by questions alone, so that an officer can read it before anything happens."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Case, F, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Concat
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _

from members.merging.fields import FieldChoice, choices_of, unknown_columns
from members.merging.names import NamePlan, plan_names
from members.merging.neighbours import RelationPlan, plan_relations
from members.merging.rules import Key, Move, declared, model_of, undeclared
from members.models import Institution, Membership
from toolkit.listing.together import Question, ask_together, number_of, values_of

EXAMPLES = 3
DOUBLES = 10_000  # more of one kind are no doubles but a mistake


@dataclass
class Part:
    """The rows of one relation: how many go over, the first of them, and the pairs of which one row is dropped."""

    key: Key
    rule: Move
    count: int = 0
    examples: list[str] = field(default_factory=list)
    doubles: list["Double"] = field(default_factory=list)
    refused: int = 0

    @property
    def label(self) -> str:
        return str(self.rule.label)


@dataclass(frozen=True)
class Double:
    dropped: int
    twin: int
    text: str
    of_kept: bool  # it stood with the record that stays; the other one is better


@dataclass
class Plan:
    kept: Institution
    gone: Institution
    fields: list[FieldChoice]
    names: NamePlan
    relations: RelationPlan
    parts: list[Part]
    refusals: list[str]
    warnings: list[str] = field(default_factory=list)

    @property
    def token(self) -> str:
        """Of all that the preview shows: what has changed since must be seen before it is confirmed."""
        parts = [[str(part.key), part.count, [[d.dropped, d.twin] for d in part.doubles]] for part in self.parts]
        fields = [[choice.name, choice.kept_text, choice.gone_text] for choice in self.fields]
        content = [self.kept.pk, self.gone.pk, parts, fields, self.names.summary, self.relations.summary, self.refusals]
        return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()[:32]

    @property
    def moving(self) -> list[Part]:
        return [part for part in self.parts if part.count]

    @property
    def dropping(self) -> list[Part]:
        return [part for part in self.parts if part.doubles]


def plan_merge(kept: Institution, gone: Institution) -> Plan:
    """A constant number of questions, whatever the two records have."""
    parts = [Part(key, rule) for key, rule in sorted(declared().items()) if isinstance(rule, Move)]
    _ask(parts, kept, gone)
    refusals = [*_undeclared(), *(sentence for part in parts for sentence in _refusals(part))]
    return Plan(
        kept,
        gone,
        choices_of(kept, gone),
        plan_names(kept, gone),
        plan_relations(kept, gone),
        parts,
        refusals,
        list(_warnings(kept, gone)),
    )


def _warnings(kept: Institution, gone: Institution) -> Iterator[str]:
    decisions = list(Membership.objects.in_force().filter(institution__in=[kept, gone]))
    now = next((decision for decision in decisions if decision.institution_id == kept.pk), None)
    then = max(decisions, key=lambda decision: (decision.starts_on, decision.pk), default=None)
    if then is not None and (now is None or now.standing != then.standing):
        yield _("Its standing changes: today it is “%(now)s”, after the merge “%(then)s”.") % {
            "now": now.get_standing_display() if now else _("partner"),
            "then": then.get_standing_display(),
        }
    if kept.ror and gone.ror:
        yield _("ROR has a record for each of the two. If they are one institution, tell ROR too.")
    if kept.country_id and gone.country_id and kept.country_id != gone.country_id:
        yield _("The two records are in different countries.")


def _undeclared() -> Iterator[str]:
    for column in unknown_columns():
        yield _("The portal does not know what becomes of the column “%(column)s”. Tell its administrator.") % {
            "column": column
        }
    for key in undeclared():
        rows = model_of(key)._meta.verbose_name_plural
        yield _(
            "The portal does not know what becomes of “%(rows)s” (%(key)s), so it merges nothing. Tell its administrator."
        ) % {"rows": rows, "key": key}


def _refusals(part: Part) -> Iterator[str]:
    if part.refused:
        yield str(part.rule.refusal) % {"count": part.refused}
    if part.doubles and part.rule.refuse_doubles:
        yield str(part.rule.refuse_doubles) % {"text": part.doubles[0].text}


# --- One statement for all relations


def _ask(parts: list[Part], kept: Institution, gone: Institution) -> None:
    questions: dict[str, list[Question]] = {}
    for part in parts:
        name, rows = str(part.key), rows_of(part, gone)
        questions[f"{name} count"] = [number_of(rows.order_by().values("pk"))]
        shown = rows.order_by("-pk").values_list(_text("pk"), _text(part.rule.example), Value(None, TextField()))
        questions[f"{name} examples"] = [values_of(shown[:EXAMPLES])]
        questions[f"{name} doubles"] = [values_of(pairs[:DOUBLES]) for pairs in pairs_of(part, kept, gone)]
        if part.rule.refuse is not None:
            questions[f"{name} refused"] = [number_of(rows.filter(part.rule.refuse).order_by().values("pk"))]
    answers = ask_together(questions)
    for part in parts:
        name = str(part.key)
        part.doubles = _doubles(answers[f"{name} doubles"])
        dropped = {double.dropped for double in part.doubles}
        staying = [answer for answer in answers[f"{name} examples"] if int(answer[0] or 0) not in dropped]
        part.examples = [str(text) for _key, text, _none in sorted(staying, key=_newest)]
        part.count = _number(answers[f"{name} count"]) - sum(not double.of_kept for double in part.doubles)
        part.refused = _number(answers.get(f"{name} refused", []))


def _newest(answer) -> int:
    return -int(answer[0])


def _number(answers) -> int:
    return sum(int(number or 0) for _value, _name, number in answers)


def _text(expression: str) -> Cast:
    return Cast(F(expression), TextField())


def _doubles(answers) -> list[Double]:
    """Each row is dropped once, though several constraints may name it."""
    found: dict[int, Double] = {}
    for key, twin, text in sorted(answers, key=lambda answer: (int(answer[0] or 0), int(answer[1] or 0))):
        better, _bar, text = (text or "").partition("|")
        of_kept = better == "1"
        dropped, stays = (int(twin), int(key)) if of_kept else (int(key), int(twin))
        found.setdefault(dropped, Double(dropped, stays, text, of_kept))
    return list(found.values())


def value_of(part: Part, institution: Institution) -> Any:
    return f"institution:{institution.pk}" if part.rule.text else institution.pk


def rows_of(part: Part, institution: Institution) -> QuerySet:
    return model_of(part.key)._base_manager.filter(Q((part.key.field, value_of(part, institution))))


def pairs_of(part: Part, kept: Institution, gone: Institution) -> Iterator[QuerySet]:
    """(row of the one that goes, its double with the one that stays, "1|text" where the first is better)."""
    for others, condition, equal in _sames(part):
        rows, twins = rows_of(part, gone), rows_of(part, kept)
        if condition is not None:
            rows, twins = rows.filter(condition), twins.filter(condition)
        twin = twins.filter(*(equal(name) for name in others)).order_by("pk").values("pk")[:1]
        paired = rows.order_by().annotate(twin=Subquery(twin)).filter(twin__isnull=False)
        yield paired.values_list(_text("pk"), _text("twin"), _marked(part))


def _marked(part: Part) -> models.Expression:
    better = Case(When(part.rule.better, then=Value("1|")), default=Value("0|")) if part.rule.better else Value("0|")
    shown = _text(part.rule.example)
    return Concat(better, shown, output_field=TextField())


def _equal(name: str) -> Q:
    """As a constraint has it: where nothing stands, nothing is equal."""
    return Q((name, OuterRef(name)))


def _same(name: str) -> Q:
    return _equal(name) | Q(IsNull(OuterRef(name), True), (f"{name}__isnull", True))


def _sames(part: Part) -> Iterator[tuple[tuple[str, ...], Q | None, Callable[[str], Q]]]:
    """The other fields of each constraint that allows a row once per institution, with its condition."""
    model, name = model_of(part.key), part.key.field
    field_ = model._meta.get_field(name)
    if getattr(field_, "unique", False):
        yield (), None, _equal
    for together in model._meta.unique_together:
        if name in together:
            yield tuple(other for other in together if other != name), None, _equal
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            if constraint.expressions:
                raise ImproperlyConfigured(
                    f"{constraint.name} is made of expressions: a merge cannot tell its doubles."
                )
            if name in constraint.fields:
                yield tuple(other for other in constraint.fields if other != name), constraint.condition, _equal
    if part.rule.same:
        yield part.rule.same, None, _same
