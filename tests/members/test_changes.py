"""The people of an institution propose changes to its record; an officer decides on each field."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from pghistory.models import Context

from members.actions.changes import send_changes, token_of_request, withdraw_changes
from members.models import ChangeItem, ChangeRequest, Institution, InstitutionContact, InstitutionName
from notifications.models import Notification
from tests.desk import fields, send
from tests.factories import InstitutionFactory, InstitutionRoleFactory, ThemeFactory, UserFactory
from tests.pages import body, heading, statements, title, words
from workflow.models import Step

pytestmark = pytest.mark.django_db


@pytest.fixture
def institution():
    return InstitutionFactory(slug="academy", name="The Academy", acronym="TA", city="Lahore")


@pytest.fixture
def editor(client, institution):
    user = InstitutionRoleFactory(institution=institution, role="editor", user=UserFactory(name="Ed Itor")).user
    client.force_login(user)
    return user


@pytest.fixture
def officer(django_client):
    return django_client(UserFactory(name="Off Icer", roles=["officer"]))


@pytest.fixture
def django_client(client):
    """A second browser, in which somebody else has signed in."""

    def make(user):
        other = type(client)()
        other.force_login(user)
        other.user = user
        return other

    return make


def at(part="", slug="academy") -> str:
    return f"/desk/institution/{slug}/edit/{part}{'/' if part else ''}"


def save(client, part, changes, slug="academy", **options):
    """The page as it stands, with some fields changed."""
    address = at(part, slug)
    return client.post(address, fields(client.get(address)) | changes, **options)


def send_in(client, slug="academy", note=""):
    address = at("send", slug)
    return client.post(address, fields(client.get(address)) | {"note": note})


def moderate(client, change, **verdicts):
    """moderate(client, change, place="accept", names=("refuse", "Why"))."""
    address = f"/desk/moderation/{change.pk}/"
    data = fields(client.get(address))
    for item in change.items.all():
        verdict, reason = (
            verdicts[item.field] if isinstance(verdicts[item.field], tuple) else (verdicts[item.field], "")
        )
        data |= {f"item-{item.pk}-verdict": verdict, f"item-{item.pk}-reason": reason}
    return client.post(address, data)


def proposed(client, **parts) -> ChangeRequest:
    for part, changes in parts.items():
        assert save(client, part, changes).status_code == 302
    send_in(client)
    return ChangeRequest.objects.get(state="proposed")


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


# --- What is refused


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


# --- The desk, and what it costs


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
