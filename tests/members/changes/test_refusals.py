"""What cannot be said of an institution, and who cannot say it."""

import pytest

from members.models import ChangeRequest, Institution, InstitutionName
from tests.desk import fields
from tests.factories import InstitutionRoleFactory, UserFactory
from tests.members.changes.acts import at, save
from tests.pages import body, title, words

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("part", "data", "problem"),
    [
        ("names", {"row-0-value": ""}, "Exactly one of the names is the display name"),
        ("names", {"row-1-kind": "display"}, "Exactly one of the names is the display name"),
        ("names", {"row-2-value": "The Academy", "row-2-kind": "display", "row-2-language": "en"}, "Exactly one"),
        ("names", {"row-2-value": "<b>x</b>"}, "A name cannot hold"),
        ("names", {"row-2-value": "see https://evil.example"}, "web address"),
        ("names", {"row-2-value": "A\u202ecademy"}, "cannot be seen"),
        ("names", {"row-2-value": "A\u200bcademy"}, "cannot be seen"),
        ("names", {"row-2-value": "a\x00b"}, "Null characters"),
        ("names", {"row-2-value": "x" * 401}, "at most 400"),
        ("names", {"row-2-value": "x" * 101, "row-2-kind": "acronym"}, "at most 100"),
        ("names", {"row-2-value": "X", "row-2-language": "Klingonese"}, "no language known"),
        ("names", {"row-2-value": "X", "row-2-kind": "boss"}, "valid choice"),
        ("names", {"row-TOTAL_FORMS": "many"}, "ManagementForm"),
        ("description", {"description": "x" * 5001}, "at most 5000"),
        ("description", {"description": "a\x00b"}, "Null characters"),
        ("description", {"row-0-text": "山"}, "in which language"),
        ("place", {"country": ""}, "required"),
        ("place", {"country": "XX"}, "valid choice"),
        ("place", {"latitude": "10"}, "together"),
        ("place", {"latitude": "91", "longitude": "0"}, "less than or equal to 90"),
        ("place", {"latitude": "NaN", "longitude": "0"}, "number"),
        ("place", {"latitude": "1e999", "longitude": "0"}, "90"),
        ("place", {"city": "<script>"}, "A name cannot hold"),
        ("links", {"website": "javascript:alert(1)"}, "valid URL"),
        ("links", {"website": "ftp://example.org"}, "valid URL"),
        ("links", {"website": "data:text/html,x"}, "valid URL"),
        ("links", {"website": "https://example.org@evil.example/"}, "name before the host"),
        ("links", {"row-0-url": "vbscript:x", "row-0-label": "X"}, "valid URL"),
        ("links", {"row-0-url": "https://example.org"}, "what it leads to"),
        ("themes", {"themes": ["none"]}, "not one of the available choices"),
        ("contacts", {"row-0-kind": "email", "row-0-value": "nobody"}, "valid email"),
        ("contacts", {"row-0-kind": "phone", "row-0-value": "call me"}, "telephone number"),
        ("contacts", {"row-0-kind": "address", "row-0-value": "a\x00"}, "Null characters"),
        ("logo", {}, "Choose a picture"),
    ],
)  # T20, T23, T34, T37
def test_what_is_wrong_is_said_beside_the_field_and_the_text_kept(client, editor, part, data, problem):
    response = save(client, part, data)

    assert response.status_code == 422
    assert "There is a problem" in words(response)
    assert problem in words(response)
    assert title(response).startswith("Error:")
    assert not ChangeRequest.objects.exists()


def test_names_of_a_register_are_kept_as_they_are(client, editor, institution):
    InstitutionName.objects.create(institution=institution, value="A <b> name", language="haw", origin="ror")

    assert save(client, "names", {"row-3-value": "Another"}).status_code == 302


def test_t17_fields_that_are_on_no_form_change_nothing(client, editor, institution):
    extra = {
        "slug": "mine",
        "ror": "05qrfxd25",
        "record_status": "withdrawn",
        "decision": "accepted",
        "state": "decided",
    }
    extra |= {"by": "1", "institution": "1", "live_at": "2020-01-01", "row-0-origin": "ror", "kind": "academy"}
    before = Institution.objects.values().get()

    save(client, "place", {"city": "Karachi"} | extra)
    client.post(at("send"), fields(client.get(at("send"))) | extra)

    assert Institution.objects.values().get() == before
    (change,) = ChangeRequest.objects.all()
    assert (change.state, change.by, change.decided_at) == ("proposed", editor, None)
    assert change.items.values_list("decision", "live_at").get() == ("undecided", None)


PAGES = ["", "names", "description", "place", "links", "themes", "logo", "contacts", "send"]


@pytest.mark.parametrize("page", PAGES)
def test_page_is_for_the_people_of_the_institution(client, editor, officer, django_client, page):
    others = [UserFactory(), InstitutionRoleFactory().user]
    ended = InstitutionRoleFactory(
        institution=Institution.objects.get(slug="academy"), starts_on="2020-01-01", ends_on="2020-02-01"
    ).user

    assert client.get(at(page)).status_code in (200, 302)
    assert officer.get(at(page)).status_code == 404
    for user in (*others, ended):
        stranger = django_client(user)
        assert stranger.get(at(page)).status_code == 404
        assert stranger.post(at(page), {"city": "X"}).status_code in (404, 405)
    client.logout()
    assert client.get(at(page)).url == f"/accounts/login/?next={at(page)}"
    assert not ChangeRequest.objects.exists()


def test_wrong_methods_and_unknown_parts(client, editor):
    assert client.post(at()).status_code == 405
    assert client.get(at("withdraw")).status_code == 405
    assert client.delete(at("names")).status_code == 405
    assert client.get(at("slug")).status_code == 404
    assert client.post(at("slug"), {"slug": "mine"}).status_code == 404


def test_who_saves_without_end_is_stopped_and_keeps_the_text(client, editor, monkeypatch):
    monkeypatch.setattr("members.views.edit.SAVES_AN_HOUR", 1)
    save(client, "place", {"city": "Karachi"})
    response = save(client, "place", {"city": "Multan"})

    assert response.status_code == 429
    assert 'value="Multan"' in body(response)
