"""An officer sees before and after, and decides on each field."""

import pytest
from django.urls import reverse
from pghistory.models import Context

from members.models import ChangeRequest, Institution
from notifications.models import Notification
from tests.desk import fields, send
from tests.factories import InstitutionFactory, InstitutionRoleFactory, ThemeFactory, UserFactory
from tests.members.changes.acts import at, moderate, proposed, save
from tests.pages import body, heading, words

pytestmark = pytest.mark.django_db


# --- Deciding


def test_officer_sees_before_and_after_with_differences_marked(client, editor, officer):
    change = proposed(client, description={"description": "Sciences of high mountains"})
    Institution.objects.update(description="Sciences of mountains")
    page = officer.get(f"/desk/moderation/{change.pk}/")

    assert heading(page) == "The Academy"
    assert '<ins><span class="hidden">added: </span>high ' in body(page)
    assert "by Ed Itor" in words(page)


def test_some_are_accepted_and_some_refused_and_the_proposer_is_told(client, editor, officer, institution):
    change = proposed(client, place={"city": "Karachi"}, description={"description": "The best."})

    response = moderate(officer, change, place="accept", description=("refuse", "Please without praise."))

    institution.refresh_from_db()
    assert (institution.city, institution.description) == ("Karachi", "")
    assert response.url == change.get_absolute_url()
    (told,) = Notification.objects.filter(subscriber__user=editor)
    assert told.event.kind == "record.change_decided"
    assert (told.event.facts["accepted"], told.event.facts["refused"]) == (1, 1)
    page = words(client.get(told.event.address))
    assert "Please without praise." in page
    assert "not accepted" in page


def test_history_knows_who_and_why(client, editor, officer, institution):
    change = proposed(client, place={"city": "Karachi"})
    moderate(officer, change, place=("accept", "It moved in May."))

    event = institution.events.order_by("-pgh_id").first()
    context = Context.objects.get(pk=event.pgh_context_id).metadata
    assert context["user"] == officer.user.pk
    assert (context["change_request"], context["reason"]) == (change.pk, "It moved in May.")


@pytest.mark.parametrize(
    ("verdict", "reason", "problem"),
    [
        ("", "", "Accept it, or do not accept it"),
        ("refuse", "", "Say why"),
        ("maybe", "x", "valid choice"),
        ("refuse", "a\x00", "Null"),
    ],
)
def test_each_field_needs_a_decision_and_a_refusal_a_reason(client, editor, officer, verdict, reason, problem):
    change = proposed(client, place={"city": "Karachi"}, description={"description": "Good."})
    response = moderate(officer, change, place=("accept", "My reason"), description=(verdict, reason))

    assert response.status_code == 422
    assert problem in words(response)
    assert "My reason" in body(response)
    assert ChangeRequest.objects.get().state == "proposed"
    assert Institution.objects.get().city == "Lahore"


def test_record_that_changed_must_be_confirmed_against_what_it_says_now(client, editor, officer, institution):
    change = proposed(client, place={"city": "Karachi"})
    address = f"/desk/moderation/{change.pk}/"
    item = change.items.get()
    data = fields(officer.get(address)) | {f"item-{item.pk}-verdict": "accept", f"item-{item.pk}-reason": "Kept"}
    Institution.objects.filter(pk=institution.pk).update(city="Multan")

    late = officer.post(address, data)

    assert late.status_code == 409
    assert "The record has changed since this was proposed" in words(late)
    assert "At that time it said: Country: Pakistan; City: Lahore" in words(late)
    assert "Kept" in body(late)
    institution.refresh_from_db()
    assert institution.city == "Multan"
    assert officer.post(address, fields(late)).status_code == 302
    institution.refresh_from_db()
    item.refresh_from_db()
    assert institution.city == "Karachi"
    assert item.before["city"] == "Multan"


def test_proposal_that_changed_under_the_officer_is_shown_again(client, editor, officer):
    change = proposed(client, place={"city": "Karachi"})
    address = f"/desk/moderation/{change.pk}/"
    data = fields(officer.get(address)) | {f"item-{change.items.get().pk}-verdict": "accept"}
    save(client, "place", {"city": "Multan"})
    save(client, "description", {"description": "Rivers."})

    late = officer.post(address, data)

    assert late.status_code == 409
    assert Institution.objects.get().city == "Lahore"


def test_second_officer_learns_that_it_is_decided(client, editor, officer, django_client):
    change = proposed(client, place={"city": "Karachi"})
    moderate(officer, change, place=("refuse", "No such seat."))
    second = django_client(UserFactory(roles=["officer"]))

    response = second.post(f"/desk/moderation/{change.pk}/", {"token": "x"})

    assert response.status_code == 409
    assert "This no longer waits" in words(response)
    assert Notification.objects.count() == 1


