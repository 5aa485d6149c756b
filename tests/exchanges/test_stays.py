"""A stay from the offer to the end, through the hands of the scientist, home, host and an officer."""

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.access import can
from exchanges.actions.letters import issue_letter, letter_pdf
from exchanges.actions.stays import answer_stay, approve_stay, begin_stay, cancel_stay, submit_stay, withdraw_stay
from exchanges.actions.visits import advance_stays, confirm_report, do_task, judge_report, write_report
from exchanges.models import InvitationLetter, Offer, Programme, Stay, StayAct, StayReport, StayTask
from tests.exchanges.acts import DAY, TODAY, agreed, approved, draft, scientist, submitted
from tests.factories import (
    InstitutionFactory,
    InstitutionRoleFactory,
    OfferFactory,
    UserFactory,
)
from tests.proposals.test_clarifying import told
from tests.proposals.test_pages import text

pytestmark = pytest.mark.django_db


def move_days(stay, days):
    """As if so many days had passed."""
    Stay.objects.filter(pk=stay.pk).update(starts_on=stay.starts_on - days * DAY, ends_on=stay.ends_on - days * DAY)
    stay.refresh_from_db()


# --- From the offer to the end


def test_stay_from_the_offer_to_its_end(client, offer, home, host, speakers, officer):
    person = scientist(name="Amina Wanjiku Otieno")
    client.force_login(person)
    page = client.get(offer.get_absolute_url())
    assert f"{offer.get_absolute_url()}apply/" in page.content.decode()
    assert "Look it up" in text(client.get(f"{offer.get_absolute_url()}apply/"))
    answer = client.post(f"{offer.get_absolute_url()}apply/", {"institution": home.slug})
    stay = Stay.objects.get()
    assert answer["Location"] == f"{stay.get_absolute_url()}edit/"
    assert "Missing: the purpose." in text(client.get(stay.get_absolute_url()))
    days = {"starts_on": stay.starts_on.isoformat(), "ends_on": stay.ends_on.isoformat()}
    client.post(f"{stay.get_absolute_url()}edit/", {**days, "purpose": "To measure wells.", "asks": "900"})
    assert client.post(f"{stay.get_absolute_url()}submit/")["Location"] == stay.get_absolute_url()
    assert told("stay.submitted") == set(speakers.values())

    for kind in ("home", "host"):
        client.force_login(speakers[kind])
        assert "answer for a stay" in text(client.get("/desk/"))
        assert client.post(f"{stay.get_absolute_url()}{kind}/", {f"{kind}-agrees": "yes"}).status_code == 302
    stay.refresh_from_db()
    assert stay.state == "agreed"

    client.force_login(officer)
    assert "stay to approve" in text(client.get("/desk/"))
    client.post(f"{stay.get_absolute_url()}approve/")
    stay.refresh_from_db()
    assert stay.state == "approved"
    assert Offer.objects.get().places_taken == 1
    assert Programme.objects.get().budget_taken == 900

    client.force_login(speakers["host"])
    client.post(f"{stay.get_absolute_url()}letter/")
    stay.refresh_from_db()
    assert stay.state == "scheduled"
    client.force_login(person)
    assert client.get(f"{stay.get_absolute_url()}letter.pdf").getvalue().startswith(b"%PDF")
    visa = StayTask.objects.get(kind="visa")
    client.post(f"{stay.get_absolute_url()}tasks/{visa.pk}/", {"done": "1"})
    visa.refresh_from_db()
    assert visa.done_by == person

    move_days(stay, 61)
    advance_stays()
    stay.refresh_from_db()
    assert stay.state == "under_way"
    move_days(stay, 21)
    advance_stays()
    stay.refresh_from_db()
    assert stay.state == "report_due"

    report = {"text": "Forty wells.", "submit": "1"}
    assert client.post(f"{stay.get_absolute_url()}report/", report)["Location"] == stay.get_absolute_url()
    client.force_login(speakers["host"])
    assert "Forty wells." in text(client.get(stay.get_absolute_url()))
    client.post(f"{stay.get_absolute_url()}report/confirm/")
    client.force_login(officer)
    client.post(f"{stay.get_absolute_url()}report/judge/", {"accept": "1", "answer": "Thank you."})
    stay.refresh_from_db()
    assert stay.state == "report_accepted"
    advance_stays()
    stay.refresh_from_db()
    assert stay.state == "closed"
    assert advance_stays() == 0
    happened = text(client.get(stay.get_absolute_url()))
    assert "Agreed by home and host" in happened
    assert "Under way" in happened


