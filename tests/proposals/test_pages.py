"""Calls and proposals through their pages."""

import datetime
import re

import pytest
from allauth.account.models import EmailAddress
from django.utils import timezone

from members.models import Institution
from projects.models import Project
from proposals.actions.submission import submit_proposal
from proposals.models import Call, CallPart, Decision, Proposal, Question
from tests.factories import (
    CallFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    ProposalFactory,
    ThemeFactory,
    UserFactory,
)
from tests.proposals.acts import confirm_all

pytestmark = pytest.mark.django_db


def confirmed(user):
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def text(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def version(response) -> str:
    return re.search(r'name="version" value="([0-9a-f]+)"', response.content.decode())[1]


# --- Public pages


def test_list_tells_open_ones_first_and_drafts_to_the_secretariat_alone(client):
    CallFactory(title="Open one")
    CallFactory(title="Past one", closes_at=timezone.now() - datetime.timedelta(hours=1))
    CallFactory(title="Secret one", state=Call.State.DRAFT)

    page = text(client.get("/calls/"))
    assert page.index("Open one") < page.index("Past one")
    assert "Secret one" not in page
    client.force_login(UserFactory(roles=["officer"]))
    assert "Secret one" in text(client.get("/calls/"))


def test_open_calls_stand_on_the_front_page_and_with_their_theme(client):
    theme = ThemeFactory()
    CallFactory(title="Open one").themes.add(theme)
    CallFactory(title="Past one", closes_at=timezone.now() - datetime.timedelta(hours=1)).themes.add(theme)
    CallFactory(title="Secret one", state=Call.State.DRAFT).themes.add(theme)
    for address in ["/", theme.get_absolute_url()]:
        page = text(client.get(address))
        assert "Open one" in page
        assert "Past one" not in page
        assert "Secret one" not in page


def test_list_answers_wrong_values_and_exports(client):
    CallFactory(title="Open one", code="ONE")
    assert client.get("/calls/?status=nowhere").status_code == 200
    assert client.get("/calls/?year=abc").status_code == 400
    assert client.get("/calls/?status=open&format=json").json()[0]["code"] == "ONE"


def test_page_of_a_call_tells_deadline_and_rules_and_shows_no_html_of_others(client):
    call = CallFactory(
        zone="Asia/Shanghai",
        zone_label="Beijing",
        closes_at=datetime.datetime(2099, 3, 31, 9, 0, tzinfo=datetime.UTC),
        text="## Aim\n\n<script>alert(1)</script> [bad](javascript:alert(1))",
        rules=[{"rule": "number", "of": "countries", "least": 3}],
    )
    response = client.get(call.get_absolute_url())
    page = text(response)
    assert "17:00 Beijing" in page
    assert "09:00 UTC" in page
    assert "three countries take part" in page
    assert "<script>alert" not in response.content.decode()
    assert 'href="javascript:' not in response.content.decode()


def test_draft_of_a_call_is_found_by_the_secretariat_alone(client):
    call = CallFactory(state=Call.State.DRAFT)
    for person in [None, UserFactory(), UserFactory(roles=["reviewer"])]:
        client.logout()
        if person:
            client.force_login(person)
        assert client.get(call.get_absolute_url()).status_code == 404
        assert client.get(f"{call.get_absolute_url()}deadline.ics").status_code == 404
    client.force_login(UserFactory(roles=["officer"]))
    assert client.get(call.get_absolute_url()).status_code == 200


def test_calendar_file_holds_the_instant(client):
    call = CallFactory(closes_at=datetime.datetime(2099, 3, 31, 9, 0, tzinfo=datetime.UTC))
    response = client.get(f"{call.get_absolute_url()}deadline.ics")
    assert response["Content-Type"].startswith("text/calendar")
    assert b"DTSTART:20990331T090000Z" in response.content


def test_pages_need_the_same_statements_for_one_call_and_for_three(client, django_assert_max_num_queries):
    CallFactory()
    client.get("/calls/")
    with django_assert_max_num_queries(12) as one:
        client.get("/calls/")
    CallFactory.create_batch(2)
    with django_assert_max_num_queries(len(one)):
        client.get("/calls/")


# --- From the beginning to the project


def test_the_whole_way(client):
    lead = InstitutionFactory(name="Institute of Rivers", member=True)
    partner = InstitutionFactory(name="Academy of Wells")
    scientist = confirmed(UserFactory())
    lead_speaker = InstitutionRoleFactory(institution=lead).user
    speaker = InstitutionRoleFactory(institution=partner).user
    officer = UserFactory(roles=["officer"])
    call = CallFactory(officer=officer, code="WATER-1", most_per_proposal=50_000)
    part = CallPart.objects.create(call=call, title="The work")
    question = Question.objects.create(part=part, label="Why?", most_words=5)

    client.force_login(scientist)
    start = f"{call.get_absolute_url()}start/"
    assert "Institute of Rivers" in text(client.get(f"{start}?q=rivers"))
    response = client.post(start, {"institution": lead.slug, "title": "Wells and rivers"})
    proposal = Proposal.objects.get()
    desk = proposal.get_absolute_url()
    assert response["Location"] == desk
    assert proposal.reference == "WATER-1-001"

    form = client.get(f"{desk}basics/")
    basics = {"title": "Wells and rivers", "summary": "Both.", "starts_on": "2099-01-01", "ends_on": "2099-12-31"}
    assert client.post(f"{desk}basics/", {**basics, "version": version(form)}).status_code == 302
    form = client.get(f"{desk}parts/{part.pk}/")
    wordy = {f"q{question.pk}": "one two three four five six", "version": version(form)}
    refused = client.post(f"{desk}parts/{part.pk}/", wordy)
    assert refused.status_code == 422
    assert "1 more than allowed" in text(refused)
    assert "one two three four five six" in refused.content.decode()
    answer = {f"q{question.pk}": "Because of floods", "version": version(form)}
    assert client.post(f"{desk}parts/{part.pk}/", answer).status_code == 302

    added = {"institution": partner.slug, "role": "partner", "contribution": "Wells"}
    assert client.post(f"{desk}partners/add/", added).status_code == 302
    share = proposal.partners.get(institution=partner)
    form = client.get(f"{desk}budget/")
    lines = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "0",
        "version": version(form),
        "form-0-partner": share.pk,
        "form-0-category": "travel",
        "form-0-label": "",
        "form-0-amount": "1200.50",
    }
    assert client.post(f"{desk}budget/", lines).status_code == 302
    assert "1,200.50" in text(client.get(desk))

    refused = client.post(f"{desk}submit/")
    assert refused.status_code == 422
    assert "have not confirmed yet" in text(refused)
    client.post(f"{desk}partners/ask/")
    for person, institution in [(lead_speaker, lead), (speaker, partner)]:
        client.force_login(person)
        assert "Wells and rivers" in text(client.get("/desk/"))
        mine = proposal.partners.get(institution=institution)
        page = client.get(f"{desk}partners/{mine.pk}/sign/")
        assert page.status_code == 200
        said = {"answer": "confirmed", "revision": mine.revision}
        assert client.post(f"{desk}partners/{mine.pk}/sign/", said).status_code == 302

    client.force_login(scientist)
    assert "Submit the proposal" in text(client.get(f"{desk}check/"))
    assert client.post(f"{desk}submit/")["Location"] == f"{desk}submitted/"
    assert proposal.submissions.get().digest in text(client.get(f"{desk}submitted/"))

    client.force_login(officer)
    assert "Wells and rivers" in text(client.get(call.desk_url))
    assert client.get(desk)["Location"] == f"{desk}submitted/"
    decide = f"{call.desk_url}decide/{proposal.pk}/"
    client.post(f"{call.desk_url}decide/")
    assert Call.objects.get().state == Call.State.PUBLISHED
    Call.objects.update(closes_at=timezone.now() - datetime.timedelta(seconds=1))
    assert client.post(decide, {"outcome": "accepted", "feedback": "Well done."}).status_code == 302
    client.force_login(scientist)
    assert "Well done" not in text(client.get(desk))
    client.force_login(officer)
    client.post(f"{call.desk_url}decide/")
    proposal.refresh_from_db()
    assert (proposal.state, Call.objects.get().state) == ("accepted", "decided")
    client.force_login(scientist)
    assert "Well done." in text(client.get(desk))

    client.force_login(officer)
    client.post(f"{decide}project/")
    client.post(f"{decide}project/")
    project = Project.objects.get()
    assert (project.code, project.amount, project.currency) == ("WATER-1-001", 1200.50, "EUR")
    assert [(row.role, row.institution) for row in project.participations.order_by("position")] == [
        ("lead", lead),
        ("partner", partner),
    ]
    client.logout()
    assert "Wells and rivers" in text(client.get(project.get_absolute_url()))


