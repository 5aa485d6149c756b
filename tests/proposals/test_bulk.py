"""What officers do for many proposals at once, and to whom a call is given."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from notifications.models import Event
from proposals.actions.decisions import apply_decisions, write_decision
from proposals.actions.officers import give_call, take_call
from proposals.actions.reminders import remind_silent_partners
from proposals.models import CallOfficer, Decision, Partner, Proposal, SubmissionPdf
from proposals.tasks import papers
from tests.factories import (
    AffiliationFactory,
    CallFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    PersonFactory,
    ProposalFactory,
    UserFactory,
)
from tests.proposals.acts import close, sent
from tests.proposals.test_clarifying import told
from tests.proposals.test_pages import text

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


# --- One decision for many


@pytest.fixture
def call():
    return CallFactory(officer=UserFactory(roles=["officer"]))


@pytest.fixture
def officer(call):
    return call.officers.get().user


def conflict(user, proposal):
    AffiliationFactory(person=PersonFactory(user=user), institution=proposal.partners.get().institution)


def test_one_decision_is_shown_for_many_before_it_is_written(client, call, officer):
    first, second, third = (close(sent(call=call, title=f"Wells {n}")) for n in range(3))
    write_decision(proposal=first, outcome="accepted", feedback="Well done.", by=officer)
    client.force_login(officer)
    page = f"{call.desk_url}decide/many/"
    assert page in client.get(call.desk_url).content.decode()
    chosen = {"outcome": "rejected", "proposals": [first.pk, second.pk]}

    preview = client.post(page, chosen)
    assert "was: accept" in text(preview)
    assert Decision.objects.count() == 1
    assert client.post(page, chosen | {"confirmed": "1"})["Location"] == call.desk_url

    assert {(one.proposal_id, one.outcome, one.feedback) for one in Decision.objects.all()} == {
        (first.pk, "rejected", "Well done."),
        (second.pk, "rejected", ""),
    }
    assert third.pk not in Decision.objects.values_list("proposal", flat=True)
    assert not Decision.objects.exclude(applied_at=None).exists()  # held until they are announced


def test_what_was_decided_meanwhile_stops_all_of_it(client, call, officer):
    first, second = (close(sent(call=call)) for _n in range(2))
    client.force_login(officer)
    page = f"{call.desk_url}decide/many/"
    Proposal.objects.filter(pk=second.pk).update(state="withdrawn")
    answer = client.post(page, {"outcome": "rejected", "proposals": [first.pk, second.pk], "confirmed": "1"})
    assert answer.status_code == 422
    assert not Decision.objects.exists()


def test_conflict_of_interest_keeps_a_proposal_off_the_list(client, call, officer):
    hidden = close(sent(call=call, title="Hidden wells"))
    conflict(officer, hidden)
    client.force_login(officer)
    page = f"{call.desk_url}decide/many/"
    assert "Hidden wells" not in text(client.get(page))
    assert client.post(page, {"outcome": "rejected", "proposals": [hidden.pk], "confirmed": "1"}).status_code == 422
    assert not Decision.objects.exists()


def test_empty_choice_is_an_error_beside_the_field(client, call, officer):
    close(sent(call=call))
    client.force_login(officer)
    assert client.post(f"{call.desk_url}decide/many/", {"outcome": "rejected"}).status_code == 422


# --- Reminding institutions


def asked(call, days, **fields):
    partner = ProposalFactory(call=call).partners.get()
    InstitutionRoleFactory(institution=partner.institution)
    Partner.objects.filter(pk=partner.pk).update(asked_at=timezone.now() - days * DAY, **fields)
    return partner


def test_silent_institutions_are_counted_and_reminded(client, call, officer):
    silent = asked(call, 9)
    asked(call, 1)  # asked lately
    asked(call, 9, reminded_at=timezone.now() - DAY)
    asked(CallFactory(), 9)  # of another call
    client.force_login(officer)
    page = client.get(f"{call.desk_url}remind/")
    assert "1 institution would be reminded, in 1 draft." in text(page)
    assert silent.institution.name not in text(page)
    assert client.post(f"{call.desk_url}remind/").status_code == 302
    assert told("proposal.asked_again") == {silent.institution.roles.get().user}
    assert "Nobody is to be reminded" in text(client.get(f"{call.desk_url}remind/"))
    client.post(f"{call.desk_url}remind/")  # a second click reminds nobody again
    assert Partner.objects.filter(reminded_at__gte=timezone.now() - DAY / 24).count() == 1


def test_stranger_reminds_nobody(call):
    with pytest.raises(PermissionDenied):
        remind_silent_partners(call=call, by=UserFactory(roles=["officer"]))


# --- To whom a call is given


def test_administrator_gives_a_call_and_takes_it(client, call, officer):
    other = UserFactory(roles=["officer"])
    client.force_login(UserFactory(roles=["administrator"]))
    page = f"{call.desk_url}officers/"
    assert officer.name in text(client.get(page))
    assert client.post(page, {"officer": other.pk}).status_code == 302
    assert told("call.given") == {other}
    assert client.post(page, {"officer": other.pk}).status_code == 422  # has it already
    assert client.post(f"{page}remove/", {"officer": officer.pk}).status_code == 302
    assert [one.user for one in call.officers.all()] == [other]
    assert client.post(f"{page}remove/", {"officer": "x"}).status_code == 404


def test_administrator_alone_gives_calls_and_to_officers_alone(call, officer):
    for act in (give_call, take_call):
        with pytest.raises(PermissionDenied):
            act(call=call, officer=officer, by=officer)
    with pytest.raises(ValidationError, match="no officer"):
        give_call(call=call, officer=UserFactory(), by=UserFactory(roles=["administrator"]))
    assert CallOfficer.objects.count() == 1


def test_proposal_that_no_officer_may_see_calls_for_a_deputy(client, call, officer):
    administrator, bound = UserFactory(roles=["administrator"]), UserFactory(roles=["administrator"])
    lead = InstitutionFactory()
    for user in (officer, bound):
        AffiliationFactory(person=PersonFactory(user=user), institution=lead)
    proposal = sent(call=call, lead=lead, title="Wells of the valley")
    papers()
    assert told("call.needs_deputy") == {administrator}
    SubmissionPdf.objects.all().delete()  # as where an erased person stood in it: it is made anew
    papers()
    assert Event.objects.filter(kind="call.needs_deputy").count() == 1

    client.force_login(administrator)
    page = f"{call.desk_url}officers/"
    assert "Wells of the valley" in text(client.get(page))
    assert "does not see 1 proposal" in text(client.get(page))
    client.force_login(bound)  # whom the same conflict hides it from
    assert "Wells of the valley" not in text(client.get(page))
    assert "does not see" not in text(client.get(page))

    deputy = UserFactory(roles=["officer"])
    give_call(call=call, officer=deputy, by=administrator)
    client.force_login(administrator)
    assert "These need a deputy" not in text(client.get(page))
    write_decision(proposal=close(proposal), outcome="rejected", feedback="", by=deputy)
    assert apply_decisions(call=call, by=officer) == 1  # written by the deputy, announced with the others


def test_worker_that_comes_second_calls_nobody(call, officer, monkeypatch):
    UserFactory(roles=["administrator"])
    conflict(officer, sent(call=call))
    monkeypatch.setattr("proposals.actions.papers.keep_paper", lambda submission: False)
    papers()
    assert told("call.needs_deputy") == set()

    monkeypatch.undo()
    papers()
    assert len(told("call.needs_deputy")) == 1


def test_nobody_is_called_where_an_officer_can_work_on_it(call):
    UserFactory(roles=["administrator"])
    sent(call=call)
    papers()
    assert told("call.needs_deputy") == set()