# --- Home and host


def test_one_no_is_enough_and_says_why(client, offer, home, speakers):
    stay = submitted(offer, home)
    client.force_login(speakers["host"])
    address = f"{stay.get_absolute_url()}host/"
    refused = client.post(address, {"host-agrees": "no"})
    assert refused.status_code == 422
    assert "Say why." in text(refused)
    client.post(address, {"host-agrees": "no", "host-comment": "The laboratory moves."})
    stay.refresh_from_db()
    assert stay.state == "declined"
    assert "The laboratory moves." in text(client.get(stay.get_absolute_url()))
    with pytest.raises(ValidationError, match="answered already"):
        answer_stay(stay=stay, kind="home", agrees=True, by=speakers["home"])


def test_said_twice_it_is_once(offer, home, speakers):
    stay = submitted(offer, home)
    first = answer_stay(stay=stay, kind="home", agrees=True, by=speakers["home"])
    assert answer_stay(stay=stay, kind="home", agrees=True, by=speakers["home"]) == first
    assert StayAct.objects.count() == 1
    assert Stay.objects.get().state == "submitted"


def test_nobody_answers_for_another_institution_or_for_the_own_stay(offer, home, speakers, officer):
    person = InstitutionRoleFactory(institution=home).user
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    stay = submitted(offer, home, person=person)
    for user, kind in (
        (person, "home"),
        (speakers["home"], "host"),
        (speakers["host"], "home"),
        (officer, "home"),
        (UserFactory(), "host"),
    ):
        with pytest.raises(PermissionDenied):
            answer_stay(stay=stay, kind=kind, agrees=True, by=user)


# --- The rules of the programme


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"ends_on": TODAY + 61 * DAY}, "at least"),
        ({"ends_on": TODAY + 300 * DAY}, "90 days"),
        ({"purpose": " "}, "the purpose"),
    ],
)
def test_draft_against_the_rules_is_not_submitted(client, offer, home, fields, complaint):
    stay = draft(offer, home, **fields)
    client.force_login(stay.applicant)
    assert complaint in text(client.get(stay.get_absolute_url()))
    answer = client.post(f"{stay.get_absolute_url()}submit/")
    assert answer.status_code == 422
    assert complaint in text(answer)
    assert Stay.objects.get().state == "draft"


def test_home_and_host_in_one_country_are_refused(offer, host):
    with pytest.raises(ValidationError):
        submitted(offer, InstitutionFactory(country_id="PK"))
    with pytest.raises(ValidationError, match="same institution"):
        begin_stay(offer=offer, home=host, by=scientist())


def test_offer_names_whom_it_is_open_to(offer, home):
    offer.eligible_countries.set(["NP"])
    with pytest.raises(ValidationError, match="not open to scientists of institutions in Kenya"):
        submitted(offer, home)


def test_offer_that_has_closed_takes_nothing(offer, home):
    stay = draft(offer, home)
    Offer.objects.update(apply_by=timezone.now() - DAY)
    with pytest.raises(ValidationError, match="no application now"):
        submit_stay(stay=stay, by=stay.applicant)
    with pytest.raises(ValidationError, match="no application now"):
        begin_stay(offer=offer, home=home, by=scientist())


def test_address_must_be_confirmed(client, offer):
    client.force_login(UserFactory())
    assert client.get(f"{offer.get_absolute_url()}apply/").status_code == 403


# --- Places and money are never given twice


def test_last_place_is_given_once(offer, home, speakers, officer):
    first, second, third = (agreed(offer, home, speakers) for _n in range(3))
    approve_stay(stay=first, by=officer)
    approve_stay(stay=first, by=officer)  # a second click
    approve_stay(stay=second, by=officer)
    with pytest.raises(ValidationError, match="All places"):
        approve_stay(stay=third, by=officer)
    third.refresh_from_db()
    assert third.state == "agreed"
    cancel_stay(stay=first, by=officer, reason="The road is closed.")
    assert Offer.objects.get().places_taken == 1
    approve_stay(stay=third, by=officer)
    assert Offer.objects.get().places_taken == 2


@pytest.mark.parametrize("limits", [{"seats": 1}, {"budget": 1500}])
def test_programme_gives_no_more_than_it_has(offer, home, speakers, officer, limits):
    Programme.objects.update(**limits)
    first, second = (agreed(offer, home, speakers, asks=1000) for _n in range(2))
    approve_stay(stay=first, by=officer)
    with pytest.raises(ValidationError, match="no stay or no money left"):
        approve_stay(stay=second, by=officer)
    assert Offer.objects.get().places_taken == 1  # taken together or not at all
    withdraw_stay(stay=first, by=first.applicant)
    programme = Programme.objects.get()
    assert (programme.seats_taken, programme.budget_taken) == (0, 0)


