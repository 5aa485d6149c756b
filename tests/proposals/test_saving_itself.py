"""A page of the form that saves itself while somebody types: what is right is kept, and nobody is overwritten."""

import pytest

from proposals.actions.submission import submit_proposal
from proposals.models import CallPart, Proposal, Question
from tests.factories import CallFactory, ProposalFactory, UserFactory
from tests.proposals.acts import confirm_all
from tests.proposals.test_pages import version

pytestmark = pytest.mark.django_db


@pytest.fixture
def part():
    part = CallPart.objects.create(call=CallFactory(), title="The work")
    Question.objects.create(part=part, label="Why?", most_words=3)
    Question.objects.create(part=part, label="How many?", kind="number", required=False)
    return part


@pytest.fixture
def proposal(part):
    return ProposalFactory(call=part.call)


@pytest.fixture
def type_in(client, proposal, part):
    """What the script of the page sends; `why` and `many` are typed."""
    client.force_login(proposal.applicant)
    why, many = part.questions.order_by("pk")
    address = f"{proposal.get_absolute_url()}parts/{part.pk}/"

    def type_in(why_text, number="", at=None):
        data = {"version": at or version(client.get(address)), f"q{why.pk}": why_text, f"q{many.pk}": number}
        return client.post(address, data, headers={"X-Saves-Itself": "1"})

    type_in.address = address
    return type_in


def test_text_is_kept_and_the_revision_told(client, type_in, proposal):
    told = type_in("For water").json()

    assert proposal.answers.get().text == "For water"
    assert (told["revision"], told["problem"]) == (1, "")
    assert told["version"] == version(client.get(type_in.address))
    assert "revision 1" in client.get(type_in.address).content.decode()


def test_what_is_right_is_kept_beside_what_is_not(type_in, proposal):
    type_in("For water", "3")
    told = type_in("More words than three", "4")

    assert told.status_code == 200
    assert told.json()["problem"] == "Not saved yet: Why?"
    assert set(proposal.answers.values_list("text", flat=True)) == {"For water", "4"}


def test_second_window_is_told_and_overwrites_nothing(type_in, proposal, client):
    shown = version(client.get(type_in.address))
    type_in("First", at=shown)
    told = type_in("Second", at=shown)

    assert told.status_code == 409
    assert "Press Save to see both" in told.json()["problem"]
    assert proposal.answers.get().text == "First"


def test_after_submission_nothing_is_saved(type_in, proposal, client):
    type_in("For water")
    shown = version(client.get(type_in.address))
    confirm_all(proposal)
    submit_proposal(proposal=proposal, by=proposal.applicant)

    assert type_in("Later", at=shown).status_code == 403
    assert proposal.answers.get().text == "For water"


def test_nobody_else_saves(client, type_in, proposal):
    client.force_login(UserFactory())
    assert client.post(type_in.address, {}, headers={"X-Saves-Itself": "1"}).status_code == 404
    client.logout()
    assert client.post(type_in.address, {}, headers={"X-Saves-Itself": "1"}).status_code == 302


def test_basics_save_themselves_and_an_end_before_the_start_does_not(client, proposal):
    client.force_login(proposal.applicant)
    address = f"{proposal.get_absolute_url()}basics/"
    data = {
        "version": version(client.get(address)),
        "title": "Wells",
        "starts_on": "2027-02-01",
        "ends_on": "2027-03-01",
    }
    assert client.post(address, data, headers={"X-Saves-Itself": "1"}).status_code == 200
    wrong = data | {"version": version(client.get(address)), "title": "Later", "ends_on": "2027-01-01"}

    assert client.post(address, wrong, headers={"X-Saves-Itself": "1"}).status_code in (200, 422)
    kept = Proposal.objects.get()
    assert kept.starts_on < kept.ends_on
