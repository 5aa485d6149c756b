"""Two records of one institution become one, and are two again where that was wrong."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.history.writing import because
from accounts.models import User
from members.actions.journal import Journal, take_back
from members.actions.names import keep_names
from members.actions.roles import let_focal_point_go
from members.merging import Part, Plan, plan_merge
from members.merging.fields import GONE, GROUPS
from members.merging.fields import values_of as values_of_group
from members.merging.plans import rows_of, value_of
from members.merging.rules import model_of
from members.models import (
    Institution,
    InstitutionIdentifier,
    InstitutionMerge,
    InstitutionName,
    InstitutionRedirect,
    InstitutionRelation,
    InstitutionRole,
)
from notifications.actions import announce
from workflow.actions import WrongState

Kind, Origin = InstitutionName.Kind, InstitutionName.Origin


class Outdated(Exception):
    """Something has changed since the preview; `plan` is how it stands now."""

    def __init__(self, plan: Plan):
        super().__init__()
        self.plan = plan


@transaction.atomic
def merge_institutions(
    *, kept: Institution, gone: Institution, choices: Mapping[str, str], reason: str, token: str, by: User
) -> InstitutionMerge:
    """Everything that names `gone` names `kept` from now on; `choices` says for each field which one is right.

    The record that went stands in the entries of the merge. Its address leads to the other one.
    """
    who = _("Programme officers and administrators can do this.")
    demand(by, "merge", kept, who)
    demand(by, "merge", gone, who)
    kept, gone = _locked(kept, gone)
    plan = plan_merge(kept, gone)
    if plan.refusals:
        raise ValidationError(plan.refusals, code="refused")
    if token != plan.token:
        raise Outdated(plan)
    people = _people_of(kept, gone)
    merge = InstitutionMerge.objects.create(
        kept=kept,
        kept_number=kept.pk,
        gone_number=gone.pk,
        gone_slug=gone.slug,
        gone_name=gone.name,
        reason=reason,
        by=by,
    )
    with because(reason, by=by, merge=merge.pk):
        try:
            _carry_out(plan, choices, Journal(merge))
        except IntegrityError as problem:
            raise ValidationError(
                _("The database still knows something that belongs to the record that would go: %(problem)s")
                % {"problem": problem},
                code="refused",
            ) from problem
    announce(
        "institution.merged",
        kept,
        actor=by,
        to=people,
        context={"former": gone.name, "reason": reason},
    )
    return merge


def _locked(kept: Institution, gone: Institution) -> tuple[Institution, Institution]:
    """Both rows, whole: whoever adds something to them waits, and whoever merges them too comes too late.

    The lock on the table comes first, because an import of ROR takes its own before it touches rows.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE members_institution IN ROW EXCLUSIVE MODE")
    rows = Institution.objects.select_for_update(of=("self",)).filter(pk__in=[kept.pk, gone.pk]).order_by("pk")
    found = {row.pk: row for row in rows}
    if len(found) < 2:
        raise WrongState(_("One of the two records is no longer there: somebody was faster."), code="wrong_state")
    return found[kept.pk], found[gone.pk]


def _people_of(*institutions: Institution) -> list[User]:
    roles = InstitutionRole.objects.current().filter(institution__in=institutions)
    return list(User.objects.active().filter(pk__in=roles.values("user")))


def _carry_out(plan: Plan, choices: Mapping[str, str], journal: Journal) -> None:
    kept, gone = plan.kept, plan.gone
    taken = {choice.name for choice in plan.fields if choices.get(choice.name, choice.default) == GONE}
    shown = gone.name if "name" in taken else kept.name
    for part in plan.parts:
        _move(part, kept, gone, shown, journal)
    _move_names(plan, taken, journal)
    _move_relations(plan, journal)
    journal.drop(gone)
    _take_fields(plan, taken, journal)
    journal.made(InstitutionRedirect.objects.create(slug=gone.slug, number=gone.pk, institution=kept))
    journal.close()
    keep_names(institutions=[kept])
    # Whatever still refers to the record that went must show now, and not when the transaction ends.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _move(part: Part, kept: Institution, gone: Institution, name_shown: str, journal: Journal) -> None:
    model, rule = model_of(part.key), part.rule
    doubles = {double.dropped: double.twin for double in part.doubles}
    for row in model._base_manager.filter(pk__in=doubles).order_by("pk"):
        if rule.personal:
            journal.drop_twin(row, doubles[row.pk], rule.plain)
        else:
            journal.drop(row, doubles[row.pk])
    rows = rows_of(part, gone)
    name = next(field.attname for field in model._meta.concrete_fields if field.name == part.key.field)
    before, after = {name: value_of(part, gone)}, {name: value_of(part, kept)}
    if rule.follow:
        label, address = rule.follow
        shown = {label: name_shown[:300], address: kept.get_absolute_url()}
        # A follow shows the name and address of its topic; those of one time show the same.
        for old in list(rows.order_by().values(label, address).distinct()):
            journal.set(rows.filter(**old), {**before, **old}, {**after, **shown})
    else:
        journal.set(rows, before, after)


def _move_names(plan: Plan, taken: set[str], journal: Journal) -> None:
    """Ours from now on: an import of ROR would take away what the record that stays does not have there."""
    kept, gone = plan.kept, plan.gone
    for name in InstitutionName.objects.filter(pk__in=plan.names.doubles).order_by("pk"):
        journal.drop(name)
    for name in InstitutionName.objects.filter(pk__in=plan.names.kinds).order_by("pk"):
        _change_name(name, kept, plan.names.kinds[name.pk], journal)
    if "name" in taken:
        _show(kept, Kind.DISPLAY, gone.name, journal)
    if "acronym" in taken:
        _show(kept, Kind.ACRONYM, gone.acronym, journal)


