"""What the people of an institution do with its record: propose, send, withdraw; and what an officer decides.

Nothing is overwritten in silence. Each form carries a token: digests of all the versions that its reader saw. Whoever saves
holds the record's lock, and is stopped by a version that the token does not name.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from members.actions.facts import FACTS, digest, goes_live_at_once, locked, write_fact
from members.models import ChangeItem, ChangeRequest, Institution
from toolkit.history import context
from workflow.actions import WrongState, move

Decision = ChangeItem.Decision


class Conflict(Exception):
    """Somebody else changed it meanwhile; the text is kept by whoever catches this, and shown beside the other one."""


class Version(NamedTuple):
    """One of the texts that stand for a field now: in the record (`item` is None), or in an unfinished proposal."""

    field: str
    value: Any
    item: ChangeItem | None = None


# --- What there is now


def versions_of(institution: Institution, fields: Iterable[str]) -> list[Version]:
    """The record's own and those that its people are proposing, the oldest first."""
    fields = list(fields)
    items = ChangeItem.objects.filter(
        request__institution=institution, request__state__in=ChangeRequest.UNFINISHED, field__in=fields
    )
    return [
        *(Version(field, FACTS[field].read(institution), None) for field in fields),
        *(Version(item.field, item.after, item) for item in items.select_related("request__by").order_by("pk")),
    ]


def token_of(versions: Iterable[Version]) -> str:
    return ".".join(sorted({digest([version.field, version.value]) for version in versions}))


def unseen(versions: Iterable[Version], token: str, typed: Mapping[str, Any]) -> list[Version]:
    """Those that the token does not name. One that says what was typed is no hindrance: a second click does no harm."""
    seen = set(token.split("."))
    return [
        version
        for version in versions
        if digest([version.field, version.value]) not in seen and version.value != typed[version.field]
    ]


def token_of_request(request: ChangeRequest, institution: Institution) -> str:
    """Everything that somebody who sends or decides must have seen: each field, and what the record says now."""
    items = request.items.order_by("pk").values_list("pk", "field", "after", "decision")
    return digest([[*item, FACTS[item[1]].read(institution)] for item in items])


def expected(item: ChangeItem) -> Any:
    """What the record says if nobody else has changed it."""
    return item.after if item.live_at else item.before


# --- Proposing


@transaction.atomic
def save_part(*, institution: Institution, values: Mapping[str, Any], token: str, by: User) -> ChangeRequest | None:
    """Keep what was typed in the person's own request: a draft, or what waits already and is then changed in place.

    A field that says again what the record says leaves the request. Gives back the request, if anything is in it.
    """
    demand(by, "propose", institution, _("The people of the institution can do this."))
    institution = locked(institution)
    if unseen(versions_of(institution, values), token, values):
        raise Conflict
    request, _made = ChangeRequest.objects.unfinished().get_or_create(institution=institution, by=by)
    items = {item.field: item for item in request.items.filter(field__in=list(values))}
    with _told(request, by):
        for field, value in values.items():
            item = items.get(field) or ChangeItem(request=request, field=field)
            _keep(item, FACTS[field].read(institution), value, institution)
    if request.items.exists():
        ChangeRequest.objects.filter(pk=request.pk).update(changed_at=Now())
        return request
    if request.state == ChangeRequest.State.PROPOSED:
        move(request, "withdrawn", by=by)
    else:
        request.delete()
    return None


def _keep(item: ChangeItem, current: Any, value: Any, institution: Institution) -> None:
    if not item.live_at:
        item.before = current
    elif value == item.after == current:
        return
    given_up = item.after if item.field == "logo" and item.pk else None
    item.after = value
    if value == item.before:
        if item.live_at and value != current:
            write_fact(institution, item.field, value, own=item.was_own)
        if item.pk:
            item.delete()
    else:
        if item.request.state == ChangeRequest.State.PROPOSED and goes_live_at_once(item.field):
            _make_live(item, institution)
        item.save()
    if given_up:
        forget_picture(given_up)


def _make_live(item: ChangeItem, institution: Institution) -> None:
    if not item.live_at:
        item.was_own = item.field in institution.own_facts
        item.live_at = Now()
    write_fact(institution, item.field, item.after)


