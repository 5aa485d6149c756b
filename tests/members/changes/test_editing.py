"""Drafts of changes, part by part, and what two people do at once."""

import pytest

from members.models import ChangeItem, ChangeRequest, Institution, InstitutionContact, InstitutionName
from tests.desk import fields
from tests.factories import InstitutionRoleFactory, ThemeFactory, UserFactory
from tests.members.changes.acts import at, moderate, proposed, save
from tests.pages import body, heading, words

pytestmark = pytest.mark.django_db


# --- Editing


def test_list_of_parts_says_what_is_changed(client, editor, institution):
    before = client.get(at())
    save(client, "place", {"city": "Karachi"})
    after = client.get(at())

    assert heading(before) == "Edit the record"
    assert "0 fields changed" in words(before)
    assert "Place changed" in words(after)
    assert "1 field changed" in words(after)
    assert at("send") in body(after)


def test_saved_part_is_a_draft_and_the_record_stays(client, editor, institution):
    response = save(client, "place", {"city": "Karachi", "latitude": "24.86", "longitude": "67"})

    (item,) = ChangeItem.objects.all()
    institution.refresh_from_db()
    assert response.url == at()
    assert (institution.city, item.request.state, item.request.by) == ("Lahore", "draft", editor)
    assert item.before == {"country": "PK", "city": "Lahore", "latitude": None, "longitude": None}
    assert item.after == {"country": "PK", "city": "Karachi", "latitude": "24.86000", "longitude": "67.00000"}
    assert 'value="Karachi"' in body(client.get(at("place")))


def test_part_that_says_again_what_the_record_says_leaves_the_draft(client, editor):
    save(client, "place", {"city": "Karachi"})
    save(client, "place", {"city": "Lahore"})

    assert not ChangeRequest.objects.exists()


def test_saving_twice_goes_on_with_the_same_request(client, editor):
    for city in ("Karachi", "Multan"):
        save(client, "place", {"city": city})
    save(client, "description", {"description": "Sciences of mountains."})

    assert ChangeRequest.objects.count() == 1
    assert set(ChangeItem.objects.values_list("field", flat=True)) == {"place", "description"}


def test_double_click_does_no_harm(client, editor):
    address = at("place")
    data = fields(client.get(address)) | {"city": "Karachi"}

    assert [client.post(address, data).status_code for _ in range(2)] == [302, 302]
    assert ChangeItem.objects.get().after["city"] == "Karachi"


def test_rows_come_by_a_button_and_go_when_emptied(client, editor):
    address = at("names")
    data = fields(client.get(address)) | {"row-2-value": "کراچی", "add": "1"}
    more = client.post(address, data)

    assert more.status_code == 200
    assert not ChangeRequest.objects.exists()
    again = fields(more)
    assert again["row-2-value"] == ["کراچی"]
    assert "row-3-value" in again
    client.post(address, again | {"row-1-value": "", "row-2-language": "Urdu"})
    assert ChangeItem.objects.get().after == [
        {"kind": "display", "value": "The Academy", "language": "en"},
        {"kind": "label", "value": "کراچی", "language": "ur"},
    ]


def test_all_parts_can_be_proposed_and_accepted(client, editor, officer, institution):
    themes = [ThemeFactory(slug="water"), ThemeFactory(slug="air")]
    change = proposed(
        client,
        names={"row-2-value": "科学院", "row-2-language": "zh", "row-2-kind": "alias"},
        description={"description": "Mountains.\r\nRivers.", "row-0-language": "zh", "row-0-text": "山"},
        place={"city": "Karachi"},
        links={"website": "https://example.org", "row-0-label": "Map", "row-0-url": "http://example.org/map"},
        themes={"themes": ["water", "air"]},
        contacts={"row-0-kind": "email", "row-0-value": "info@example.org", "row-0-is_public": "on"},
    )

    moderate(officer, change, **{item.field: "accept" for item in change.items.all()})

    institution.refresh_from_db()
    assert (institution.description, institution.translations) == ("Mountains.\nRivers.", {"zh": "山"})
    assert (institution.city, institution.website) == ("Karachi", "https://example.org")
    assert institution.links == [{"label": "Map", "url": "http://example.org/map"}]
    assert set(institution.themes.all()) == set(themes)
    assert institution.names_folded.split() == ["the", "academy", "ta", "科学院"]
    assert list(institution.names.filter(value="科学院").values_list("origin", "kind")) == [("portal", "alias")]
    assert list(InstitutionContact.objects.values_list("kind", "value", "is_public")) == [
        ("email", "info@example.org", True)
    ]
    assert institution.own_facts == ["place", "website"]
    page = words(client.get("/members/academy/"))
    assert all(said in page for said in ("科学院", "Mountains.", "Karachi", "Map", "info@example.org"))


