"""What must be true of everything that has states."""

from collections.abc import Iterator

from django.db.models import CharField, F, OuterRef, Q, Subquery
from django.db.models.functions import Cast

from toolkit.invariants import invariant
from workflow.models import Step
from workflow.tables import tables


@invariant("Each record stands where its last move left it.")
def states() -> Iterator[str]:
    for label, table in sorted(tables.items()):
        steps = Step.objects.filter(object_label=label, field=table.field, object_id=OuterRef("key")).order_by("-pk")
        rows = table.model._base_manager.annotate(key=Cast("pk", CharField()))
        wrong = rows.annotate(last=Subquery(steps.values("target")[:1])).exclude(last=None).exclude(last=F(table.field))
        for key, last in wrong.order_by("pk").values_list("pk", "last").iterator():
            yield f"{label} {key}: its last move led to “{last}”"


@invariant("Each move that was made is one of the table of its record.")
def moves() -> Iterator[str]:
    for label, table in sorted(tables.items()):
        known = Q()
        for move in table.moves:
            known |= Q(source=move.source, target=move.target)
        for step in Step.objects.filter(~known, object_label=label, field=table.field).order_by("pk").iterator():
            yield str(step)
