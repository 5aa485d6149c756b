"""Two real transactions at the same time: one comes first, the other is told, and nothing is overwritten in silence (T40)."""

import pytest

from members.actions.changes import (
    Conflict,
    Verdict,
    decide_changes,
    save_part,
    send_changes,
    token_of,
    token_of_request,
    versions_of,
)
from members.models import ChangeItem, ChangeRequest
from notifications.models import Event
from tests.at_once import at_once
from tests.factories import InstitutionFactory, InstitutionRoleFactory, UserFactory
from workflow.actions import WrongState
from workflow.models import Step

pytestmark = pytest.mark.django_db(transaction=True)
TOLD = (Conflict, WrongState)


@pytest.fixture
def institution():
    return InstitutionFactory(city="Lahore")


@pytest.fixture
def people(institution):
    return [InstitutionRoleFactory(institution=institution).user for _ in range(2)]


def save(institution, by, text, token):
    return lambda: save_part(institution=institution, values={"description": text}, token=token, by=by)


@pytest.mark.parametrize("same_person", [True, False])
def test_of_two_who_save_at_once_one_is_told(institution, people, same_person):
    token = token_of(versions_of(institution, ["description"]))
    second = people[0] if same_person else people[1]

    results = at_once(
        save(institution, people[0], "Mountains", token), save(institution, second, "Rivers", token), told=TOLD
    )

    assert sorted(type(result).__name__ for result in results) == ["ChangeRequest", "Conflict"]
    (kept,) = [result for result in results if isinstance(result, ChangeRequest)]
    assert ChangeItem.objects.get().request == kept


def test_double_click_makes_one_request(institution, people):
    token = token_of(versions_of(institution, ["description"]))
    results = at_once(*[save(institution, people[0], "Mountains", token)] * 2, told=TOLD)

    assert results[0] == results[1] == ChangeRequest.objects.get()


def test_of_two_who_send_at_once_one_sends(institution, people):
    change = save(institution, people[0], "Mountains", token_of(versions_of(institution, ["description"])))()
    token = token_of_request(change, institution)

    def send():
        return send_changes(request=change, note="", token=token, by=people[0])

    results = at_once(send, send, told=TOLD)

    assert sorted(type(result).__name__ for result in results) == ["ChangeRequest", "WrongState"]
    assert Step.objects.count() == 1


def proposal(institution, by, text) -> ChangeRequest:
    change = save(institution, by, text, token_of(versions_of(institution, ["description"])))()
    return send_changes(request=change, note="", token=token_of_request(change, institution), by=by)


def test_of_two_officers_one_decides(institution, people):
    change = proposal(institution, people[0], "Mountains")
    token, item = token_of_request(change, institution), change.items.get()

    def decide(accepted, officer):
        verdicts = {item.pk: Verdict(accepted, "" if accepted else "No.")}
        return lambda: decide_changes(request=change, verdicts=verdicts, token=token, by=officer)

    results = at_once(*[decide(accepted, UserFactory(roles=["officer"])) for accepted in (True, False)], told=TOLD)

    assert sorted(type(result).__name__ for result in results) == ["ChangeRequest", "WrongState"]
    assert Event.objects.filter(kind="record.change_decided").count() == 1
    institution.refresh_from_db()
    assert institution.description == ("Mountains" if ChangeItem.objects.get().decision == "accepted" else "")


def test_of_two_proposals_for_a_field_accepted_at_once_one_must_be_confirmed(institution, people):
    changes = [
        proposal(institution, person, text) for person, text in zip(people, ["Mountains", "Rivers"], strict=True)
    ]

    def accept(change):
        token, officer = token_of_request(change, institution), UserFactory(roles=["officer"])
        verdicts = {change.items.get().pk: Verdict(True)}
        return lambda: decide_changes(request=change, verdicts=verdicts, token=token, by=officer)

    results = at_once(*map(accept, changes), told=TOLD)

    assert sorted(type(result).__name__ for result in results) == ["ChangeRequest", "Conflict"]
    assert ChangeRequest.objects.filter(state="proposed").count() == 1


def test_saving_while_an_officer_decides_loses_neither(institution, people):
    change = proposal(institution, people[0], "Mountains")
    token, item = token_of_request(change, institution), change.items.get()
    officer = UserFactory(roles=["officer"])
    typed = save(institution, people[0], "Rivers", token_of(versions_of(institution, ["description"])))

    decided, saved = at_once(
        lambda: decide_changes(request=change, verdicts={item.pk: Verdict(True)}, token=token, by=officer),
        typed,
        told=TOLD,
    )

    institution.refresh_from_db()
    if isinstance(decided, Conflict):
        assert (institution.description, saved.items.get().after) == ("", "Rivers")
    else:
        # The new text became a request of its own, begun from what was accepted, which the form had shown already.
        assert institution.description == "Mountains"
        assert saved.items.get().before == "Mountains"
        assert saved != change
