import pytest
from django.core.exceptions import ImproperlyConfigured, PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from exchanges.models import Offer
from notifications.models import Event
from tests.factories import InstitutionRoleFactory, OfferFactory, UserFactory
from workflow.actions import NotAllowed, WrongState, move, moves_open_to
from workflow.models import Step
from workflow.tables import Move, Table, mermaid, table_of, tables

pytestmark = pytest.mark.django_db

FACTS = {"host": "Institution A"}


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"])


@pytest.fixture
def table(monkeypatch):
    """table(Move(…), …) stands in for the table of offers in this test."""

    def replace(*moves, **options):
        monkeypatch.setitem(tables, "exchanges.offer", None)
        return Table(Offer, "state", *moves, **options)

    return replace


def state_of(offer) -> str:
    return Offer.objects.values_list("state", flat=True).get(pk=offer.pk)


def test_move_sets_the_state_and_writes_the_history(officer):
    offer = OfferFactory()

    moved = move(offer, "open", by=officer, reason="complete", context=FACTS)

    assert (state_of(offer), moved.state, offer.state) == ("open", "open", "open")
    step = Step.objects.get()
    assert (step.object_label, step.object_id, step.field) == ("exchanges.offer", str(offer.pk), "state")
    assert (step.source, step.target, step.by, step.reason) == ("draft", "open", officer, "complete")
    assert step.at
    assert list(Step.objects.of(offer)) == [step]


def test_move_that_tells_announces_and_another_does_not(officer):
    offer = OfferFactory()

    move(offer, "open", by=officer, about=["country:PK"], context=FACTS)
    move(offer, "closed", by=officer)

    assert [(event.kind, event.actor, event.topics) for event in Event.objects.all()] == [
        ("offer.opened", officer, ["country:PK"])
    ]
    assert Step.objects.count() == 2


def test_move_changes_that_field_alone(officer):
    offer = OfferFactory(title="As stored")
    offer.title = "Typed and not saved"

    move(offer, "open", by=officer, context=FACTS)

    assert Offer.objects.get().title == "As stored"
    assert offer.title == "Typed and not saved"


def test_move_looks_at_the_stored_state_not_at_the_one_in_hand(officer):
    stale = OfferFactory()
    move(Offer.objects.get(), "open", by=officer, context=FACTS)
    assert stale.state == "draft"

    with pytest.raises(WrongState, match="done already"):
        move(stale, "open", by=officer, context=FACTS)

    assert Step.objects.count() == 1


