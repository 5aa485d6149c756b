"""The public form: look up, answer, look at the answers, send, confirm by mail."""

import re

import pytest
from django.core.cache import cache

from members.models import Institution, MembershipApplication
from notifications.emails import write
from notifications.models import Delivery
from tests.desk import fields
from tests.factories import (
    InstitutionFactory,
    MembershipApplicationFactory,
    MembershipFactory,
    PersonFactory,
    UserFactory,
)
from tests.pages import body, heading, links, statements, words

pytestmark = pytest.mark.django_db

FORM = "/members/apply/form/"
ANSWERS = {
    "contact_name": "Amina Rahmani",
    "contact_position": "Vice-rector",
    "contact_email": "amina@example.org",
    "motivation": "We share the glaciers\nof the Pamir.",
    "contribution": "",
    "focal_name": "",
    "focal_email": "",
    "consents": "on",
    "key": "one",
}
NEW = {
    "name": "Институт ледников",
    "language": "ru",
    "acronym": "",
    "kind": "institute",
    "country": "TJ",
    "city": "Душанбе",
    "website": "glaciers.example.org",
    "ror": "",
}


@pytest.fixture(autouse=True)
def _nobody_has_come_yet():
    cache.clear()


@pytest.fixture
def institution(db):
    return InstitutionFactory(
        slug="ant", name="Ant University", acronym="AU", names=[("Университет муравьёв", "ru", "label")]
    )


@pytest.fixture
def user(db):
    user = UserFactory(name="Amina Rahmani", email="amina@example.org")
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def letter_to(address: str) -> str:
    delivery = Delivery.objects.filter(address=address).order_by("-pk")[0]
    return write(delivery)["body_text"]


def link_in(text: str) -> str:
    return re.search(r"https?://[^/\s]+(/members/apply/[\w-]+/)", text)[1]


# --- Looking up


@pytest.mark.parametrize("text", ["ant univ", "AU ", "университет", "https://ror.org/05qrfxd25", "ROR:05QRFXD25"])
def test_institution_is_found_by_any_name_and_by_its_ror_id(client, institution, text):
    Institution.objects.update(ror="05qrfxd25")
    text = "AU Ant" if text == "AU " else text

    page = client.get("/members/apply/", {"q": text})

    assert [one.name for one in page.context["found"]] == ["Ant University"]
    assert "/members/apply/form/?institution=ant" in links(page)


@pytest.mark.parametrize("text", ["an", "a n", "…!", "\x00a", "é"])
def test_fewer_than_three_letters_find_nothing(client, institution, text):
    page = client.get("/members/apply/", {"q": text})

    assert page.context["found"] == []
    assert "at least three letters" in words(page)


def test_ten_rows_are_the_most(client):
    for _ in range(12):
        InstitutionFactory(name="Ant College")

    assert len(client.get("/members/apply/?q=ant+college").context["found"]) == 10


def test_those_who_cannot_apply_are_shown_and_not_offered(client):
    MembershipFactory(institution__name="Ant Member")
    MembershipFactory(institution__name="Ant Suspended", standing="suspended")
    MembershipApplicationFactory(sent=True, institution__name="Ant Applied")
    InstitutionFactory(name="Ant Gone", record_status="inactive")
    InstitutionFactory(name="Ant Free", slug="free")
    MembershipFactory(institution__name="Ant Observer", institution__slug="observer", standing="observer")

    page = client.get("/members/apply/?q=ant")

    offered = [link for link in links(page) if link.startswith(f"{FORM}?institution=")]
    assert set(offered) == {f"{FORM}?institution=free", f"{FORM}?institution=observer"}
    assert len(page.context["found"]) == 6


@pytest.mark.parametrize("count", [1, 3])
def test_look_up_costs_the_same_for_one_and_for_three(client, count):
    for _ in range(count):
        InstitutionFactory(name="Ant College")

    assert statements(client, "/members/apply/?q=ant+college") <= 4


@pytest.mark.parametrize("query", ["?institution=nowhere", "?institution=%00", "?institution=%F0"])
def test_form_for_what_does_not_exist_is_not_found(client, query):
    assert client.get(FORM + query).status_code == 404


@pytest.mark.parametrize("standing", ["member", "suspended"])
def test_form_says_what_stands_and_nothing_of_people(client, institution, standing):
    MembershipFactory(institution=institution, standing=standing)

    page = client.get(f"{FORM}?institution=ant")

    assert (page.status_code, "form" in page.context) == (200, False)
    late = client.post(f"{FORM}?institution=ant", ANSWERS | {"send": "1"})
    assert late.status_code == 422
    assert "We share the glaciers" in words(late)
    assert not MembershipApplication.objects.exists()


def test_open_application_is_said_without_its_answers(client, institution):
    MembershipApplicationFactory(sent=True, institution=institution, contact_name="Secret Person")

    page = client.get(f"{FORM}?institution=ant")

    assert heading(page) == "An application of this institution is open already."
    assert "Secret" not in body(page)


# --- Without an account


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


# --- With an account


