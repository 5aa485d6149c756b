"""The public form: answer, look at the answers, send, confirm by mail."""

import pytest

from members.models import Institution, MembershipApplication
from notifications.models import Delivery
from tests.desk import fields
from tests.factories import InstitutionFactory, UserFactory
from tests.members.applying.acts import ANSWERS, FORM, NEW, letter_to, link_in
from tests.pages import body, heading, words

pytestmark = pytest.mark.django_db


def test_visitor_applies_and_confirms_by_mail(client, institution):
    check = client.post(f"{FORM}?institution=ant", ANSWERS)
    assert heading(check) == "Look at your answers"
    assert "We share the glaciers of the Pamir." in words(check)
    assert not MembershipApplication.objects.exists()

    sent = client.post(f"{FORM}?institution=ant", fields(check) | {"send": "1"})
    assert sent.url == "/members/apply/sent/"
    application = MembershipApplication.objects.get()
    assert (application.state, application.institution, application.motivation) == (
        "unconfirmed",
        institution,
        "We share the glaciers\nof the Pamir.",
    )

    letter = letter_to("amina@example.org")
    assert "Ant University" not in letter  # what somebody typed does not go to an address that is not theirs
    address = link_in(letter)
    page = client.get(address)
    assert "Confirm and send the application" in words(page)
    application.refresh_from_db()
    assert application.state == "unconfirmed"  # a mail program that follows links sends nothing

    for _ in range(2):  # a second click finds that it is done
        assert client.post(f"{address}confirm/").url == address
    application.refresh_from_db()
    assert application.state == "submitted"
    page = client.get(address)
    assert f"Application {application.reference}" in words(page)
    assert "The secretariat reads the application" in words(page)
    assert link_in(letter_to("amina@example.org")) == address
    assert Delivery.objects.count() == 2


def test_visitor_describes_an_institution_that_is_new_here(client):
    check = client.post(FORM, NEW | ANSWERS)
    shown = words(check)
    assert "Институт ледников" in shown
    assert "Russian" in shown
    assert "Tajikistan" in shown

    client.post(FORM, fields(check) | {"send": "1"})

    (application,) = MembershipApplication.objects.values(*NEW)
    assert application == NEW | {"website": "https://glaciers.example.org", "ror": None}
    assert not Institution.objects.exists()


def test_change_leads_back_with_all_answers(client, institution):
    check = client.post(f"{FORM}?institution=ant", ANSWERS | {"contact_name": "Amina <3"})
    assert check.status_code == 422
    check = client.post(f"{FORM}?institution=ant", ANSWERS)

    form = client.post(f"{FORM}?institution=ant", fields(check) | {"change": "motivation"})

    assert form.status_code == 200
    again = fields(form)
    assert again.pop("consents") == ["True"]
    assert {name: values[0].replace("\r", "") for name, values in again.items() if name in ANSWERS} == {
        name: value for name, value in ANSWERS.items() if name != "consents"
    }
    assert not MembershipApplication.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        ({"contact_email": "nobody"}, "Enter a valid email address."),
        ({"contact_name": ""}, "This field is required."),
        ({"consents": ""}, "may not read the application"),
        ({"contact_name": "http://spam.example"}, "cannot hold a web address"),
        ({"focal_name": "<b>"}, "A name cannot hold"),
        ({"focal_name": "Somebody"}, "Give both"),
        ({"focal_email": "some@body.example"}, "Give both"),
        ({"motivation": "x" * 5001}, "at most 5000 characters"),
        ({"motivation": "a\x00b"}, "Null characters are not allowed."),
        ({"name": "Ant\u202euniversity"}, "cannot be seen"),
        ({"country": "ZZ"}, "the portal does not know this one"),
        ({"country": "??"}, "Select a valid choice."),
        ({"language": "??"}, "Select a valid choice."),
        ({"kind": "??"}, "Select a valid choice."),
        ({"website": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"ror": "05qrfxd26"}, "typing error"),
        ({"ror": "nothing"}, "not a ROR id"),
    ],
)
def test_what_is_wrong_is_said_and_the_text_kept(client, wrong, problem):
    response = client.post(FORM, NEW | ANSWERS | {"send": "1"} | wrong)

    assert response.status_code == 422
    assert "There is a problem" in words(response)
    assert problem in words(response)
    assert "<title>Error:" in body(response)
    assert "Vice-rector" in body(response)
    assert not MembershipApplication.objects.exists()


