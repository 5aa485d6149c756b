"""Changes that are sent and withdrawn, and small ones that go live at once."""

import pytest
from django.core.exceptions import PermissionDenied

from members.actions.changes import send_changes, token_of_request, withdraw_changes
from members.models import ChangeRequest, Institution
from tests.desk import fields
from tests.factories import InstitutionRoleFactory
from tests.members.changes.acts import at, moderate, proposed, save, send_in
from tests.pages import words
from workflow.models import Step

pytestmark = pytest.mark.django_db


# --- Sending and withdrawing


def test_sent_changes_wait_for_an_officer(client, editor, institution):
    save(client, "place", {"city": "Karachi"})
    check = client.get(at("send"))
    response = send_in(client, note="See our page.")

    assert "City: Lahore" in words(check).replace("removed: ", "").replace(", end of what is removed.", "")
    (change,) = ChangeRequest.objects.all()
    assert response.url == f"/desk/institution/academy/changes/{change.pk}/"
    assert (change.state, change.note) == ("proposed", "See our page.")
    page = client.get(response.url)
    assert "waits for an officer" in words(page)
    assert "What happens next" in words(page)
    assert Step.objects.of(change).get().target == "proposed"


def test_nothing_can_be_sent_twice(client, editor):
    save(client, "place", {"city": "Karachi"})
    data = fields(client.get(at("send")))
    first, second = (client.post(at("send"), data) for _ in range(2))

    assert first.url == second.url
    assert Step.objects.count() == 1


def test_sending_nothing_leads_back(client, editor):
    assert client.post(at("send")).url == at()


def test_draft_that_is_dropped_leaves_nothing(client, editor):
    save(client, "place", {"city": "Karachi"})

    assert client.post(at("withdraw")).url == at()
    assert not ChangeRequest.objects.exists()
    assert client.post(at("withdraw")).url == at()


def test_withdrawn_proposal_leaves_the_queue(client, editor, officer, institution):
    change = proposed(client, place={"city": "Karachi"})
    client.post(at("withdraw"))

    change.refresh_from_db()
    institution.refresh_from_db()
    assert (change.state, institution.city) == ("withdrawn", "Lahore")
    assert officer.get(f"/desk/moderation/{change.pk}/").url == change.get_absolute_url()
    assert officer.post(f"/desk/moderation/{change.pk}/", {}).status_code == 409


def test_saving_while_it_waits_adds_to_it(client, editor):
    change = proposed(client, place={"city": "Karachi"})
    response = save(client, "description", {"description": "Mountains."})
    save(client, "place", {"city": "Multan"})

    assert response.url == change.get_absolute_url()
    assert change.items.get(field="place").after["city"] == "Multan"
    assert ChangeRequest.objects.count() == 1
    save(client, "description", {"description": ""})
    save(client, "place", {"city": "Lahore"})
    change.refresh_from_db()
    assert change.state == "withdrawn"


def test_after_a_decision_a_new_request_begins(client, editor, officer):
    change = proposed(client, place={"city": "Karachi"})
    moderate(officer, change, place="accept")
    save(client, "place", {"city": "Multan"})

    assert list(ChangeRequest.objects.values_list("state", flat=True)) == ["decided", "draft"]


def test_only_the_proposer_sends_and_withdraws(client, editor, institution):
    colleague = InstitutionRoleFactory(institution=institution).user
    save(client, "place", {"city": "Karachi"})
    change = ChangeRequest.objects.get()

    with pytest.raises(PermissionDenied):
        send_changes(request=change, note="", token=token_of_request(change, institution), by=colleague)
    with pytest.raises(PermissionDenied):
        withdraw_changes(request=change, by=colleague)
    assert ChangeRequest.objects.get().state == "draft"


# --- Fields that go live at once


def test_small_field_goes_live_when_sent_and_can_be_taken_back(client, editor, officer, institution):
    change = proposed(client, links={"website": "https://new.example.org"})
    institution.refresh_from_db()
    assert institution.website == "https://new.example.org"
    assert change.items.get().live_at
    assert "live since" in words(officer.get(f"/desk/moderation/{change.pk}/"))

    moderate(officer, change, website=("refuse", "The site is not yours."))

    institution.refresh_from_db()
    assert (institution.website, institution.own_facts) == ("", [])


def test_small_field_that_is_left_stays(client, editor, officer, institution):
    change = proposed(client, links={"website": "https://new.example.org"})
    moderate(officer, change, website="accept")

    institution.refresh_from_db()
    assert (institution.website, institution.own_facts) == ("https://new.example.org", ["website"])


def test_what_somebody_wrote_since_is_not_taken_back(client, editor, officer, institution):
    change = proposed(client, links={"website": "https://new.example.org"})
    Institution.objects.filter(pk=institution.pk).update(website="https://newest.example.org")
    page = officer.get(f"/desk/moderation/{change.pk}/")
    assert "The record has changed since" in words(page)

    moderate(officer, change, website=("refuse", "No."))

    institution.refresh_from_db()
    assert institution.website == "https://newest.example.org"


def test_withdrawing_takes_back_what_was_live(client, editor, institution):
    proposed(client, links={"website": "https://new.example.org"})
    client.post(at("withdraw"))

    institution.refresh_from_db()
    assert institution.website == ""


def test_small_field_changed_again_while_it_is_live(client, editor, officer, institution):
    change = proposed(client, links={"website": "https://one.example.org"})
    save(client, "links", {"website": "https://two.example.org"})
    institution.refresh_from_db()
    item = change.items.get()

    assert institution.website == "https://two.example.org"
    assert (item.before, item.after) == ("", "https://two.example.org")
    save(client, "links", {"website": ""})
    institution.refresh_from_db()
    change.refresh_from_db()
    assert (institution.website, institution.own_facts, change.state) == ("", [], "withdrawn")


def test_settings_say_which_fields_go_live(client, editor, institution, settings):
    settings.MODERATED_LATER = ["place"]
    proposed(client, place={"city": "Karachi"}, links={"website": "https://new.example.org"})

    institution.refresh_from_db()
    assert (institution.city, institution.website) == ("Karachi", "")


@pytest.mark.parametrize(
    ("fields_", "fine"), [(["website", "logo"], True), ([], True), (["names"], False), (["websit"], False)]
)
def test_settings_are_checked(settings, fields_, fine):
    from members.checks import fields_that_go_live_at_once_are_known

    settings.MODERATED_LATER = fields_
    assert (fields_that_go_live_at_once_are_known() == []) is fine
