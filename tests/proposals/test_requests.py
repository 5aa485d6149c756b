"""An institution that is not in the registry, and one that nobody speaks for: asked by applicants, answered by officers."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Institution, Invitation
from proposals.actions.drafts import add_partner
from proposals.actions.requests import (
    add_requested,
    name_signatory,
    refuse_request,
    request_institution,
    verify_signatory,
)
from proposals.actions.submission import obstacles
from proposals.models import CallOfficer, InstitutionRequest, Proposal, Signatory
from tests.factories import (
    AffiliationFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    PersonFactory,
    ProposalFactory,
    UserFactory,
)
from tests.proposals.test_clarifying import told
from tests.proposals.test_pages import text
from vocabularies.models import Country

pytestmark = pytest.mark.django_db
ASKED = {"name": "Academy of the Hills", "country": "NP", "website": "https://hills.example", "role": "partner"}


@pytest.fixture
def draft():
    made = ProposalFactory()
    CallOfficer.objects.create(call=made.call, user=UserFactory(roles=["officer"]))
    return made


@pytest.fixture
def officer(draft):
    return draft.call.officers.get().user


def ask(draft, **fields):
    facts = {**ASKED, "country": Country.objects.get(pk="NP"), "contribution": "Wells", **fields}
    return request_institution(proposal=draft, by=draft.applicant, **facts)


def name(draft, partner=None):
    facts = {"name": "Ada Rai", "position": "Rector", "email": "ada@hills.example"}
    return name_signatory(partner=partner or draft.partners.get(), by=draft.applicant, **facts)


# --- An institution that is not in the registry


def test_applicant_asks_and_the_officer_adds_it_to_the_registry(client, draft, officer):
    client.force_login(draft.applicant)
    page = f"{draft.get_absolute_url()}partners/"
    found = client.get(f"{page}add/", {"q": "Academy of the Hills"})
    assert f"{page}request/?name=Academy%20of%20the%20Hills" in found.content.decode()
    long = client.post(f"{page}request/", {**ASKED, "contribution": "w" * 4001})
    assert long.status_code == 422
    assert "longer than 4000 characters" in text(long)
    assert client.post(f"{page}request/", {**ASKED, "contribution": "Wells"})["Location"] == page
    assert "not in the registry yet" in text(client.get(page))
    assert any("Academy of the Hills is not in the registry" in one.sentence for one in obstacles(draft))
    assert told("proposal.requested") == {officer}

    client.force_login(officer)
    assert "requests of applicants" in text(client.get("/desk/"))
    requests = f"{draft.call.desk_url}requests/"
    listed = text(client.get(requests))
    assert "Academy of the Hills" in listed
    assert draft.title not in listed  # the draft itself stays hidden
    address = f"{requests}institutions/{InstitutionRequest.objects.get().pk}/"
    assert "Add it to the registry" in text(client.get(address))
    assert client.post(address)["Location"] == requests

    made = Institution.objects.get(name="Academy of the Hills")
    assert (made.country_id, made.website, made.slug) == ("NP", "https://hills.example", "academy-of-the-hills")
    assert draft.partners.get(institution=made).contribution == "Wells"
    assert told("proposal.request_answered") == {draft.applicant}
    assert not any("registry" in one.sentence for one in obstacles(draft))
    assert "Academy of the Hills" in text(client.get(requests))  # among the answered


def test_officer_takes_the_record_that_is_there_under_another_name(client, draft, officer):
    asked, known = ask(draft), InstitutionFactory(name="Hills Academy", slug="hills")
    client.force_login(officer)
    address = f"{draft.call.desk_url}requests/institutions/{asked.pk}/"
    assert "It is this one" in text(client.get(address, {"institution": "hills"}))
    client.post(address, {"institution": "hills"})

    assert draft.partners.filter(institution=known).exists()
    assert not Institution.objects.filter(name="Academy of the Hills").exists()


def test_look_alike_is_made_only_where_the_officer_says_that_it_is_another(client, draft, officer):
    asked = ask(draft)
    InstitutionFactory(name="Academy-of-the-Hills")
    client.force_login(officer)
    address = f"{draft.call.desk_url}requests/institutions/{asked.pk}/"
    assert client.post(address).status_code == 422
    assert not InstitutionRequest.objects.get().answered_at
    assert client.post(address, {"another_one": "1"}).status_code == 302


def test_refusal_says_why(client, draft, officer):
    asked = ask(draft)
    client.force_login(officer)
    address = f"{draft.call.desk_url}requests/institutions/{asked.pk}/"
    assert client.post(address, {"refuse": "1", "reason": ""}).status_code == 422
    assert client.post(address, {"refuse": "1", "reason": "It is no institution."}).status_code == 302
    assert client.post(address, {"refuse": "1", "reason": "Twice."}).status_code == 422
    client.force_login(draft.applicant)
    assert "It is no institution." in text(client.get(f"{draft.get_absolute_url()}partners/"))
    assert not any("registry" in one.sentence for one in obstacles(draft))


def test_asked_twice_it_is_once_and_not_more_than_five_wait(draft):
    assert ask(draft) == ask(draft)
    for number in range(4):
        ask(draft, name=f"Academy {number}")
    with pytest.raises(ValidationError, match="wait for the answers"):
        ask(draft, name="One more")


def test_request_is_taken_back(client, draft):
    asked = ask(draft)
    client.force_login(draft.applicant)
    client.post(f"{draft.get_absolute_url()}partners/requests/{asked.pk}/remove/")
    assert not InstitutionRequest.objects.exists()


def test_nothing_is_added_to_what_was_taken_back_meanwhile(draft, officer):
    asked = ask(draft)
    Proposal.objects.filter(pk=draft.pk).update(state="withdrawn")
    with pytest.raises(ValidationError, match="submitted or taken back"):
        add_requested(request=InstitutionRequest.objects.get(pk=asked.pk), by=officer)


def test_officer_with_a_conflict_of_interest_hears_of_nothing(client, draft, officer):
    AffiliationFactory(person=PersonFactory(user=officer), institution=draft.partners.get().institution)
    asked = ask(draft)
    assert told("proposal.requested") == set()
    client.force_login(officer)
    assert "Academy of the Hills" not in text(client.get(f"{draft.call.desk_url}requests/"))
    assert client.get(f"{draft.call.desk_url}requests/institutions/{asked.pk}/").status_code == 404
    with pytest.raises(PermissionDenied):
        add_requested(request=asked, by=officer)


def test_others_neither_ask_nor_answer(draft):
    asked, stranger = ask(draft), UserFactory(roles=["officer"])
    for act in (
        lambda: request_institution(proposal=draft, by=stranger, **{**ASKED, "country": None, "contribution": ""}),
        lambda: add_requested(request=asked, by=stranger),
        lambda: refuse_request(request=asked, reason="No.", by=draft.applicant),
    ):
        with pytest.raises(PermissionDenied):
            act()


# --- A signatory


def test_signatory_is_named_verified_and_invited(client, draft, officer):
    client.force_login(draft.applicant)
    page = f"{draft.get_absolute_url()}partners/"
    assert "no focal point here yet" in text(client.get(page))
    address = f"{page}{draft.partners.get().pk}/signatory/"
    client.post(address, {"name": "Ada Rai", "position": "Rector", "email": "ada@hills.example"})
    assert "An officer verifies that Ada Rai can sign" in text(client.get(page))

    client.force_login(officer)
    verify = f"{draft.call.desk_url}requests/signatories/{Signatory.objects.get().pk}/"
    assert "ada@hills.example" in text(client.get(verify))
    assert client.post(verify).status_code == 302
    assert client.post(verify).status_code == 422  # once
    invited = Invitation.objects.get()
    assert (invited.email, invited.role, invited.institution) == (
        "ada@hills.example",
        "focal_point",
        draft.partners.get().institution,
    )
    assert told("proposal.request_answered") == {draft.applicant}
    client.force_login(draft.applicant)
    assert "Ada Rai is invited to be its focal point" in text(client.get(page))


def test_signatory_is_refused_and_another_one_is_named(client, draft, officer):
    refuse_request(request=name(draft), reason="She left.", by=officer)
    client.force_login(draft.applicant)
    assert "Ada Rai cannot sign for it: She left." in text(client.get(f"{draft.get_absolute_url()}partners/"))
    assert name(draft).answered_at is None


def test_whom_one_names_later_takes_the_place_of_who_was_named_before(draft):
    first = name(draft)
    assert name(draft).pk != first.pk
    assert Signatory.objects.count() == 1


def test_nobody_is_named_where_the_institution_has_a_focal_point(client, draft):
    InstitutionRoleFactory(institution=draft.partners.get().institution, role="focal_point")
    with pytest.raises(ValidationError, match="has a focal point"):
        name(draft)
    client.force_login(draft.applicant)
    assert "no focal point here yet" not in text(client.get(f"{draft.get_absolute_url()}partners/"))


def test_signatories_are_verified_by_officers_without_a_conflict_only(draft, officer):
    named = name(draft)
    AffiliationFactory(person=PersonFactory(user=officer), institution=draft.partners.get().institution)
    for user in (officer, draft.applicant, UserFactory(roles=["officer"])):
        with pytest.raises(PermissionDenied):
            verify_signatory(signatory=named, by=user)


def test_page_of_partners_asks_as_often_for_three_as_for_one(client, draft):
    client.force_login(draft.applicant)
    counts = []
    for number in range(3):
        add_partner(
            proposal=draft, institution=InstitutionFactory(), role="partner", contribution="", by=draft.applicant
        )
        name(draft, draft.partners.last())
        ask(draft, name=f"Academy {number}")
        with CaptureQueriesContext(connection) as asked:
            client.get(f"{draft.get_absolute_url()}partners/")
        counts.append(len(asked))
    assert counts[0] == counts[2]
