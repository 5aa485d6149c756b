"""Two stages, and a second try: what comes along into the other call, and who may."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from proposals.actions.continuing import continue_proposal
from proposals.actions.drafts import begin_proposal
from proposals.actions.submission import withdraw_proposal
from proposals.models import Answer, BudgetLine, CallPart, Partner, Proposal, Question
from tests.factories import CallFactory, InstitutionFactory, ProposalFactory, UserFactory
from tests.proposals.acts import close, confirm_all
from tests.proposals.test_pages import confirmed, text

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def question(call, label, kind="long"):
    part, _made = CallPart.objects.get_or_create(call=call, title="The work")
    return Question.objects.create(part=part, label=label, kind=kind)


@pytest.fixture
def note():
    """A concept note that was accepted in the first stage, with a partner, a budget and an answer."""
    call = CallFactory(title="Concept notes", currency="EUR")
    why, other = question(call, "Why?"), question(call, "Only here?")
    note = ProposalFactory(call=call, applicant=confirmed(UserFactory()), summary="Wells", sites=["PK"])
    partner = Partner.objects.create(
        proposal=note, institution=InstitutionFactory(), contribution="Field work", position=1
    )
    BudgetLine.objects.create(partner=partner, category="travel", label="Flights", amount=700)
    Answer.objects.create(proposal=note, question=why, text="Because.")
    Answer.objects.create(proposal=note, question=other, text="Here.")
    confirm_all(note)
    Proposal.objects.filter(pk=note.pk).update(state="accepted", submitted_at=call.opens_at + DAY / 24)
    close(note)
    note.refresh_from_db()
    return note


@pytest.fixture
def second(note):
    call = CallFactory(title="Full proposals", first_stage=note.call, currency="EUR")
    question(call, "Why?")
    question(call, "How exactly?")
    return call


def test_full_proposal_begins_with_what_the_concept_note_said(client, note, second):
    client.force_login(note.applicant)
    assert "Concept notes" in text(client.get(second.get_absolute_url()))
    assert note.reference in text(client.get(f"{second.get_absolute_url()}start/"))

    answer = client.post(f"{note.get_absolute_url()}continue/", {"call": second.slug})

    draft = Proposal.objects.get(call=second)
    assert answer["Location"] == draft.get_absolute_url()
    assert (draft.origin, draft.title, draft.summary, draft.sites) == (note, note.title, "Wells", ["PK"])
    assert [(part.role, part.contribution, part.asked_at) for part in draft.partners.order_by("position")] == [
        ("lead", "", None),
        ("partner", "Field work", None),
    ]
    assert [line.amount for line in BudgetLine.objects.filter(partner__proposal=draft)] == [700]
    assert [row.text for row in draft.answers.all()] == ["Because."]
    assert not Partner.objects.filter(proposal=draft).exclude(sign_offs=None).exists()
    assert note.reference in text(client.get(draft.get_absolute_url()))


def test_second_click_is_the_same_draft(note, second):
    first = continue_proposal(proposal=note, call=second, by=note.applicant)
    assert continue_proposal(proposal=note, call=second, by=note.applicant) == first
    assert Proposal.objects.filter(call=second).count() == 1


def test_after_a_draft_was_withdrawn_another_one_is_begun(client, note, second):
    first = continue_proposal(proposal=note, call=second, by=note.applicant)
    withdraw_proposal(proposal=first, by=note.applicant)
    client.force_login(note.applicant)
    assert note.reference in text(client.get(f"{second.get_absolute_url()}start/"))

    again = continue_proposal(proposal=note, call=second, by=note.applicant)

    assert again != first
    assert continue_proposal(proposal=note, call=second, by=note.applicant) == again


@pytest.mark.parametrize("state", ["rejected", "reserve", "withdrawn", "revise"])
def test_what_did_not_pass_the_first_stage_does_not_go_on(client, note, second, state):
    Proposal.objects.filter(pk=note.pk).update(state=state)
    note.refresh_from_db()
    client.force_login(note.applicant)

    assert client.get(f"{second.get_absolute_url()}start/").status_code == 403
    with pytest.raises(ValidationError):
        continue_proposal(proposal=note, call=second, by=note.applicant)


def test_nobody_begins_a_second_stage_without_the_first(client, note, second):
    stranger = confirmed(UserFactory())
    client.force_login(stranger)
    assert client.get(f"{second.get_absolute_url()}start/").status_code == 403
    assert client.post(f"{note.get_absolute_url()}continue/", {"call": second.slug}).status_code == 404
    for user in (stranger, note.applicant):
        with pytest.raises(PermissionDenied):
            begin_proposal(call=second, lead=InstitutionFactory(), title="New", by=user)


def test_closed_second_stage_takes_nothing(note, second):
    type(second).objects.filter(pk=second.pk).update(closes_at=timezone.now() - DAY)
    with pytest.raises(ValidationError):
        continue_proposal(proposal=note, call=second, by=note.applicant)


def test_rejected_proposal_tries_again_in_a_later_call_of_another_currency(client, note):
    Proposal.objects.filter(pk=note.pk).update(state="rejected")
    later = CallFactory(title="Next year", currency="USD")
    client.force_login(note.applicant)
    page = text(client.get(note.get_absolute_url()))
    assert "Go on with it in another call" in page
    assert "Next year" in page

    client.post(f"{note.get_absolute_url()}continue/", {"call": later.slug})

    draft = Proposal.objects.get(call=later)
    assert draft.partners.count() == 2
    assert not BudgetLine.objects.filter(partner__proposal=draft).exists()  # amounts of another currency


def test_open_draft_is_not_copied(client):
    draft = ProposalFactory(applicant=confirmed(UserFactory()))
    later = CallFactory()
    client.force_login(draft.applicant)
    assert "Go on with it" not in text(client.get(draft.get_absolute_url()))
    client.post(f"{draft.get_absolute_url()}continue/", {"call": later.slug})
    assert not Proposal.objects.filter(call=later).exists()


def test_call_is_not_its_own_first_stage(client):
    call = CallFactory()
    client.force_login(UserFactory(roles=["administrator"]))
    page = client.get(f"{call.desk_url}edit/")
    assert call not in page.context["form"].fields["first_stage"].queryset
