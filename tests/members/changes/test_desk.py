"""What waits at the desk, and what the pages cost."""

import pytest

from members.models import ChangeRequest, Institution, InstitutionContact
from tests.factories import InstitutionRoleFactory, ThemeFactory
from tests.members.changes.acts import at, save, send_in
from tests.pages import statements, words

pytestmark = pytest.mark.django_db


def test_desk_tells_each_what_is_theirs(client, editor, officer):
    save(client, "place", {"city": "Karachi"})
    assert [(item.kind, item.title) for item in client.get("/desk/").context["items"]] == [
        ("changes not sent yet", "The Academy")
    ]
    assert officer.get("/desk/").context["items"] == []
    send_in(client)

    desk = client.get("/desk/")
    assert desk.context["items"] == []
    assert [(asked.title, asked.state) for asked in desk.context["mine"]] == [("The Academy", "waits for an officer")]
    assert [(item.kind, item.title) for item in officer.get("/desk/").context["items"]] == [
        ("changes to a record", "The Academy")
    ]


def test_pages_ask_as_often_for_many_rows_as_for_one(client, editor, officer, institution):
    rows = {f"row-{n}-{key}": value for n in (2, 3, 4) for key, value in (("value", f"Name {n}"), ("kind", "alias"))}
    one = {part: statements(client, at(part)) for part in ("", "names", "contacts")}
    save(client, "names", {"row-2-value": "Name 2"})
    check = statements(client, at("send"))
    save(client, "names", rows | {"row-TOTAL_FORMS": "5"})

    assert statements(client, at("send")) == check <= 24
    assert statements(client, at("names")) == one["names"] <= 24
    send_in(client)
    change = ChangeRequest.objects.get()
    assert statements(officer, f"/desk/moderation/{change.pk}/") <= 24
    assert statements(client, change.get_absolute_url()) <= 24
    assert statements(client, at()) <= 24


def test_public_page_keeps_to_its_limit_with_all_facts(client, institution):
    ThemeFactory.create_batch(3)
    bare = statements(client, "/members/academy/")
    institution.themes.set(ThemeFactory.create_batch(3))
    for number in range(3):
        InstitutionContact.objects.create(
            institution=institution, kind="email", value=f"{number}@example.org", is_public=True
        )
    Institution.objects.update(
        links=[{"label": "X", "url": "https://example.org"}] * 3, translations={"zh": "山", "ru": "Горы"}
    )

    assert statements(client, "/members/academy/") == bare <= 20


def test_contact_that_is_not_public_is_for_its_people(client, editor, institution, officer, django_client):
    InstitutionContact.objects.create(institution=institution, kind="phone", value="+92 51 111", is_public=False)

    assert "+92 51 111" in words(client.get("/members/academy/"))
    assert "+92 51 111" in words(officer.get("/members/academy/"))
    assert "+92 51 111" not in words(django_client(InstitutionRoleFactory().user).get("/members/academy/"))
    client.logout()
    assert "+92 51 111" not in words(client.get("/members/academy/"))