def test_nobody_decides_on_the_own_proposal(client, institution, officer):
    InstitutionRoleFactory(institution=institution, user=officer.user)
    change = proposed(officer, place={"city": "Karachi"})
    page = officer.get(f"/desk/moderation/{change.pk}/")

    assert "You proposed this yourself" in words(page)
    response = moderate(officer, change, place="accept")
    assert response.status_code == 403
    assert "did not propose it" in words(response)
    assert Institution.objects.get().city == "Lahore"


def test_decision_is_the_secretariats(client, editor, institution, django_client):
    change = proposed(client, place={"city": "Karachi"})
    address, reader_address = f"/desk/moderation/{change.pk}/", change.get_absolute_url()

    for user in (editor, UserFactory(), UserFactory(roles=["reviewer"]), InstitutionRoleFactory().user):
        browser = django_client(user)
        assert browser.get(address).status_code == 404
        assert browser.post(address, {}).status_code == 404
        assert browser.get(reader_address).status_code == (200 if user == editor else 404)
    colleague = django_client(InstitutionRoleFactory(institution=institution).user)
    assert colleague.get(reader_address).status_code == 200
    assert colleague.post(at("withdraw")).status_code == 302
    change.refresh_from_db()
    assert change.state == "proposed"
    client.logout()
    assert client.get(address).url.startswith("/accounts/login/")
    assert client.get(reader_address).url.startswith("/accounts/login/")


def test_drafts_are_invisible_to_the_secretariat(client, editor, officer):
    save(client, "place", {"city": "Karachi"})
    change = ChangeRequest.objects.get()

    assert officer.get(f"/desk/moderation/{change.pk}/").status_code == 404
    assert officer.get(change.get_absolute_url()).status_code == 404
    assert "Academy" not in words(officer.get("/desk/moderation/"))


def test_address_of_another_institution_shows_nothing(client, editor):
    save(client, "place", {"city": "Karachi"})
    other = InstitutionFactory()

    assert client.get(f"/desk/institution/{other.slug}/changes/{ChangeRequest.objects.get().pk}/").status_code == 404


# --- What else officers do with it


def test_t34_name_that_looks_like_anothers_is_pointed_out(client, editor, officer):
    InstitutionFactory(name="Institute of Geology")
    change = proposed(client, names={"row-2-value": "Inst\u0456tute of Geology", "row-2-kind": "alias"})
    page = officer.get(f"/desk/moderation/{change.pk}/")

    assert "A new name looks like that of another institution: Institute of Geology" in words(page)
    moderate(officer, change, names="accept")
    assert set(Institution.objects.look_alikes("Institute of Geology").values_list("slug", flat=True)) >= {"academy"}


def test_admin_corrects_the_same_facts(client, institution):
    client.force_login(UserFactory(roles=["administrator"]))
    theme = ThemeFactory()
    address = reverse("admin:members_institution_change", args=[institution.pk])
    changes = {
        "further_links": "Map: https://example.org/map\n\nNews: https://example.org/news",
        "translations": "zh: 山\n河\nru: Горы",
        "themes": [theme.pk],
        "city": "Karachi",
    }
    row = {"kind": "email", "value": "info@example.org", "position": "0"}

    assert send(client, address, changes, add={"contacts": [row]}).status_code == 302

    institution.refresh_from_db()
    assert institution.links == [
        {"label": "Map", "url": "https://example.org/map"},
        {"label": "News", "url": "https://example.org/news"},
    ]
    assert institution.translations == {"ru": "Горы", "zh": "山\n河"}
    assert list(institution.themes.all()) == [theme]
    assert institution.own_facts == ["place"]
    assert institution.contacts.get().value == "info@example.org"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"further_links": "Map: javascript:alert(1)"}, "valid URL"),
        ({"further_links": "https://example.org"}, "not a name and an address"),
        ({"translations": "山"}, "Begin with the language"),
        ({"translations": "zh: 山\nzh: 河"}, "two texts"),
    ],
)
def test_admin_refuses_what_is_no_link_and_no_text(client, institution, changes, problem):
    client.force_login(UserFactory(roles=["administrator"]))
    address = reverse("admin:members_institution_change", args=[institution.pk])

    assert problem in str(send(client, address, changes).context["errors"])


def test_live_field_that_somebody_changed_can_be_put_right_again(client, editor, institution):
    proposed(client, links={"website": "https://one.example.org"})
    Institution.objects.filter(pk=institution.pk).update(website="https://wrong.example.org")

    save(client, "links", {"website": "https://one.example.org"})

    institution.refresh_from_db()
    assert institution.website == "https://one.example.org"