def _show(institution: Institution, kind: str, value: str, journal: Journal) -> None:
    """This one of its names is the display name, or the acronym; those that were become further names."""
    names = InstitutionName.objects.filter(institution=institution)
    for name in names.filter(kind=kind).exclude(value=value).order_by("pk"):
        if names.filter(kind=Kind.ALIAS, value=name.value, language=name.language).exists():
            journal.drop(name)
        else:
            _change_name(name, institution, Kind.ALIAS, journal)
    if not names.filter(kind=kind).exists():
        _change_name(names.filter(value=value).order_by("pk")[0], institution, kind, journal)


def _change_name(name: InstitutionName, institution: Institution, kind: str, journal: Journal) -> None:
    fields = ("institution_id", "kind", "origin", "skeleton")
    before = {field: getattr(name, field) for field in fields}
    values = (institution.pk, str(kind), Origin.PORTAL.value, name.skeleton_as(kind))
    journal.set(InstitutionName.objects.filter(pk=name.pk), before, dict(zip(fields, values, strict=True)))


def _move_relations(plan: Plan, journal: Journal) -> None:
    rows = {
        row.pk: row
        for row in InstitutionRelation.objects.filter(pk__in=[*plan.relations.ends, *plan.relations.dropped])
    }
    for key in plan.relations.dropped:
        journal.drop(rows[key])
    for key, (one, other) in plan.relations.ends.items():
        before = {
            "institution_id": rows[key].institution_id,
            "other_id": rows[key].other_id,
            "origin": rows[key].origin,
        }
        after = {"institution_id": one, "other_id": other, "origin": Origin.PORTAL.value}
        journal.set(InstitutionRelation.objects.filter(pk=key), before, after)


def _take_fields(plan: Plan, taken: set[str], journal: Journal) -> None:
    kept, gone = plan.kept, plan.gone
    rors = [kept.ror, gone.ror]
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in sorted(taken - {"name", "acronym"}):  # These follow from its names.
        group = GROUPS[name]
        before |= values_of_group(group, kept)
        after |= values_of_group(group, gone)
        if name in kept.own_facts or name in gone.own_facts:
            before.setdefault("own_facts", kept.own_facts)
            own = after.get("own_facts", kept.own_facts)
            after["own_facts"] = sorted(set(own) - {name} | ({name} & set(gone.own_facts)))
    if after:
        plain = {name: _file_name(value) for name, value in before.items()}
        journal.set(
            Institution.objects.filter(pk=kept.pk), plain, {name: _file_name(value) for name, value in after.items()}
        )
        for name, value in after.items():
            setattr(kept, name, value)
    for other in {ror for ror in rors if ror} - {kept.ror}:
        identifier, made = InstitutionIdentifier.objects.get_or_create(
            institution=kept, scheme=InstitutionIdentifier.Scheme.ROR, value=other
        )
        if made:
            journal.made(identifier)


def _file_name(value: Any) -> Any:
    return getattr(value, "name", value) if hasattr(value, "storage") else value


# --- Undo


@transaction.atomic
def undo_merge(*, merge: InstitutionMerge, reason: str, by: User) -> InstitutionMerge:
    """The record that went comes back with everything that it had. What came since stays where it is.

    `undo_notes` says what could not be put back because somebody has changed it since.
    """
    merge = InstitutionMerge.objects.select_for_update(of=("self",)).get(pk=merge.pk)
    if merge.undone_at:
        raise WrongState(_("This merge is taken back already."), code="wrong_state")
    demand(by, "undo", merge, _("Programme officers and administrators can do this, within 30 days."))
    if merge.kept_id != merge.kept_number:
        raise WrongState(
            _("The record that stayed was merged with another one since: take that back first."), code="wrong_state"
        )
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE members_institution IN ROW EXCLUSIVE MODE")
    kept = Institution.objects.select_for_update(of=("self",)).get(pk=merge.kept_id)
    if Institution.objects.filter(Q(pk=merge.gone_number) | Q(slug=merge.gone_slug)).exists():
        raise WrongState(_("Another record has the address of the one that went."), code="wrong_state")
    let_focal_point_go()  # The one that stayed may have had none before.
    with because(reason, by=by, merge=merge.pk):
        notes = take_back(merge)
        kept.refresh_from_db()
        back = Institution.objects.filter(pk=merge.gone_number).first()
        if back is None:
            raise WrongState(" ".join(notes), code="wrong_state")
        keep_names(institutions=[kept, back])
        notes += _without_focal_point(kept, back)
    InstitutionMerge.objects.filter(pk=merge.pk).update(
        undone_at=Now(), undone_by=by, undo_reason=reason, undo_notes=notes
    )
    people = _people_of(kept, back)
    announce("institution.merge_undone", back, actor=by, to=people, context={"other": kept.name, "reason": reason})
    merge.refresh_from_db()
    return merge


def _without_focal_point(*institutions: Institution) -> list[str]:
    lasting = InstitutionRole.objects.lasting_focal_points().values("institution")
    return [
        _("“%(institution)s” has no focal point: name one.") % {"institution": institution}
        for institution in institutions
        if institution.roles.exists() and not Institution.objects.filter(pk=institution.pk, pk__in=lasting).exists()
    ]