def test_display_name_changes_with_its_columns(client, editor, officer, institution):
    InstitutionName.objects.filter(institution=institution).update(origin="ror")
    change = proposed(client, names={"row-0-value": "Academy of Sciences"})

    moderate(officer, change, names="accept")

    institution.refresh_from_db()
    assert (institution.name, institution.acronym, institution.slug) == ("Academy of Sciences", "TA", "academy")
    assert dict(institution.names.values_list("value", "origin")) == {"Academy of Sciences": "portal", "TA": "ror"}


# --- Two at once


def test_t40_later_one_keeps_the_text_and_sees_both(client, editor, institution, django_client):
    colleague = django_client(InstitutionRoleFactory(institution=institution, user=UserFactory(name="Col League")).user)
    data = fields(client.get(at("description"))) | {"description": "Rivers of the north"}
    save(colleague, "description", {"description": "Mountains of the north"})

    late = client.post(at("description"), data)

    assert late.status_code == 409
    assert "This was changed while you wrote" in words(late)
    assert "What Col League proposes" in words(late)
    assert "<del>" in body(late)
    assert "<ins>" in body(late)
    assert fields(late)["description"] == ["Rivers of the north"]
    assert not ChangeRequest.objects.filter(by=editor).exists()
    merged = client.post(at("description"), fields(late) | {"description": "Mountains and rivers of the north"})
    assert merged.status_code == 302
    assert ChangeItem.objects.count() == 2


def test_t40_record_that_changed_meanwhile_is_shown(client, editor, institution):
    data = fields(client.get(at("place"))) | {"city": "Multan"}
    Institution.objects.filter(pk=institution.pk).update(city="Karachi")

    late = client.post(at("place"), data)

    assert late.status_code == 409
    assert "The record now" in words(late)
    assert "Karachi" in words(late)
    assert fields(late)["city"] == ["Multan"]
    client.post(at("place"), fields(late))
    assert ChangeItem.objects.get().before["city"] == "Karachi"


def test_t40_own_second_window(client, editor):
    data = fields(client.get(at("place"))) | {"city": "Multan"}
    save(client, "place", {"city": "Karachi"})

    late = client.post(at("place"), data)

    assert late.status_code == 409
    assert "What you saved in another window" in words(late)
    assert ChangeItem.objects.get().after["city"] == "Karachi"


@pytest.mark.parametrize("token", ["", "x", "0" * 16, "." * 500, None])
def test_form_without_a_token_overwrites_nothing(client, editor, token):
    data = fields(client.get(at("place"))) | {"city": "Karachi"}
    data.pop("token")

    assert client.post(at("place"), data | ({} if token is None else {"token": token})).status_code == 409
    assert not ChangeRequest.objects.exists()


def test_t40_sending_after_the_record_changed_asks_again(client, editor, institution):
    save(client, "place", {"city": "Multan"})
    data = fields(client.get(at("send"))) | {"note": "A word."}
    Institution.objects.filter(pk=institution.pk).update(city="Karachi")

    late = client.post(at("send"), data)

    assert late.status_code == 409
    assert "Something changed since you opened this page" in words(late)
    assert fields(late)["note"] == ["A word."]
    assert client.post(at("send"), fields(late)).status_code == 302
    assert ChangeItem.objects.get().before["city"] == "Karachi"