def test_account_is_prefilled_and_sends_at_once(client, institution, user):
    PersonFactory(user=user).affiliations.create(institution=institution, position="Vice-rector")
    client.force_login(user)

    form = client.get(f"{FORM}?institution=ant")
    assert {name: fields(form)[name] for name in ("contact_name", "contact_position")} == {
        "contact_name": ["Amina Rahmani"],
        "contact_position": ["Vice-rector"],
    }
    assert "contact_email" not in fields(form)

    saved = client.post(
        f"{FORM}?institution=ant", fields(form) | {"motivation": "Ice.", "consents": "on", "check": "1"}
    )
    draft = MembershipApplication.objects.get()
    assert saved.url == draft.get_absolute_url() == f"/desk/applications/{draft.pk}/"
    check = client.get(saved.url)
    assert heading(check) == "Look at your answers"
    assert f"/desk/applications/{draft.pk}/edit/#id_motivation" in links(check)

    for _ in range(2):
        assert client.post(f"{saved.url}submit/").url == saved.url
    draft.refresh_from_db()
    assert (draft.state, draft.contact_email, draft.applicant) == ("submitted", "amina@example.org", user)
    assert draft.reference in words(client.get(saved.url))
    assert client.get(f"{saved.url}edit/").url == saved.url


def test_draft_may_lack_answers_and_says_which(client, institution, user):
    client.force_login(user)

    saved = client.post(f"{FORM}?institution=ant", {"contact_name": "A", "later": "1"})

    draft = MembershipApplication.objects.get()
    assert saved.url == "/desk/#mine"
    page = client.get(draft.get_absolute_url())
    assert "These answers are missing: Your position, Why does the institution want to join?" in words(page)
    refused = client.post(f"{draft.get_absolute_url()}submit/")
    assert (refused.status_code, MembershipApplication.objects.get().state) == (422, "draft")
    desk = client.get("/desk/")
    assert [item.title for item in desk.context["items"]] == ["Ant University"]
    assert [asked.state for asked in desk.context["mine"]] == ["draft"]


def test_draft_that_is_begun_is_gone_on_with(client, institution, user):
    client.force_login(user)
    for text in ("First.", "Second."):
        client.post(f"{FORM}?institution=ant", {"contact_name": "A", "motivation": text, "later": "1"})

    draft = MembershipApplication.objects.get()
    assert draft.motivation == "Second."
    assert client.get(f"{FORM}?institution=ant").url == f"/desk/applications/{draft.pk}/edit/"
    assert draft.get_absolute_url() in links(client.get("/members/apply/"))


def test_form_of_a_new_institution_sent_twice_makes_one_draft(client, user):
    client.force_login(user)
    for _ in range(2):
        client.post(FORM, NEW | ANSWERS | {"check": "1"})
    client.post(FORM, NEW | ANSWERS | {"check": "1", "key": "two"})

    assert MembershipApplication.objects.count() == 2


def test_two_windows_lose_nothing(client, institution, user):
    client.force_login(user)
    client.post(f"{FORM}?institution=ant", ANSWERS | {"check": "1"})
    address = f"/desk/applications/{MembershipApplication.objects.get().pk}/edit/"
    first, second = fields(client.get(address)), fields(client.get(address))

    assert client.post(address, first | {"motivation": "From the first window.", "check": "1"}).status_code == 302
    conflict = client.post(address, second | {"motivation": "From the second window.", "check": "1"})

    assert conflict.status_code == 409
    assert "From the first window." in words(conflict)
    assert fields(conflict)["motivation"] == ["From the second window."]
    assert MembershipApplication.objects.get().motivation == "From the first window."
    assert client.post(address, fields(conflict) | {"check": "1"}).status_code == 302
    assert MembershipApplication.objects.get().motivation == "From the second window."


def test_draft_finds_that_it_is_a_known_institution(client, institution, user):
    client.force_login(user)
    client.post(FORM, NEW | ANSWERS | {"check": "1"})
    draft = MembershipApplication.objects.get()
    address = f"/desk/applications/{draft.pk}/edit/"

    chosen = client.post(address, fields(client.get(address)) | {"choose": "ant"})
    assert heading(chosen) == "Ant University"
    client.post(f"{address}?institution=ant", fields(chosen) | {"check": "1"})

    draft.refresh_from_db()
    assert draft.institution == institution


def test_account_without_confirmed_address_is_told_to_confirm_it(client, institution):
    user = UserFactory()
    client.force_login(user)
    client.post(f"{FORM}?institution=ant", ANSWERS | {"check": "1"})
    draft = MembershipApplication.objects.get()

    assert "/accounts/email/" in links(client.get(draft.get_absolute_url()))
    assert client.post(f"{draft.get_absolute_url()}submit/").status_code == 403
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_draft_can_be_discarded(client, institution, user):
    draft = MembershipApplicationFactory(applicant=user, institution=institution)
    client.force_login(user)

    assert heading(client.get(f"/desk/applications/{draft.pk}/withdraw/")) == "Discard the draft?"
    assert client.post(f"/desk/applications/{draft.pk}/withdraw/").url == "/desk/"
    assert not MembershipApplication.objects.exists()


@pytest.mark.parametrize("verb", ["", "edit/", "withdraw/"])
def test_draft_is_for_nobody_else(client, verb):
    draft = MembershipApplicationFactory(applicant=UserFactory())
    address = f"/desk/applications/{draft.pk}/{verb}"

    assert client.get(address).url == f"/accounts/login/?next={address}"
    for roles in ([], ["officer"], ["administrator"]):
        client.force_login(UserFactory(roles=roles))
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in (404, 405)