def test_two_people_at_once_lose_no_text(client):
    proposal = ProposalFactory(title="First")
    client.force_login(proposal.applicant)
    address = f"{proposal.get_absolute_url()}basics/"
    form = client.get(address)
    fields = {"summary": "s", "starts_on": "2099-01-01", "ends_on": "2099-12-31", "version": version(form)}
    assert client.post(address, {**fields, "title": "Of one"}).status_code == 302

    late = client.post(address, {**fields, "title": "Of the other"})

    assert late.status_code == 409
    assert "Of one" in text(late)
    assert 'value="Of the other"' in late.content.decode()
    assert Proposal.objects.get().title == "Of one"
    assert client.post(address, {**fields, "title": "Of both", "version": version(late)}).status_code == 302


# --- Refusals


PAGES = ["", "basics/", "budget/", "team/", "plan/", "partners/", "partners/add/", "check/", "submitted/", "withdraw/"]


@pytest.mark.parametrize("page", PAGES)
def test_strangers_find_no_draft(client, page):
    proposal = ProposalFactory()
    address = f"{proposal.get_absolute_url()}{page}"
    assert client.get(address)["Location"].startswith("/accounts/login/")
    for person in [
        UserFactory(),
        UserFactory(roles=["officer"]),
        UserFactory(roles=["administrator"]),
        InstitutionRoleFactory().user,
    ]:
        client.force_login(person)
        assert client.get(address).status_code == 404


