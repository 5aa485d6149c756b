"""A late code lets one proposal in after the deadline, and no other one."""

import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from proposals.actions.lateness import begin_late, digest, make_late_code, use_late_code
from proposals.actions.submission import submit_proposal
from proposals.models import Call, LateCode, Proposal
from tests.factories import InstitutionFactory, ProposalFactory, UserFactory
from tests.proposals.acts import close, confirm_all
from tests.proposals.test_pages import confirmed, text

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def limits():
    cache.clear()


@pytest.fixture
def proposal():
    proposal = ProposalFactory()
    confirm_all(proposal)
    return close(proposal)


@pytest.fixture
def officer(proposal):
    user = UserFactory(roles=["officer"])
    proposal.call.officers.create(user=user)
    return user


def code_for(proposal, officer, until=DAY) -> str:
    return make_late_code(call=proposal.call, until=timezone.now() + until, note="Power cut", by=officer)


def submit(proposal):
    return submit_proposal(proposal=proposal, by=proposal.applicant)


def test_closed_call_takes_the_proposal_with_the_code_and_no_other(proposal, officer):
    other = ProposalFactory(call=proposal.call)
    confirm_all(other)
    with pytest.raises(ValidationError, match="does not take proposals now"):
        submit(proposal)
    use_late_code(proposal=proposal, code=code_for(proposal, officer), by=proposal.applicant)

    submission = submit(proposal)

    assert submission.submitted_at > proposal.call.closes_at
    with pytest.raises(ValidationError, match="does not take proposals now"):
        submit(other)


def test_code_ends_at_its_instant(proposal, officer):
    use_late_code(proposal=proposal, code=code_for(proposal, officer), by=proposal.applicant)
    LateCode.objects.update(until=timezone.now() - timedelta(seconds=1))
    with pytest.raises(ValidationError, match="does not take proposals now"):
        submit(proposal)


def test_code_of_a_decided_call_is_worth_nothing(proposal, officer):
    use_late_code(proposal=proposal, code=code_for(proposal, officer), by=proposal.applicant)
    Call.objects.update(state="decided", decided_at=timezone.now())
    with pytest.raises(ValidationError):
        submit(proposal)


def test_code_is_for_one_proposal_and_may_be_typed_as_one_likes(proposal, officer):
    other = ProposalFactory(call=proposal.call)
    code = code_for(proposal, officer)
    use_late_code(proposal=proposal, code=f" {code.lower().replace('-', ' ')} ", by=proposal.applicant)
    use_late_code(proposal=proposal, code=code, by=proposal.applicant)
    with pytest.raises(ValidationError, match="used for another proposal"):
        use_late_code(proposal=other, code=code, by=other.applicant)


@pytest.mark.parametrize("why", ["wrong", "other call", "over"])
def test_code_that_is_not_good_is_refused(proposal, officer, why):
    code = code_for(proposal, officer)
    match why:
        case "wrong":
            code = "AAAA-AAAA-AAAA"
        case "other call":
            LateCode.objects.update(call=ProposalFactory().call)
        case "over":
            LateCode.objects.update(until=timezone.now() - DAY)
    with pytest.raises(ValidationError, match="not one of this call"):
        use_late_code(proposal=proposal, code=code, by=proposal.applicant)


def test_longer_code_takes_the_place_of_the_first(proposal, officer):
    use_late_code(proposal=proposal, code=code_for(proposal, officer), by=proposal.applicant)
    use_late_code(proposal=proposal, code=code_for(proposal, officer, 2 * DAY), by=proposal.applicant)
    assert proposal.late_code.until > timezone.now() + DAY


def test_officer_makes_a_code_that_is_shown_once_and_kept_as_a_hash(client, proposal, officer):
    client.force_login(officer)
    address = f"{proposal.call.desk_url}late/"
    until = (timezone.now() + DAY).strftime("%Y-%m-%dT%H:%M")

    shown = text(client.post(address, {"until": until, "note": "Power cut"}, follow=True))

    code = re.search(r"this once: (\S{14})", shown)[1]
    assert LateCode.objects.get().code_hash == digest(code)
    assert code not in text(client.get(address))
    assert "not used" in text(client.get(address))
    past = {"until": "2020-01-01T00:00", "note": "x"}
    assert "This moment has passed." in text(client.post(address, past))
    assert client.post(address, {"until": "soon", "note": ""}).status_code == 422


