"""What officers do with a call: make it, publish it, move its deadline."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.history.writing import because
from accounts.models import User
from notifications.actions import announce
from proposals.models import Call, CallOfficer, CallPart, Proposal, Question
from toolkit.names import slugify, unique_slug
from workflow.actions import move


@transaction.atomic
def make_call(*, call: Call, by: User) -> Call:
    """A draft, given to the officer who made it."""
    call.slug = call.slug or unique_slug(
        slugify(call.title) or slugify(call.code), taken=lambda slug: Call.objects.filter(slug=slug).exists()
    )
    call.save(force_insert=True)
    CallOfficer.objects.create(call=call, user=by)
    return call


@transaction.atomic
def copy_call(*, call: Call, code: str, by: User) -> Call:
    """A draft with the texts, rules and form of an earlier call; dates and proposals stay with that one."""
    copy = Call(
        code=code,
        **{
            name: getattr(call, name)
            for name in ("title", "kind", "programme", "summary", "text", "currency", "budget", "most_per_proposal")
        },
        **{name: getattr(call, name) for name in ("zone", "zone_label", "grace_minutes", "rules")},
    )
    make_call(call=copy, by=by)
    copy.themes.set(call.themes.all())
    for part in call.parts.prefetch_related("questions"):
        questions = list(part.questions.all())
        made = CallPart.objects.create(call=copy, position=part.position, title=part.title, hint=part.hint)
        for question in questions:
            question.pk, question.part, question._state.adding = None, made, True
        Question.objects.bulk_create(questions)
    return copy


@transaction.atomic
def publish_call(*, call: Call, by: User) -> Call:
    """Followers of the call's themes hear of it."""
    published = move(call, Call.State.PUBLISHED, by=by, about=call.topics(), context=facts(call))
    Call.objects.filter(pk=call.pk, published_at__isnull=True).update(published_at=Now())
    return published


def facts(call: Call) -> dict:
    budget = f"{call.currency} {call.budget:,.0f}" if call.budget else ""
    return {"opens_at": call.opens_at, "closes_at": call.closes_at, "budget": budget}


@transaction.atomic
def change_deadline(*, call: Call, closes_at: datetime, reason: str, by: User) -> Call:
    """Earlier or later, for everybody at one instant: whoever submits waits for this, or this for them."""
    demand(by, "edit", call, _("An officer to whom the call is given, or an administrator, can do this."))
    row = Call.objects.select_for_update().get(pk=call.pk)
    if row.state != Call.State.PUBLISHED:
        raise ValidationError(_("The call is not published, or decided already."))
    before, row.closes_at = row.closes_at, closes_at
    if before == closes_at:
        return row
    if row.internal_closes_at and row.internal_closes_at > closes_at:
        row.internal_closes_at = closes_at
    row.full_clean(validate_unique=False)
    with because(reason, by=by):
        row.save()
    people = User.objects.active().filter(proposals__in=Proposal.objects.filter(call=row)).distinct()
    announce(
        "call.deadline_changed",
        row,
        actor=by,
        about=[f"call:{row.pk}"],
        to=list(people),
        context={"before": before, "closes_at": closes_at},
    )
    return row
