"""Any order of claiming, sending, dying, being slow and being taken back: nothing lost, and no double that is not counted."""

import pytest
from django.db.models.functions import Now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from notifications import outbox
from notifications.fanout import identity
from notifications.models import Delivery

OVER = ("dead", "sent", "uncertain", "cancelled")


class OutboxMachine(RuleBasedStateMachine):
    """`stalled` are rows of senders that stopped for a while and will go on, perhaps too late; others just die."""

    def __init__(self):
        super().__init__()
        Delivery.objects.all().delete()
        self.stalled: list[Delivery] = []
        self.accepted: dict[int, int] = {}
        self.refused: set[int] = set()
        self.requeued: dict[int, int] = {}

    @initialize(kinds=st.lists(st.booleans(), min_size=1, max_size=3))
    def begin(self, kinds):
        for sensitive in kinds:
            self.write(sensitive)

    def write(self, sensitive):
        idem = identity("machine", len(self.accepted))
        row = Delivery.objects.create(
            address="reader@example.org", purpose="test", idem=idem, message_id=idem, sensitive=sensitive
        )
        self.accepted[row.pk] = self.requeued[row.pk] = 0

    @rule(waited=st.booleans(), data=st.data())
    def send(self, waited, data):
        if waited:
            self.minutes_pass()
        rows, alone = outbox.claim("machine"), outbox.claim("machine", crashed=True)
        assert len(alone) <= 1
        for row in rows + alone:
            self.before_the_fence(row, data)

    @precondition(lambda self: self.stalled)
    @rule(data=st.data())
    def go_on(self, data):
        row = self.stalled.pop(0)
        if row.fenced:
            self.hand_over(row, data)
        else:
            self.before_the_fence(row, data)

    def before_the_fence(self, row, data):
        ending = data.draw(
            st.sampled_from([*["goes on"] * 4, "stalls", "stalls", "dies", "later", "refused", "released"])
        )
        if ending == "goes on" and outbox.pass_fence([row]):
            self.hand_over(row, data)
        elif ending == "stalls":
            row.fenced = False
            self.stalled.append(row)
        elif ending == "later":
            outbox.try_later(row, "451")
        elif ending == "released":
            outbox.release([row])
        elif ending == "refused":
            outbox.give_up(row, "550")
            self.refused.add(row.pk)

    def hand_over(self, row, data):
        ending = data.draw(st.sampled_from(["told", "stalls", "dies", "no answer", "no answer and not taken"]))
        if ending == "stalls":
            row.fenced = True
            self.stalled.append(row)
            return
        if ending != "no answer and not taken":
            self.accepted[row.pk] += 1
        if ending == "told":
            outbox.mark_sent(row.lease, [(row.pk, "250")])
        elif ending != "dies":
            outbox.try_later(row, "no answer", in_doubt=True)

    @rule()
    def leases_run_out(self):
        Delivery.objects.filter(state="leased").update(lease_until=Now())

    def minutes_pass(self):
        self.leases_run_out()
        outbox.reap()
        Delivery.objects.filter(state="retry").update(next_at=Now())

    @rule()
    def requeue(self):
        for row in Delivery.objects.filter(state__in=["dead", "uncertain"]):
            Delivery.objects.filter(pk=row.pk).update(state="pending", crashes=0, attempts=0, next_at=Now())
            self.requeued[row.pk] += 1
            self.refused.discard(row.pk)

    @invariant()
    def every_double_is_counted(self):
        for row in Delivery.objects.all():
            assert self.accepted[row.pk] <= 1 + row.uncertain + self.in_the_air(row)

    def in_the_air(self, row: Delivery) -> int:
        """Handed over by a sender that died, and not taken back yet: counted as soon as somebody looks."""
        return int(row.state == "leased" and row.phase == "data")

    @invariant()
    def sent_was_accepted(self):
        for row in Delivery.objects.filter(state="sent"):
            assert self.accepted[row.pk] >= 1

    @invariant()
    def leased_rows_have_an_end(self):
        assert not Delivery.objects.filter(state="leased", lease_until=None).exists()

    def teardown(self):
        """Left alone with one sender that works, everything comes to an end, and nothing is given up without a reason."""
        for _ in range(100):
            self.minutes_pass()
            rows = outbox.claim("last") + outbox.claim("last", crashed=True)
            if not rows:
                break
            for row in rows:
                assert outbox.pass_fence([row])
                self.accepted[row.pk] += 1
                assert outbox.mark_sent(row.lease, [(row.pk, "250")])
        for row in Delivery.objects.all():
            assert row.state in OVER
            if row.state == "dead":
                assert row.pk in self.refused or row.crashes >= outbox.CRASHES
            if row.state == "uncertain":
                assert row.sensitive
                assert row.uncertain


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("examples", "steps"),
    [
        pytest.param(60, 15, marks=pytest.mark.time_limit(90)),
        pytest.param(500, 25, marks=[pytest.mark.long, pytest.mark.time_limit(900)]),
    ],
)
def test_outbox_keeps_its_promise_in_any_order(examples, steps):
    run_state_machine_as_test(
        OutboxMachine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=examples < 100,
            suppress_health_check=list(HealthCheck),
        ),
    )
