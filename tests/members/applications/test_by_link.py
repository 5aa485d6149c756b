"""Where an application stands, for those who apply: by the link of the mail and at the desk."""

import datetime

import pytest
from django.utils import timezone

from members.actions.applications import accept_application, finish_check
from members.models import MembershipApplication
from tests.factories import InstitutionFactory, InstitutionRoleFactory, MembershipApplicationFactory, UserFactory
from tests.members.applications.acts import asked, link_of
from tests.pages import body, heading, links, words
from workflow.models import Step

pytestmark = pytest.mark.django_db


# --- By the link


def test_link_shows_where_it_stands_and_what_comes_next(client, officer):
    application = asked(officer)
    page = client.get(link_of(application))

    assert "Which faculty?" in words(page)
    assert "You answer the question; until then the application waits." in words(page)
    assert "Check done (to come) Endorsed by the board (to come) Admitted by the assembly (to come)" in words(page)
    assert "The Officer" not in body(page)
    assert page["Cache-Control"] == "private, no-store"
    assert page["Referrer-Policy"] == "same-origin"
    assert page["X-Robots-Tag"] == "noindex"


def test_question_is_answered_through_the_link(client, officer):
    application = asked(officer)
    address = link_of(application)

    assert client.post(f"{address}answer/", {"text": ""}).status_code == 422
    assert client.post(f"{address}answer/", {"text": "Natural sciences."}).url == address
    assert "Natural sciences." in words(client.get(address))
    again = client.post(f"{address}answer/", {"text": "Natural sciences."}, follow=True)

    assert "This is done already" in words(again)
    application.refresh_from_db()
    assert (application.state, application.messages.count()) == ("answered", 2)
    assert Step.objects.of(application).latest("pk").by is None


def test_application_is_withdrawn_through_the_link(client):
    application = MembershipApplicationFactory(sent=True)
    address = link_of(application)

    assert heading(client.get(f"{address}withdraw/")) == "Withdraw the application?"
    assert client.post(f"{address}withdraw/", {"reason": "We wait a year."}).url == address
    page = client.get(address)

    assert "We wait a year." in words(page)
    assert f"{address}withdraw/" not in links(page)
    assert client.get(f"{address}withdraw/").url == address
    assert client.post(f"{address}withdraw/").url == address


@pytest.mark.parametrize("verb", ["", "confirm/", "answer/", "withdraw/"])
@pytest.mark.parametrize("token", ["x" * 43, "sent2", "%00", "é", "x" * 3000])
def test_token_that_is_nobodys_is_not_found(client, verb, token):
    MembershipApplicationFactory(sent=True).mint_token()
    send = client.post if verb == "confirm/" else client.get

    response = send(f"/members/apply/{token}/{verb}")

    assert response.status_code == 404


def test_each_link_opens_its_own_application_alone(client):
    mine, other = (MembershipApplicationFactory(sent=True) for _ in range(2))
    assert mine.mint_token() != other.mint_token()

    assert mine.institution.name in words(client.get(link_of(mine)))
    assert other.institution.name not in words(client.get(link_of(mine)))


def test_link_to_confirm_holds_for_a_week(client):
    application = MembershipApplicationFactory(state="unconfirmed")
    address = link_of(application)
    MembershipApplication.objects.update(created_at=timezone.now() - datetime.timedelta(days=7, minutes=1))

    assert client.get(address).status_code == 404
    assert client.post(f"{address}confirm/").status_code == 404
    assert heading(client.get(address)) == "This link does not hold, or not any more"


def test_link_holds_for_a_year_after_the_end(client):
    application = MembershipApplicationFactory(sent=True, state="refused")
    address = link_of(application)

    assert client.get(address).status_code == 200
    MembershipApplication.objects.update(changed_at=timezone.now() - datetime.timedelta(days=366))
    assert client.get(address).status_code == 404


def test_database_does_not_give_the_token_away():
    application = MembershipApplicationFactory(sent=True)
    token = application.mint_token()

    row = MembershipApplication.objects.filter(pk=application.pk).values()[0]
    assert token not in str(row)
    assert application.mint_token() == token


def test_confirmation_that_comes_too_late_says_what_stands(client):
    institution = InstitutionFactory()
    late = MembershipApplicationFactory(state="unconfirmed", institution=institution)
    MembershipApplicationFactory(sent=True, institution=institution)

    page = client.get(link_of(late))
    assert "An application of this institution is open already." in words(page)
    assert client.post(f"{link_of(late)}confirm/").status_code == 422


def test_reason_of_a_refusal_is_told_and_notes_are_not(client, officer):
    application = MembershipApplicationFactory(sent=True)
    accept_application(application=application, by=officer)
    finish_check(application=application, by=officer, reason="Between us.")
    client.force_login(officer)
    client.post(f"/desk/memberships/{application.pk}/to/refused/", {"reason": "It is a company."})
    client.logout()

    page = client.get(link_of(application))

    assert "It is a company." in words(page)
    assert "Between us." not in body(page)


# --- At the desk of those who apply


def test_application_is_seen_by_those_who_have_a_part_in_it(client, officer):
    applicant = UserFactory()
    application = asked(officer, applicant=applicant)
    institution = application.institution
    address = application.get_absolute_url()
    who = {
        "applicant": applicant,
        "focal point": InstitutionRoleFactory(institution=institution).user,
        "editor": InstitutionRoleFactory(institution=institution, role="editor").user,
        "officer": officer,
        "focal point elsewhere": InstitutionRoleFactory().user,
        "scientist": UserFactory(),
        "reviewer": UserFactory(roles=["reviewer"]),
    }
    seen, spoken = {}, {}
    for name, user in who.items():
        client.force_login(user)
        seen[name] = client.get(address).status_code
        spoken[name] = f"{address}answer/" in body(client.get(address))
        if not spoken[name]:
            for act in ("answer/", "withdraw/"):
                assert f"{address}{act}" not in links(client.get(address))
                for response in (
                    client.get(address + act),
                    client.post(address + act, {"text": "!"}),
                    client.post(address + act),
                ):
                    assert response.status_code == {200: 403, 404: 404}[seen[name]]
                    assert seen[name] == 404 or "a focal point of the institution or a deputy can do this" in words(
                        response
                    )

    assert seen == {
        "applicant": 200,
        "focal point": 200,
        "editor": 200,
        "officer": 200,
        "focal point elsewhere": 404,
        "scientist": 404,
        "reviewer": 404,
    }
    assert [name for name, may in spoken.items() if may] == ["applicant", "focal point"]
    application.refresh_from_db()
    assert application.state == "asked"


def test_desk_of_the_applicant_holds_the_question_and_the_state(client, officer):
    application = asked(officer, applicant=UserFactory())
    client.force_login(application.applicant)

    desk = client.get("/desk/")

    assert [(item.kind, item.url) for item in desk.context["items"]] == [
        ("question about an application", application.get_absolute_url())
    ]
    (mine,) = desk.context["mine"]
    assert (mine.state, mine.next_step) == (
        "question asked",
        "Next: You – answer the question; until then the application waits.",
    )


@pytest.mark.parametrize("verb", ["", "edit/", "submit/", "answer/", "withdraw/"])
def test_visitors_are_asked_to_sign_in(client, verb):
    address = f"/desk/applications/{MembershipApplicationFactory(sent=True).pk}/{verb}"
    send = client.post if verb == "submit/" else client.get

    response = send(address)

    assert (response.status_code, response.url) == (302, f"/accounts/login/?next={address}") or verb == "submit/"
    assert response.status_code in (302, 403)