def test_programme_without_an_officer_approves_while_there_is_a_place(offer, home, speakers):
    Programme.objects.update(needs_approval=False, seats=1)
    first, second = (agreed(offer, home, speakers) for _n in range(2))
    assert (first.state, second.state) == ("approved", "agreed")
    assert advance_stays() == 0  # still no place
    withdraw_stay(stay=first, by=first.applicant)
    advance_stays()
    second.refresh_from_db()
    assert second.state == "approved"


def test_one_person_is_in_one_place_at_a_time(client, offer, home, speakers, officer):
    person = scientist()
    first = agreed(offer, home, speakers, person=person)
    other = OfferFactory(
        institution=offer.institution,
        center=None,
        state="open",
        places=3,
        starts_on=offer.starts_on + DAY,
        ends_on=offer.ends_on,
        apply_by=offer.apply_by,
    )
    second = draft(other, home, person=person)
    with pytest.raises(ValidationError, match="another stay in these days"):
        submit_stay(stay=second, by=person)
    # Both were submitted at once: the officer sees it, and the database refuses the second one.
    Stay.objects.filter(pk=second.pk).update(state="agreed", submitted_at=timezone.now())
    for kind in ("home", "host"):
        StayAct.objects.create(stay=second, kind=kind, agrees=True)
    client.force_login(officer)
    assert "asks for other stays in these days" in text(client.get(first.get_absolute_url()))
    approve_stay(stay=first, by=officer)
    with pytest.raises(ValidationError, match="another approved stay"):
        approve_stay(stay=Stay.objects.get(pk=second.pk), by=officer)


def test_officer_of_an_own_institution_does_not_decide(offer, home, speakers):
    stay = agreed(offer, home, speakers)
    bound = UserFactory(roles=["officer"])
    InstitutionRoleFactory(institution=home, user=bound, role="editor")
    for user in (bound, speakers["host"], stay.applicant):
        with pytest.raises(PermissionDenied):
            approve_stay(stay=stay, by=user)


# --- Who sees what


def test_stay_is_seen_by_those_who_take_part(client, offer, home, speakers, officer):
    stay = draft(offer, home)
    for user, before, after in (
        (stay.applicant, 200, 200),
        (speakers["home"], 404, 200),
        (speakers["host"], 404, 200),
        (officer, 404, 200),
        (UserFactory(), 404, 404),
        (InstitutionRoleFactory(institution=home, role="editor").user, 404, 404),
    ):
        client.force_login(user)
        Stay.objects.update(state="draft")
        assert client.get(stay.get_absolute_url()).status_code == before
        Stay.objects.update(state="submitted", submitted_at=timezone.now())
        assert client.get(stay.get_absolute_url()).status_code == after
    client.logout()
    assert client.get(stay.get_absolute_url())["Location"].startswith("/accounts/login/")


# --- Before and after


def test_tasks_are_reminded_of_once_and_done_by_whose_they_are(offer, home, speakers, officer):
    stay = approved(offer, home, speakers, officer)
    lodging = stay.tasks.get(kind="lodging")
    assert advance_stays() == 0
    move_days(stay, 50)
    StayTask.objects.update(due_on=TODAY + 3 * DAY)
    assert advance_stays() == 3
    assert told("stay.task") == {stay.applicant, speakers["host"]}
    assert advance_stays() == 0
    with pytest.raises(PermissionDenied):
        do_task(task=lodging, done=True, by=stay.applicant)
    assert do_task(task=lodging, done=True, by=speakers["host"]).done_at
    assert do_task(task=lodging, done=False, by=speakers["host"]).done_at is None


def over(offer, home, speakers, officer):
    stay = approved(offer, home, speakers, officer)
    issue_letter(stay=stay, by=speakers["host"])
    move_days(stay, 200)
    advance_stays()
    advance_stays()
    stay.refresh_from_db()
    assert stay.state == "report_due"
    return stay


def test_late_report_is_reminded_of_and_again_after_two_weeks(offer, home, speakers, officer):
    stay = over(offer, home, speakers, officer)
    assert told("stay.report_late") == {stay.applicant, *speakers.values()}
    assert advance_stays() == 0
    Stay.objects.update(reminded_on=TODAY - 15 * DAY)
    assert advance_stays() == 1