def test_known_ror_id_leads_to_the_institution_and_keeps_the_answers(client, institution):
    Institution.objects.update(ror="05qrfxd25")

    response = client.post(FORM, NEW | ANSWERS | {"ror": "https://ror.org/05qrfxd25"})
    assert response.status_code == 422
    assert "This is the ROR id of Ant University" in words(response)

    chosen = client.post(FORM, fields(response) | {"choose": "ant"})
    assert heading(chosen) == "Ant University"
    assert fields(chosen)["contact_position"] == ["Vice-rector"]
    assert "name" not in fields(chosen)


def test_look_alikes_are_offered_before_it_is_sent(client, institution):
    check = client.post(FORM, NEW | ANSWERS | {"name": "Ant University"})

    assert "Is it one of these?" in words(check)
    assert 'name="choose" value="ant"' in body(check)


@pytest.mark.parametrize("extra", ["state", "institution", "applicant", "year", "serial", "token_hash", "submitted_at"])
def test_fields_that_are_not_asked_for_change_nothing(client, institution, extra):
    other = InstitutionFactory()
    value = {"institution": other.pk, "applicant": UserFactory().pk, "state": "admitted"}.get(extra, "2026")

    client.post(f"{FORM}?institution=ant", ANSWERS | {"send": "1", extra: value, "illustrative": "on", "name": "X"})

    application = MembershipApplication.objects.get()
    assert (application.state, application.institution, application.applicant) == ("unconfirmed", institution, None)
    assert (application.year, application.serial, application.submitted_at) == (None, None, None)
    assert (application.illustrative, application.name, application.token_hash) == (False, "", None)


def test_double_click_sends_one_application_and_a_correction_another(client, institution):
    for _ in range(2):
        client.post(f"{FORM}?institution=ant", ANSWERS | {"send": "1"})
    assert (MembershipApplication.objects.count(), Delivery.objects.count()) == (1, 1)

    client.post(f"{FORM}?institution=ant", ANSWERS | {"send": "1", "contact_email": "amina.r@example.org"})

    assert set(Delivery.objects.values_list("address", flat=True)) == {"amina@example.org", "amina.r@example.org"}


def test_answer_is_the_same_whether_the_address_has_an_account(client, institution, user):
    answers = []
    for address in (user.email, "nobody@example.org"):
        response = client.post(f"{FORM}?institution=ant", ANSWERS | {"contact_email": address, "send": "1"})
        answers.append((response.status_code, response.url, client.get(response.url).content))

    assert answers[0] == answers[1]
    assert Delivery.objects.count() == 2


def test_program_that_fills_in_every_field_is_thanked_and_forgotten(client, institution):
    response = client.post(f"{FORM}?institution=ant", ANSWERS | {"send": "1", "homepage": "https://spam.example"})

    assert response.url == "/members/apply/sent/"
    assert not MembershipApplication.objects.exists()
    assert not Delivery.objects.exists()


def test_sixth_application_within_the_hour_is_refused_and_its_text_kept(client, institution):
    def send(number, **extra):
        answers = ANSWERS | {"send": "1", "contact_email": f"person{number}@example.org"}
        return client.post(f"{FORM}?institution=ant", answers, **extra)

    assert [send(number).status_code for number in range(5)] == [302] * 5
    refused = send(6)

    assert refused.status_code == 429
    assert "Many applications came from your network" in words(refused)
    assert "We share the glaciers" in words(refused)
    assert MembershipApplication.objects.count() == 5
    assert send(7, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_one_mailbox_gets_three_mails_a_day(client, institution):
    codes = [
        client.post(f"{FORM}?institution=ant", ANSWERS | {"send": "1", "key": f"{number}"}).status_code
        for number in range(4)
    ]

    assert codes == [302, 302, 302, 429]
    assert Delivery.objects.count() == 3


def test_visitors_leave_no_rows_before_they_send(client, institution):
    client.get("/members/apply/?q=ant")
    client.get(f"{FORM}?institution=ant")
    client.post(f"{FORM}?institution=ant", ANSWERS)
    client.post(f"{FORM}?institution=ant", ANSWERS | {"change": "motivation"})
    client.get("/members/apply/sent/")

    assert not MembershipApplication.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("path", ["/members/apply/", "/members/apply/sent/"])
def test_pages_to_read_can_only_be_read(client, path):
    assert client.post(path).status_code == 405


def test_form_takes_no_other_method(client):
    assert client.delete(FORM).status_code == 405