def test_move_locks_the_row(officer):
    offer = OfferFactory()

    with CaptureQueriesContext(
        connection,
    ) as queries:
        move(offer, "open", by=officer, context=FACTS)

    (lock,) = [query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"]]
    assert 'FROM "exchanges_offer"' in lock


def test_unknown_move_is_refused_in_words(officer):
    offer = OfferFactory()

    with pytest.raises(WrongState, match="From “draft” there is no way to “closed”"):
        move(offer, "closed", by=officer)

    assert state_of(offer) == "draft"
    assert not Step.objects.exists()


@pytest.mark.parametrize("roles", [[], ["reviewer"]])
def test_person_without_the_right_is_refused_and_told_who_can(roles):
    offer = OfferFactory()

    with pytest.raises(NotAllowed, match="a programme officer") as refusal:
        move(offer, "open", by=UserFactory(roles=roles), context=FACTS)

    assert isinstance(refusal.value, PermissionDenied)
    assert state_of(offer) == "draft"
    assert not Step.objects.exists()
    assert not Event.objects.exists()


def test_officer_who_left_is_refused():
    former = UserFactory(roles=["officer"], is_active=False)

    with pytest.raises(NotAllowed):
        move(OfferFactory(), "open", by=former, context=FACTS)


@pytest.mark.parametrize("role", ["officer", "administrator"])
def test_roles_of_the_alliance_may(role):
    assert move(OfferFactory(), "open", by=UserFactory(roles=[role]), context=FACTS).state == "open"


def test_rule_of_the_app_decides_per_record():
    mine, other = OfferFactory(), OfferFactory()
    host = InstitutionRoleFactory(institution=mine.institution).user

    assert move(mine, "open", by=host, context=FACTS).state == "open"
    with pytest.raises(NotAllowed):
        move(other, "open", by=host, context=FACTS)


def test_failing_guard_leaves_all_as_it_was(officer):
    offer = OfferFactory(places=None)

    with pytest.raises(ValidationError, match="places"):
        move(offer, "open", by=officer, context=FACTS)

    assert state_of(offer) == offer.state == "draft"
    assert not Step.objects.exists()


def test_guard_sees_the_locked_row(officer, table):
    seen = []
    table(Move("draft", "open", by=("officer",), guard=lambda row: seen.append(row.title)))
    offer = OfferFactory(title="As stored")
    offer.title = "In hand"

    move(offer, "open", by=officer)

    assert seen == ["As stored"]


def test_failing_announcement_leaves_all_as_it_was(officer):
    offer = OfferFactory()

    with pytest.raises(KeyError):
        move(offer, "open", by=officer)  # a fact is missing

    assert state_of(offer) == "draft"
    assert not Step.objects.exists()


def test_clock_moves_what_the_table_gives_to_the_clock(table, officer):
    table(Move("draft", "open", by=("officer",)), Move("open", "closed", by=("clock",)))
    offer = OfferFactory()

    with pytest.raises(NotAllowed):
        move(offer, "open", by=None)
    move(offer, "open", by=officer)
    with pytest.raises(NotAllowed, match="the portal itself"):
        move(offer, "closed", by=officer)
    move(offer, "closed", by=None)

    assert [step.by for step in Step.objects.of(offer)] == [officer, None]


@pytest.mark.parametrize(
    ("answer", "allowed"), [(True, True), (False, False), (1, False), (None, False), ("yes", False)]
)
def test_rule_of_the_table_must_say_true(table, answer, allowed):
    step = Move("draft", "open", by=("neighbour",))
    made = table(step, who={"neighbour": lambda user, offer: answer}, names={"neighbour": "a neighbour"})

    assert made.may(step, UserFactory(), OfferFactory()) is allowed
    assert made.who_can(step) == "a neighbour"


def test_name_without_a_rule_denies(table, officer):
    table(Move("draft", "open", by=("passer_by",)))

    with pytest.raises(NotAllowed, match="passer_by"):
        move(OfferFactory(), "open", by=officer)


def test_buttons_are_the_moves_from_here_that_the_person_may_make(officer):
    offer = OfferFactory(open=True)
    host = InstitutionRoleFactory(institution=offer.institution).user

    def targets(user, record):
        return [step.target for step in moves_open_to(user, record)]

    assert targets(officer, offer) == targets(host, offer) == ["closed"]
    assert targets(UserFactory(), offer) == []
    offer.state = "closed"
    assert targets(officer, offer) == ["open"]
    assert targets(host, offer) == []


def test_history_outlives_person_and_record(officer):
    offer = OfferFactory()
    move(offer, "open", by=officer, context=FACTS)

    officer.delete()
    offer.delete()

    assert Step.objects.get().by is None


def test_table_with_a_state_that_does_not_exist_is_refused(table):
    with pytest.raises(ImproperlyConfigured, match="opne"):
        table(Move("draft", "opne", by=("officer",)))


def test_table_with_a_move_twice_is_refused(table):
    with pytest.raises(ImproperlyConfigured, match="twice"):
        table(Move("draft", "open", by=("officer",)), Move("draft", "open", by=("host",)))


def test_table_as_a_diagram():
    assert mermaid(table_of(Offer)) == (
        "stateDiagram-v2\n"
        "    [*] --> draft\n"
        "    draft --> open: officer, host (tells offer.opened)\n"
        "    open --> closed: officer, host\n"
        "    closed --> open: officer\n"
    )