def test_officers_see_what_was_submitted_in_the_calls_given_to_them_and_none_of_their_own_house(client):
    given, other = UserFactory(roles=["officer"]), UserFactory(roles=["officer"])
    bound = UserFactory(roles=["administrator"])
    call = CallFactory(officer=given)
    proposal = ProposalFactory(call=call)
    confirm_all(proposal)
    submit_proposal(proposal=proposal, by=proposal.applicant)
    InstitutionRoleFactory(user=bound, institution=proposal.partners.get().institution, role="editor")
    address = f"{proposal.get_absolute_url()}submitted/"
    found = {}
    for name, person in [("given", given), ("other", other), ("administrator", UserFactory(roles=["administrator"]))]:
        client.force_login(person)
        found[name] = client.get(address).status_code
    assert found == {"given": 200, "other": 404, "administrator": 200}
    client.force_login(bound)
    assert client.get(f"{call.desk_url}decide/{proposal.pk}/").status_code == 404
    assert proposal.title not in text(client.get(call.desk_url))


def test_partners_speaker_reads_and_does_not_write(client):
    proposal = ProposalFactory()
    partner = InstitutionFactory()
    speaker = InstitutionRoleFactory(institution=partner).user
    part = proposal.partners.create(institution=partner, role="partner")
    client.force_login(speaker)
    assert client.get(proposal.get_absolute_url()).status_code == 404  # not asked yet
    part.asked_at = timezone.now()
    part.save()
    assert client.get(proposal.get_absolute_url()).status_code == 200
    for page in ["basics/", "budget/", "team/", "plan/", "partners/", "check/", "withdraw/"]:
        assert client.get(f"{proposal.get_absolute_url()}{page}").status_code == 403
    assert client.post(f"{proposal.get_absolute_url()}submit/").status_code == 403
    assert client.get(f"{proposal.get_absolute_url()}submit/").status_code == 405