def test_applicant_types_the_code_at_the_end_of_the_form(client, proposal, officer):
    code = code_for(proposal, officer)
    client.force_login(proposal.applicant)
    check = f"{proposal.get_absolute_url()}check/"
    assert "Late code" in text(client.get(check))
    assert "not one of this call" in text(
        client.post(f"{proposal.get_absolute_url()}late/", {"code": "x"}, follow=True)
    )

    page = client.post(f"{proposal.get_absolute_url()}late/", {"code": code}, follow=True)

    assert "can be submitted until" in text(page)
    assert "Submit the proposal" in text(page)
    assert "Late code" not in text(page)


def test_guessing_is_limited(client, proposal):
    client.force_login(proposal.applicant)
    for _ in range(11):
        page = client.post(f"{proposal.get_absolute_url()}late/", {"code": "AAAA-AAAA-AAAA"}, follow=True)
    assert "tried too often" in text(page)


def test_only_officers_of_the_call_make_codes(client, proposal):
    for user in (proposal.applicant, UserFactory(roles=["reviewer"]), UserFactory(roles=["officer"])):
        with pytest.raises(PermissionDenied):
            code_for(proposal, user)
        client.force_login(user)
        assert client.get(f"{proposal.call.desk_url}late/").status_code in (403, 404)
    client.force_login(UserFactory())
    assert client.post(f"{proposal.get_absolute_url()}late/", {"code": "x"}).status_code == 404


# --- For somebody who had no draft


@pytest.fixture
def latecomer():
    return confirmed(UserFactory())


def begin(call, by, code):
    return begin_late(call=call, lead=InstitutionFactory(slug="lead"), title="Late", code=code, by=by)


def test_who_had_no_draft_begins_one_with_a_code(proposal, officer, latecomer):
    draft = begin(proposal.call, latecomer, code_for(proposal, officer))
    assert draft.applicant == latecomer
    assert draft.late_code.used_at
    first, last = timezone.now().date(), (timezone.now() + 300 * DAY).date()
    Proposal.objects.filter(pk=draft.pk).update(summary="Wells", starts_on=first, ends_on=last)
    draft.refresh_from_db()
    confirm_all(draft)
    assert submit(draft).submitted_at > draft.call.closes_at


def test_nothing_is_begun_without_a_valid_code(proposal, officer, latecomer):
    used = code_for(proposal, officer)
    use_late_code(proposal=proposal, code=used, by=proposal.applicant)
    for code in ("", "ABCD-EFGH-JKMN", used):
        with pytest.raises(ValidationError, match="not one of this call"), transaction.atomic():
            begin_late(call=proposal.call, lead=InstitutionFactory(), title="Late", code=code, by=latecomer)
    assert not latecomer.proposals.exists()


def test_nobody_begins_late_while_the_call_is_open_or_decided_or_without_a_confirmed_address(
    proposal, officer, latecomer
):
    code = code_for(proposal, officer)
    with pytest.raises(PermissionDenied):
        begin(proposal.call, UserFactory(), code)
    Call.objects.update(closes_at=timezone.now() + DAY)
    with pytest.raises(PermissionDenied):
        begin_late(call=proposal.call, lead=InstitutionFactory(), title="Late", code=code, by=latecomer)
    Call.objects.update(closes_at=timezone.now() - timedelta(hours=1), state="decided", decided_at=timezone.now())
    with pytest.raises(PermissionDenied):
        begin_late(call=proposal.call, lead=InstitutionFactory(), title="Late", code=code, by=latecomer)


def test_latecomer_finds_the_way_from_the_page_of_the_call(client, proposal, officer, latecomer):
    code = code_for(proposal, officer)
    lead = InstitutionFactory(slug="lead")
    client.force_login(latecomer)
    page = proposal.call.get_absolute_url()
    assert f'href="{page}start/"' in client.get(page).content.decode()
    assert "The deadline has passed" in text(client.get(f"{page}start/"))

    given = {"institution": lead.slug, "title": "Late", "code": "WRONG"}
    refused = client.post(f"{page}start/", given)
    assert refused.status_code == 422
    assert "not one of this call" in text(refused)
    assert 'value="Late"' in refused.content.decode()
    begun = client.post(f"{page}start/", given | {"code": code})
    assert begun["Location"] == latecomer.proposals.get().get_absolute_url()


def test_codes_are_not_guessed(client, proposal, officer, latecomer, monkeypatch):
    client.force_login(latecomer)
    monkeypatch.setattr("proposals.views.writing.too_often", lambda *args, **kwargs: True)
    given = {"institution": InstitutionFactory(slug="lead").slug, "title": "Late", "code": code_for(proposal, officer)}
    assert client.post(f"{proposal.call.get_absolute_url()}start/", given).status_code == 422
    assert not latecomer.proposals.exists()
