"""The form for somebody who has signed in."""

import pytest

from members.models import MembershipApplication
from tests.desk import fields
from tests.factories import MembershipApplicationFactory, PersonFactory, UserFactory
from tests.members.applying.acts import ANSWERS, FORM, NEW
from tests.pages import heading, links, words

pytestmark = pytest.mark.django_db


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