def test_calls_are_edited_by_the_officers_to_whom_they_are_given(client):
    given, other = UserFactory(roles=["officer"]), UserFactory(roles=["officer"])
    call = CallFactory(officer=given, state=Call.State.DRAFT)
    for page in ["", "edit/", "parts/add/"]:
        client.force_login(given)
        assert client.get(f"{call.desk_url}{page}").status_code == 200
        client.force_login(other)
        assert client.get(f"{call.desk_url}{page}").status_code == 403
        client.force_login(UserFactory())
        assert client.get(f"{call.desk_url}{page}").status_code == 404


def test_officer_makes_and_publishes_a_call(client):
    officer = UserFactory(roles=["officer"])
    client.force_login(officer)
    fields = {
        "title": "Water for all",
        "code": "WFA-1",
        "kind": "research",
        "summary": "Wells.",
        "currency": "eur",
        "zone": "Asia/Shanghai",
        "zone_label": "Beijing",
        "grace_minutes": "0",
        "rules": "[]",
        "opens_at": "2026-01-01T00:00",
        "closes_at": "2099-03-31T17:00",
    }
    wrong = client.post("/desk/calls/new/", {**fields, "rules": '[{"rule": "wish"}]', "zone": "Mars/Base"})
    assert wrong.status_code == 422
    assert "is no time zone" in text(wrong)
    assert client.post("/desk/calls/new/", fields).status_code == 302
    call = Call.objects.get()
    assert (call.closes_at.isoformat(), call.currency) == ("2099-03-31T09:00:00+00:00", "EUR")

    part = {"title": "The work", "hint": "", "position": "0"}
    empty = {"questions-TOTAL_FORMS": "1", "questions-INITIAL_FORMS": "0"}
    question = {"questions-0-label": "Why?", "questions-0-kind": "choice", "questions-0-choices": "a\nb"}
    rest = {"questions-0-position": "0", "questions-0-required": "on"}
    assert client.post(f"{call.desk_url}parts/add/", {**part, **empty, **question, **rest}).status_code == 302
    assert Question.objects.get().choices == ["a", "b"]

    client.post(f"{call.desk_url}publish/")
    call.refresh_from_db()
    assert (call.state, call.published_at is not None) == ("published", True)
    copied = client.post(f"{call.desk_url}copy/", {"code": "WFA-2"})
    assert Call.objects.get(code="WFA-2").parts.get().questions.get().label == "Why?"
    assert copied["Location"].startswith("/desk/calls/")


def test_decisions_are_applied_together_or_not_at_all(client):
    officer = UserFactory(roles=["officer"])
    call = CallFactory(officer=officer)
    proposals = [ProposalFactory(call=call) for _ in range(2)]
    for proposal in proposals:
        confirm_all(proposal)
        submit_proposal(proposal=proposal, by=proposal.applicant)
    Call.objects.update(closes_at=timezone.now() - datetime.timedelta(seconds=1))
    client.force_login(officer)
    client.post(f"{call.desk_url}decide/{proposals[0].pk}/", {"outcome": "accepted"})

    client.post(f"{call.desk_url}decide/")
    assert set(Proposal.objects.values_list("state", flat=True)) == {"submitted"}
    client.post(f"{call.desk_url}decide/{proposals[1].pk}/", {"outcome": "rejected", "feedback": "Next time."})
    client.post(f"{call.desk_url}decide/")
    assert set(Proposal.objects.values_list("state", flat=True)) == {"accepted", "rejected"}
    assert Decision.objects.filter(applied_at__isnull=True).count() == 0


def test_look_up_finds_active_institutions_only(client):
    gone = InstitutionFactory(name="Gone", record_status=Institution.RecordStatus.INACTIVE)
    call = CallFactory()
    client.force_login(confirmed(UserFactory()))
    assert client.get(f"{call.get_absolute_url()}start/?institution={gone.slug}").status_code == 404
    assert client.get(f"{call.get_absolute_url()}start/?institution=%00").status_code == 404