@transaction.atomic
def send_changes(*, request: ChangeRequest, note: str, token: str, by: User) -> ChangeRequest:
    """Hand a draft to the officers. Small fields stand in the record from now on; the others wait."""
    institution = locked(request.institution)
    request = ChangeRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
    demand(by, "send", request, _("The person who proposed it can do this."))
    if request.state != ChangeRequest.State.DRAFT:
        raise WrongState(_("This is sent already."), code="wrong_state")
    if token != token_of_request(request, institution):
        raise Conflict
    items = list(request.items.all())
    for item in items:
        item.before = FACTS[item.field].read(institution)  # as the person has just seen it
    new = [item for item in items if item.before != item.after]
    if not new:
        raise ValidationError(_("The record says all of this already."))
    request.items.exclude(pk__in=[item.pk for item in new]).delete()
    with _told(request, by):
        for item in new:
            if goes_live_at_once(item.field):
                _make_live(item, institution)
            item.save()
    ChangeRequest.objects.filter(pk=request.pk).update(proposed_at=Now(), changed_at=Now(), note=note)
    return move(request, "proposed", by=by)


@transaction.atomic
def withdraw_changes(*, request: ChangeRequest, by: User) -> None:
    """A draft goes without a trace. Of what was sent, the record takes back what it says because of it."""
    institution = locked(request.institution)
    request = ChangeRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
    demand(by, "send", request, _("The person who proposed it can do this."))
    items = list(request.items.all())
    if request.state == ChangeRequest.State.DRAFT:
        request.delete()
    else:
        with _told(request, by):
            for item in items:
                _take_back(item, institution)
        move(request, "withdrawn", by=by)
    for item in items:
        if item.field == "logo" and item.after:
            forget_picture(item.after)


def _take_back(item: ChangeItem, institution: Institution) -> None:
    """Only while the record still says it: what somebody has written since stays."""
    if item.live_at and FACTS[item.field].read(institution) == item.after:
        write_fact(institution, item.field, item.before, own=item.was_own)


# --- Deciding


class Verdict(NamedTuple):
    accepted: bool
    reason: str = ""


@transaction.atomic
def decide_changes(*, request: ChangeRequest, verdicts: Mapping[int, Verdict], token: str, by: User) -> ChangeRequest:
    """Accept or refuse each field, by the key of its item; the person who proposed them is told."""
    institution = locked(request.institution)
    request = ChangeRequest.objects.select_for_update(no_key=True).get(pk=request.pk)
    demand(by, "decide", request, _("A programme officer or administrator who did not propose it can do this."))
    if request.state != ChangeRequest.State.PROPOSED:
        raise WrongState(_("This is no longer waiting: somebody was faster."), code="wrong_state")
    if token != token_of_request(request, institution):
        raise Conflict
    items = list(request.items.all())
    if {item.pk for item in items} != verdicts.keys():
        raise ValidationError(_("Each field needs a decision."))
    reasons = [verdict.reason for verdict in verdicts.values() if verdict.reason]
    with _told(request, by, reason="\n".join(reasons)):
        for item in items:
            _decide(item, verdicts[item.pk], institution, by)
    ChangeRequest.objects.filter(pk=request.pk).update(decided_at=Now(), changed_at=Now())
    accepted = sum(verdict.accepted for verdict in verdicts.values())
    return move(
        request,
        "decided",
        by=by,
        reason="\n".join(reasons),
        tell=[request.by] if request.by else [],
        context={"accepted": accepted, "refused": len(items) - accepted},
    )


def _decide(item: ChangeItem, verdict: Verdict, institution: Institution, by: User) -> None:
    if not verdict.accepted:
        _take_back(item, institution)
    elif not item.live_at:
        item.before = FACTS[item.field].read(institution)  # what it really replaces, as the officer has seen it
        write_fact(institution, item.field, item.after)
    item.decision = Decision.ACCEPTED if verdict.accepted else Decision.REFUSED
    item.reason, item.decided_by, item.decided_at = verdict.reason, by, Now()
    item.save()


def _told(request: ChangeRequest, by: User, **facts):
    """What the history of the record says of this."""
    return context(user=by.pk, change_request=request.pk, **facts)


# --- Pictures


def forget_picture(name: str) -> None:
    """Delete the file when the change is in, unless something still shows it."""

    def delete() -> None:
        shown = Institution.objects.filter(logo=name).exists()
        proposed = ChangeItem.objects.filter(Q(before=name) | Q(after=name), field="logo")
        if not (shown or proposed.exists()):
            default_storage.delete(name)

    transaction.on_commit(delete)
