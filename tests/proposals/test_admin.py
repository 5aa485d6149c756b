"""The administration moves nothing by hand: its actions are those of the desk, with their refusals."""

import pytest
from django.utils import timezone

from notifications.models import Event
from proposals.models import Call, Decision, Proposal
from tests.factories import CallFactory, ProposalFactory, UserFactory
from tests.proposals.acts import close

pytestmark = pytest.mark.django_db
CALLS, PROPOSALS = "/admin/proposals/call/", "/admin/proposals/proposal/"


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"])


@pytest.fixture
def admin(client, officer):
    client.force_login(officer)
    return client


def act(client, page, name, *rows) -> str:
    answer = client.post(page, {"action": name, "_selected_action": [row.pk for row in rows]}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_call_is_published_with_what_the_desk_asks_for(admin, officer):
    good, bad = CallFactory(state="draft", officer=officer), CallFactory(state="draft", summary="", officer=officer)
    page = act(admin, CALLS, "publish", good, bad)
    assert "Done for 1." in page
    assert "A call needs" in page
    assert list(Call.objects.filter(state="published")) == [good]
    assert Event.objects.filter(kind="call.opened").count() == 1


def test_decisions_are_written_and_announced_together(admin, officer):
    call = CallFactory(officer=officer)
    one, other = (ProposalFactory(call=call, state="submitted", submitted_at=timezone.now()) for _ in range(2))
    close(one)
    assert "Done for 1." in act(admin, PROPOSALS, "decide_accepted", one)
    assert "no decision yet" in act(admin, CALLS, "announce_decisions", call)
    assert set(Proposal.objects.values_list("state", flat=True)) == {"submitted"}

    act(admin, PROPOSALS, "decide_rejected", other)
    assert "Done for 1." in act(admin, CALLS, "announce_decisions", call)
    assert set(Proposal.objects.values_list("state", flat=True)) == {"accepted", "rejected"}
    assert Decision.objects.filter(applied_at=None).count() == 0


def test_draft_is_not_decided_and_reviewers_are_reminded_by_its_officers_alone(admin, officer):
    draft = ProposalFactory(call=CallFactory(officer=officer))
    act(admin, PROPOSALS, "decide_accepted", draft)
    assert not Decision.objects.exists()
    assert "Done for 1." in act(admin, CALLS, "remind", draft.call)
    assert "Done" not in act(admin, CALLS, "remind", CallFactory())
