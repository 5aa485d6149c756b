"""Officers write to the applicants of a call; nothing goes before it is released."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from notifications.models import Notification
from proposals.actions.circulars import change_circular, discard_circular, hold_circular, release_circular
from proposals.models import Circular, Proposal
from tests.at_once import at_once
from tests.factories import CallFactory, InstitutionRoleFactory, ProposalFactory, UserFactory
from tests.pages import statements
from tests.proposals.acts import sent
from tests.proposals.test_pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"])


@pytest.fixture
def call(officer):
    return CallFactory(officer=officer)


def hold(call, officer, *states, **words):
    return hold_circular(
        call=call, states=states or ["draft"], by=officer, **{"subject": "News", "text": "Read."} | words
    )


def told() -> set:
    return {row.subscriber.user for row in Notification.objects.filter(event__kind="call.letter")}


def test_letter_is_held_read_again_and_released_once(client, call, officer):
    draft, other = ProposalFactory(call=call), sent(call)
    client.force_login(officer)
    address = f"/desk/calls/{call.slug}/letters/"
    words = {"states": ["submitted"], "subject": "A webinar", "text": "On Monday.\nCome all."}
    assert client.post(address, words).status_code == 302
    page = text(client.get(address))
    assert f"It would go to {other.applicant.name}" in page
    assert told() == set()

    held = Circular.objects.get()
    client.post(f"{address}{held.pk}/", words | {"subject": "A seminar"})
    client.post(f"{address}{held.pk}/release/")
    client.post(f"{address}{held.pk}/release/")

    assert told() == {other.applicant}
    assert draft.applicant not in told()
    assert Notification.objects.filter(event__kind="call.letter").count() == 1
    held.refresh_from_db()
    assert (held.subject, held.reached, held.released_by) == ("A seminar", 1, officer)
    client.force_login(other.applicant)
    assert "A seminar" in text(client.get("/desk/inbox/"))


def test_each_person_gets_one_however_many_proposals(call, officer):
    applicant = UserFactory()
    ProposalFactory(call=call, applicant=applicant)
    ProposalFactory(call=call, applicant=applicant)
    ProposalFactory(applicant=applicant)

    assert release_circular(circular=hold(call, officer), by=officer).reached == 1


def test_people_of_drafts_and_of_conflicts_get_it_and_are_not_named(client, call, officer):
    draft, bound = ProposalFactory(call=call), sent(call)
    InstitutionRoleFactory(user=officer, institution=bound.partners.get().institution)
    client.force_login(officer)
    letter = hold(call, officer, "draft", "submitted")
    page = text(client.get(f"/desk/calls/{call.slug}/letters/"))

    assert draft.applicant.name not in page
    assert bound.applicant.name not in page
    release_circular(circular=letter, by=officer)
    assert told() == {draft.applicant, bound.applicant}


def test_nobody_to_write_to_is_said_and_the_letter_stays_held(call, officer):
    with pytest.raises(ValidationError, match="nobody would get it"):
        release_circular(circular=hold(call, officer), by=officer)
    assert Circular.objects.get().released_at is None


def test_what_was_released_is_neither_changed_nor_taken_away(call, officer):
    ProposalFactory(call=call)
    letter = release_circular(circular=hold(call, officer), by=officer)
    for act in (
        lambda: change_circular(circular=letter, states=["draft"], subject="x", text="x", by=officer),
        lambda: discard_circular(circular=letter, by=officer),
    ):
        with pytest.raises(ValidationError, match="released or taken away"):
            act()


def test_what_was_taken_away_is_gone_and_nobody_got_it(client, call, officer):
    ProposalFactory(call=call)
    client.force_login(officer)
    client.post(f"/desk/calls/{call.slug}/letters/{hold(call, officer).pk}/discard/")
    assert (Circular.objects.count(), told()) == (0, set())


def test_officer_of_another_call_can_do_none_of_it(client, call, officer):
    letter, stranger = hold(call, officer), UserFactory(roles=["officer"])
    for act in (release_circular, discard_circular):
        with pytest.raises(PermissionDenied):
            act(circular=letter, by=stranger)
    client.force_login(stranger)
    assert client.get(f"/desk/calls/{call.slug}/letters/").status_code == 403


@pytest.mark.parametrize("wrong", [{"states": []}, {"states": ["lost"]}, {"subject": ""}, {"text": ""}])
def test_what_is_missing_is_said_and_what_was_typed_stays(client, call, officer, wrong):
    client.force_login(officer)
    words = {"states": ["draft"], "subject": "A webinar", "text": "On Monday."} | wrong
    answer = client.post(f"/desk/calls/{call.slug}/letters/", words)
    assert answer.status_code == 422
    assert ("On Monday." in answer.content.decode()) == ("text" not in wrong)


def test_more_letters_cost_no_more_statements(client, call, officer):
    client.force_login(officer)
    ProposalFactory(call=call)
    address = f"/desk/calls/{call.slug}/letters/"
    release_circular(circular=hold(call, officer), by=officer)
    hold(call, officer)
    one = statements(client, address)
    for number in range(2):
        release_circular(circular=hold(call, officer, subject=f"No. {number}"), by=officer)
        hold(call, officer, subject=f"Draft {number}")
    assert statements(client, address) == one


@pytest.mark.django_db(transaction=True)
def test_released_twice_at_once_it_goes_once(call, officer):
    ProposalFactory(call=call)
    letter = hold(call, officer)
    done = at_once(*[lambda: release_circular(circular=letter, by=officer) for _ in range(2)], told=(ValidationError,))
    assert sorted(type(one).__name__ for one in done) == ["Circular", "ValidationError"]
    assert Notification.objects.filter(event__kind="call.letter").count() == 1
    assert Proposal.objects.count() == 1