def test_report_goes_to_the_host_and_the_officer_who_may_return_it(offer, home, speakers, officer):
    stay = over(offer, home, speakers, officer)
    with pytest.raises(ValidationError, match="Write what came"):
        write_report(stay=stay, text=" ", submit=True, by=stay.applicant)
    write_report(stay=stay, text="Forty", submit=False, by=stay.applicant)
    report = write_report(stay=stay, text="Forty wells.", submit=True, by=stay.applicant)
    with pytest.raises(ValidationError, match="submitted already"):
        write_report(stay=stay, text="Fifty wells.", submit=True, by=stay.applicant)
    with pytest.raises(ValidationError, match="host has not confirmed"):
        judge_report(report=report, accept=True, answer="", by=officer)
    with pytest.raises(PermissionDenied):
        confirm_report(report=report, by=speakers["home"])
    confirm_report(report=report, by=speakers["host"])
    with pytest.raises(ValidationError, match="what is to be changed"):
        judge_report(report=report, accept=False, answer="", by=officer)
    judge_report(report=report, accept=False, answer="Which wells?", by=officer)
    assert told("stay.report_returned") == {stay.applicant, *speakers.values()}
    report = StayReport.objects.get()
    assert (report.submitted_at, report.confirmed_at) == (None, None)
    write_report(stay=stay, text="Forty wells of the valley.", submit=True, by=stay.applicant)
    confirm_report(report=report, by=speakers["host"])
    judge_report(report=report, accept=True, answer="", by=officer)
    assert Stay.objects.get().state == "report_accepted"


def test_draft_of_a_report_is_seen_by_nobody_else(client, offer, home, speakers, officer):
    stay = over(offer, home, speakers, officer)
    report = write_report(stay=stay, text="Not finished", submit=False, by=stay.applicant)
    for user in (officer, *speakers.values()):
        assert not can(user, "view", report)
    assert can(stay.applicant, "view", report)
    client.force_login(officer)
    assert "Not finished" not in text(client.get(stay.get_absolute_url()))


# --- The letter


def test_letter_is_verified_by_anybody_and_a_changed_one_is_refused(client, offer, home, speakers, officer):
    stay = approved(offer, home, speakers, officer, person=scientist(name="Amina Wanjiku Otieno"))
    letter = issue_letter(stay=stay, by=speakers["host"])
    assert issue_letter(stay=stay, by=speakers["host"]) == letter
    address = f"/exchanges/letters/{letter.code}/"
    page = text(client.get(address))
    assert letter.number in page
    assert "A. W. O." in page
    for hidden in ("Amina", "Otieno", "Home University", offer.title):
        assert hidden not in page

    pdf = letter_pdf(letter)
    assert "The file is genuine" in text(client.post(address, {"file": file(pdf)}))
    changed = pdf.replace(b"%PDF-1.7", b"%PDF-1.6")
    assert changed != pdf
    assert "The file is not genuine" in text(client.post(address, {"file": file(changed)}))
    assert client.post(address).status_code == 422
    assert client.get("/exchanges/letters/unknown/").status_code == 404

    cancel_stay(stay=Stay.objects.get(), by=officer, reason="The road is closed.")
    assert "not in force any more" in text(client.get(address))


def file(content: bytes):
    return SimpleUploadedFile("letter.pdf", content)


def test_letters_are_numbered_one_after_the_other(offer, home, speakers, officer):
    for _n in range(2):
        issue_letter(stay=approved(offer, home, speakers, officer), by=speakers["host"])
    assert sorted(InvitationLetter.objects.values_list("serial", flat=True)) == [1, 2]


def test_letter_needs_the_approval_and_the_host(offer, home, speakers, officer):
    stay = agreed(offer, home, speakers)
    with pytest.raises(ValidationError, match="once the stay is approved"):
        issue_letter(stay=stay, by=speakers["host"])
    for user in (officer, speakers["home"], stay.applicant):
        with pytest.raises(PermissionDenied):
            issue_letter(stay=stay, by=user)


def test_promises_of_home_and_host_show_the_stay_to_who_speaks_for_them(client, offer, home, host, speakers, officer):
    stay = approved(offer, home, speakers, officer)
    for institution, speaker in zip((home, host), speakers.values(), strict=True):
        client.force_login(speaker)
        page = client.get(f"/desk/institution/{institution.slug}/promises/").content.decode()
        assert stay.get_absolute_url() in page
    Stay.objects.filter(pk=stay.pk).update(state="closed")
    assert stay.get_absolute_url() not in client.get(f"/desk/institution/{host.slug}/promises/").content.decode()
