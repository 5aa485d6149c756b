"""Any order of what people do to a proposal: no move that the table does not know, and whatever must be true stays true."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from proposals.actions.calls import change_deadline
from proposals.actions.content import BASICS, BUDGET, version_of
from proposals.actions.decisions import apply_decisions, make_project, write_decision
from proposals.actions.drafts import (
    add_partner,
    ask_partners,
    begin_proposal,
    change_partner,
    remove_partner,
    save_basics,
    save_budget,
)
from proposals.actions.lateness import make_late_code, use_late_code
from proposals.actions.signing import revoke_sign_off, sign_partner
from proposals.actions.submission import reopen_proposal, submit_proposal, withdraw_proposal
from proposals.models import Call, Decision, Partner, Proposal, SignOff
from tests.factories import CallFactory, InstitutionFactory, InstitutionRoleFactory, UserFactory
from toolkit.invariants import invariants

# What an act may answer to somebody who may not do it, or not now.
REFUSALS = (PermissionDenied, ValidationError)
OUTCOMES = st.sampled_from(Decision.Outcome.values)
FINAL = {"withdrawn", "accepted", "changes", "revise", "rejected"}
REACHED: set[str] = set()
autodiscover_modules("invariants")
CHECKS = [check for check in invariants() if check.name.startswith(("proposals.", "workflow."))]


class ProposalMachine(RuleBasedStateMachine):
    """Two proposals in one call, and whoever comes along: all acts are tried by all people, in every state."""

    def __init__(self):
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.officer, self.stranger = UserFactory(roles=["officer"]), UserFactory()
        self.call = CallFactory(officer=self.officer)
        self.institutions = [InstitutionFactory() for _ in range(3)]
        self.speakers = [InstitutionRoleFactory(institution=one).user for one in self.institutions]
        self.applicants = [UserFactory() for _ in range(2)]
        for user in self.applicants:
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        self.proposals = [
            begin_proposal(call=self.call, lead=lead, title=lead.name, by=applicant)
            for lead, applicant in zip(self.institutions, self.applicants, strict=False)
        ]
        self.people = [self.officer, self.stranger, *self.speakers, *self.applicants]
        self.stood: dict[int, str] = {}

    def teardown(self):
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    def tried(self, act, **given):
        """Refused in words, or done: nothing in between."""
        try:
            with transaction.atomic():
                return act(**given)
        except REFUSALS:
            return None

    def proposal(self, number: int) -> Proposal:
        return Proposal.objects.select_related("call").get(pk=self.proposals[number].pk)

    def partner(self, number: int, place: int) -> Partner:
        partners = list(self.proposals[number].partners.order_by("pk"))
        return partners[place % len(partners)]

    which, who, place = st.integers(0, 1), st.integers(0, 6), st.integers(0, 2)

    @rule(number=which, who=who, word=st.sampled_from(["", "Wells", "Rivers"]))
    def write(self, number, who, word):
        row = self.proposal(number)
        values = {"summary": word, "starts_on": "2027-03-01", "ends_on": "2028-02-28"}
        self.tried(save_basics, proposal=row, values=values, version=version_of(row, BASICS), by=self.people[who])

    @rule(number=which, amount=st.integers(0, 3))
    def plan_money(self, number, amount):
        row = self.proposal(number)
        partners = row.partners.order_by("pk").values_list("pk", flat=True)
        lines = [{"partner": pk, "category": "staff", "label": "x", "amount": 100} for pk in partners[:amount]]
        self.tried(save_budget, proposal=row, lines=lines, version=version_of(row, BUDGET), by=row.applicant)

    @rule(number=which, place=place, who=who)
    def take_in(self, number, place, who):
        given = {"institution": self.institutions[place], "role": "partner", "contribution": "x"}
        self.tried(add_partner, proposal=self.proposal(number), by=self.people[who], **given)

    @rule(number=which, place=place, word=st.sampled_from(["", "Wells"]))
    def change_part(self, number, place, word):
        partner = self.partner(number, place)
        by = self.applicants[number]
        self.tried(change_partner, partner=partner, role=partner.role, contribution=word, by=by)

    @rule(number=which, place=place)
    def leave_out(self, number, place):
        self.tried(remove_partner, partner=self.partner(number, place), by=self.applicants[number])

    @rule(number=which)
    def ask(self, number):
        self.tried(ask_partners, proposal=self.proposal(number), by=self.applicants[number])

    @rule(number=which, place=place, answer=st.sampled_from(["confirmed", "confirmed", "declined"]), own=st.booleans())
    def say(self, number, place, answer, own):
        partner = self.partner(number, place)
        speaker = self.speakers[self.institutions.index(partner.institution)]
        by = speaker if own else self.stranger
        self.tried(sign_partner, partner=partner, answer=answer, revision=partner.revision, by=by)

    @rule(number=which)
    def all_confirm(self, number):
        self.tried(ask_partners, proposal=self.proposal(number), by=self.applicants[number])
        for partner in self.proposals[number].partners.all():
            speaker = self.speakers[self.institutions.index(partner.institution)]
            self.tried(sign_partner, partner=partner, answer="confirmed", revision=partner.revision, by=speaker)

    @rule(number=which, place=place)
    def take_back(self, number, place):
        partner = self.partner(number, place)
        self.tried(revoke_sign_off, partner=partner, by=self.speakers[self.institutions.index(partner.institution)])

    @rule(number=which, who=who)
    def submit(self, number, who):
        said = self.tried(submit_proposal, proposal=self.proposal(number), by=self.people[who])
        assert said is None or self.proposal(number).state == "submitted"

    @rule(number=which)
    def hand_in(self, number):
        """All that it takes, one after the other: by chance alone few runs would come as far."""
        self.write(number, 5 + number, "Wells")
        self.all_confirm(number)
        self.tried(submit_proposal, proposal=self.proposal(number), by=self.applicants[number])

    @rule(number=which, who=who)
    def reopen(self, number, who):
        self.tried(reopen_proposal, proposal=self.proposal(number), by=self.people[who])

    @rule(number=which, who=who, sure=st.integers(0, 5))
    def withdraw(self, number, who, sure):
        if sure < 5:  # or nothing would come to its end
            return
        self.tried(withdraw_proposal, proposal=self.proposal(number), by=self.people[who])

    @rule(open_again=st.sampled_from([True, True, False]))
    def clock_goes_on(self, open_again):
        """Past the deadline, or an officer gives more time."""
        if not open_again:
            Call.objects.filter(pk=self.call.pk).update(closes_at=Now())
            return
        later = timezone.now() + timedelta(days=1)
        call = Call.objects.get(pk=self.call.pk)
        self.tried(change_deadline, call=call, closes_at=later, reason="More time.", by=self.officer)

    @rule(number=which)
    def come_late(self, number):
        until = timezone.now() + timedelta(hours=1)
        call = Call.objects.get(pk=self.call.pk)
        code = self.tried(make_late_code, call=call, until=until, note="Power cut", by=self.officer)
        if code:
            self.tried(use_late_code, proposal=self.proposal(number), code=code, by=self.applicants[number])

    @rule(number=which, who=who, outcome=OUTCOMES)
    def decide(self, number, who, outcome):
        self.tried(write_decision, proposal=self.proposal(number), outcome=outcome, feedback="", by=self.people[who])

    @rule(who=who)
    def announce(self, who):
        self.tried(apply_decisions, call=Call.objects.get(pk=self.call.pk), by=self.people[who])

    @rule(outcome=OUTCOMES)
    def close_and_decide(self, outcome):
        self.clock_goes_on(open_again=False)
        for number in (0, 1):
            given = {"outcome": outcome, "feedback": "", "by": self.officer}
            self.tried(write_decision, proposal=self.proposal(number), **given)
        self.announce(0)
        for number in (0, 1):
            self.make_it_a_project(number, 0)

    @rule(number=which, who=who)
    def make_it_a_project(self, number, who):
        self.tried(make_project, proposal=self.proposal(number), by=self.people[who])

    @invariant()
    def what_must_be_true_is_true(self):
        assert [(check.name, fault) for check in CHECKS for fault in check.faults(3)] == []

    @invariant()
    def what_is_over_stays_over(self):
        now = {row.pk: row.state for row in Proposal.objects.filter(call=self.call)}
        assert {pk: state for pk, state in self.stood.items() if state in FINAL and now[pk] != state} == {}
        self.stood = now
        REACHED.update(now.values())

    @invariant()
    def only_speakers_have_spoken(self):
        for said in SignOff.objects.select_related("partner"):
            assert said.by == self.speakers[self.institutions.index(said.partner.institution)]


@pytest.mark.django_db
@pytest.mark.time_limit(600)
@pytest.mark.parametrize("runs", [10, pytest.param(100, marks=pytest.mark.long)])
def test_whatever_people_do_to_proposals_in_any_order(runs):
    """500 steps; with --long 5,000."""
    assert len(CHECKS) > 10
    REACHED.clear()
    run_state_machine_as_test(
        ProposalMachine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=50,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert {"draft", "submitted", "reopened", "withdrawn"} <= REACHED
    assert len(REACHED) > 4, "nothing was decided"
