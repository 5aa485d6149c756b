"""Choosing, previewing, merging and taking back, by hand of an officer; and what the old address does."""

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connections, transaction

from members.actions.merges import merge_institutions
from members.merging import plan_merge, rules
from members.models import Institution, InstitutionMerge, InstitutionRedirect
from notifications.links import read_stop_token, stop_url
from notifications.models import Follow, Subscriber
from tests.at_once import at_once
from tests.desk import fields
from tests.factories import (
    InstitutionFactory,
    InstitutionRoleFactory,
    ParticipationFactory,
    ProjectFactory,
    UserFactory,
)
from tests.members.ror_records import CAS
from tests.pages import body, heading, links, statements, title, words
from workflow.actions import WrongState

pytestmark = pytest.mark.django_db

NEW = "/desk/registry/merge/"


@pytest.fixture
def desk(client):
    client.force_login(UserFactory(roles=["officer"]))
    return client


@pytest.fixture
def gone():
    return InstitutionFactory(name="Physics Institute", slug="physics", city="Multan")


def preview(kept, gone):
    return f"{NEW}?kept={kept.slug}&gone={gone.slug}"


def send(client, kept, gone, **changes):
    data = fields(client.get(preview(kept, gone))) | {"reason": "The same house"} | changes
    return client.post(NEW, data)


def undo(client, merge, reason="They are two"):
    return client.post(f"{merge.get_absolute_url()}undo/", {"reason": reason})


# --- Choosing


def test_words_find_the_first_record_and_its_look_alikes_offer_the_second(desk, kept):
    double = InstitutionFactory(name="lnstitute of Physics", slug="double")
    other = InstitutionFactory(name="Institute of Chemistry")

    found = desk.get(NEW, {"q": "IOP"})
    assert "This is its acronym." in words(found)
    assert f"{NEW}?kept=iop" in links(found)

    second = desk.get(NEW, {"kept": "iop"})
    assert "It has a name that looks the same." in words(second)
    assert f"{NEW}?kept=iop&gone=double" in links(second)
    assert other.name not in words(second)

    by_words = desk.get(NEW, {"kept": "iop", "q": "chemistry"})
    assert f"{NEW}?kept=iop&gone={other.slug}" in links(by_words)
    assert double.name not in words(by_words)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("institute of physics", "This is its name in English."),
        ("Институт физики", "This is its name in Russian."),
        ("INSTITUTE-OF-PHYSICS", "This is its name in English."),
        ("lnstitute of Physics", "Its name “Institute of Physics” looks the same."),
        ("iop", "This is its acronym."),
        ("Physics", "Its names hold these words."),
        ("Institute of Phisics", "One of its names is similar."),
        (f"https://ror.org/{CAS}", "This is its ROR id."),
    ],
)
def test_search_says_why_a_record_is_offered(desk, text, why):
    InstitutionFactory(name="Institute of Physics", acronym="IOP", ror=CAS, names=[("Институт физики", "ru", "label")])

    response = desk.get(NEW, {"q": text})

    assert why in words(response)


@pytest.mark.parametrize(
    "query", ["", "?q=%00", "?q=zzzz", "?kept=nobody", "?kept=%00", "?kept=iop&gone=iop", "?gone=iop"]
)
def test_whatever_the_address_says_there_is_a_page(desk, kept, query):
    response = desk.get(NEW + query)

    assert response.status_code == 200
    assert heading(response) == "Merge two records"


# --- The preview


def test_preview_tells_all_and_changes_nothing(desk, kept, gone):
    ProjectFactory(title="Water", lead=gone)
    ProjectFactory(title="Air", lead=kept, partners=[gone])

    response = desk.get(preview(kept, gone))

    text = words(response)
    assert heading(response) == "What merging these two records does"
    assert "parts in projects 1 Water" in text
    assert "What is dropped, because it would be there twice parts in projects Air" in text
    assert "names 1 Physics Institute" in text
    assert "Multan, Pakistan (goes)" in text
    assert "The address /members/physics/ leads to the record that stays" in text
    assert f"{NEW}?kept=physics&gone=iop" in links(response)
    assert Institution.objects.count() == 2
    assert not InstitutionMerge.objects.exists()


def test_preview_asks_the_database_as_often_for_much_as_for_little(desk, kept, gone):
    before = statements(desk, preview(kept, gone))
    for _number in range(3):
        ParticipationFactory(institution=gone)
        InstitutionRoleFactory(institution=gone)
        ProjectFactory(lead=kept, partners=[gone])

    assert statements(desk, preview(kept, gone)) == before <= 24


def test_relation_that_nobody_declared_is_named_and_there_is_no_button(desk, kept, gone, monkeypatch):
    monkeypatch.delitem(rules._rules, rules.Key("members.invitation", "institution"))

    response = desk.get(preview(kept, gone))
    assert "These two cannot be merged yet" in words(response)
    assert "(members.invitation.institution)" in words(response)
    assert "Merge the two records" not in words(response)

    assert desk.post(NEW, {"kept": "iop", "gone": "physics", "reason": "x"}).status_code == 422
    assert Institution.objects.count() == 2


# --- Merging


def test_officer_merges_and_the_page_says_what_happened(desk, kept, gone):
    ParticipationFactory(institution=gone)

    response = send(desk, kept, gone, **{"field-place": "gone"})

    merge = InstitutionMerge.objects.get()
    assert response.status_code == 302
    assert response["Location"] == merge.get_absolute_url()
    done = desk.get(response["Location"])
    assert heading(done) == "Physics Institute into Institute of Physics"
    assert "parts in projects 1" in words(done)
    assert "Why The same house" in words(done)
    kept.refresh_from_db()
    assert kept.city == "Multan"


def test_reason_is_asked_for_and_what_was_chosen_is_kept(desk, kept, gone):
    response = send(desk, kept, gone, **{"reason": " ", "field-place": "gone"})

    assert response.status_code == 422
    assert title(response).startswith("Error:")
    assert fields(response)["field-place"] == ["gone"]
    assert Institution.objects.count() == 2


def test_choice_that_is_none_is_refused(desk, kept, gone):
    assert send(desk, kept, gone, **{"field-place": "neither"}).status_code == 422


def test_what_has_changed_meanwhile_is_shown_and_the_text_is_kept(desk, kept, gone):
    data = fields(desk.get(preview(kept, gone))) | {"reason": "The same house", "field-place": "gone"}
    ProjectFactory(title="New since", lead=gone)

    response = desk.post(NEW, data)

    assert response.status_code == 409
    assert "Something changed since you opened this page" in words(response)
    assert "New since" in words(response)
    kept_text = fields(response)
    assert kept_text["reason"] == ["The same house"]
    assert kept_text["field-place"] == ["gone"]
    assert desk.post(NEW, kept_text).status_code == 302


def test_second_click_leads_to_what_was_done(desk, kept, gone):
    data = fields(desk.get(preview(kept, gone))) | {"reason": "The same house"}
    first, second = desk.post(NEW, data), desk.post(NEW, data)

    assert first["Location"] == second["Location"]
    assert InstitutionMerge.objects.count() == 1


@pytest.mark.parametrize("role", [None, "reviewer"])
def test_others_find_no_page(client, kept, gone, role):
    user = InstitutionRoleFactory(institution=kept).user if role is None else UserFactory(roles=[role])
    client.force_login(user)

    for address in (NEW, preview(kept, gone), f"{NEW}1/"):
        assert client.get(address).status_code == 404
    assert client.post(NEW, {"kept": "iop", "gone": "physics", "reason": "x", "token": "x"}).status_code == 404
    assert client.post(f"{NEW}1/undo/", {"reason": "x"}).status_code == 404


def test_visitor_is_asked_to_sign_in(client):
    assert client.get(NEW)["Location"].startswith("/accounts/login/?next=")


def test_wrong_methods_are_refused(desk, kept, gone):
    send(desk, kept, gone)
    merge = InstitutionMerge.objects.get()

    assert desk.post(merge.get_absolute_url()).status_code == 405
    assert desk.get(f"{merge.get_absolute_url()}undo/").status_code == 405


# --- The old address


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/members/physics/", "/members/iop/"),
        ("/members/physics/?a=1&b=%C3%A9", "/members/iop/?a=1&b=%C3%A9"),
        ("/members/physics/feed.atom?x=1", "/members/iop/feed.atom?x=1"),
    ],
)
def test_old_address_leads_on_with_its_query(desk, client, kept, gone, before, after):
    send(desk, kept, gone)
    client.logout()

    response = client.get(before)

    assert (response.status_code, response["Location"]) == (301, after)
    assert response["Cache-Control"] == "no-cache"  # or it would outlive an undo
    assert client.head(before).status_code == 301
    assert client.post(before).status_code in (404, 405)
    assert client.get("/members/nobody/").status_code == 404


def test_old_address_of_the_history_leads_on_for_those_who_may_read_it(desk, kept, gone):
    send(desk, kept, gone)

    response = desk.get("/members/physics/history/")

    assert (response.status_code, response["Location"]) == (301, "/members/iop/history/")


def test_lists_and_files_take_the_old_address_for_the_new_one(desk, kept, gone):
    ProjectFactory(title="Water", lead=gone)
    ProjectFactory(title="Other")
    send(desk, kept, gone)

    for query in ("?member=physics", "?member=iop", "?member=physics&member=iop"):
        page = desk.get(f"/projects/{query}")
        assert "Water" in words(page)
        assert "Other" not in words(page)
        assert words(page).count("Institute of Physics × (remove)") == 1
    assert b"Water" in desk.get("/projects/?member=physics&format=csv").content
    assert "There is no institution “nobody”." in words(desk.get("/projects/?member=nobody"))


def test_stop_link_of_an_old_mail_stops_the_follow_as_it_is_now(desk, client, kept, gone):
    reader = UserFactory()
    (subscriber,) = Subscriber.objects.of_users([reader])
    Follow.objects.create(
        subscriber=subscriber, topic=f"institution:{gone.pk}", label=gone.name, address=gone.get_absolute_url()
    )
    link = stop_url(subscriber, topic=f"institution:{gone.pk}")
    send(desk, kept, gone)
    client.logout()

    assert read_stop_token(link.rstrip("/").rpartition("/")[2])[1] == f"institution:{kept.pk}"
    client.post("/" + link.split("/", 3)[3])

    assert not Follow.objects.exists()


# --- Taking back


def test_officer_takes_it_back_and_both_pages_are_there(desk, kept, gone):
    send(desk, kept, gone)
    merge = InstitutionMerge.objects.get()
    assert "Make them two again" in words(desk.get(merge.get_absolute_url()))

    response = undo(desk, merge)

    assert response["Location"] == merge.get_absolute_url()
    page = desk.get(merge.get_absolute_url())
    assert "Everything stands again where it stood before." in words(page)
    assert "Make them two again" not in words(page)
    for institution in (kept, gone):
        assert desk.get(institution.get_absolute_url()).status_code == 200
    assert undo(desk, merge).status_code == 302  # a second click


def test_undo_wants_a_reason(desk, kept, gone):
    send(desk, kept, gone)

    response = undo(desk, InstitutionMerge.objects.get(), reason=" ")

    assert response.status_code == 422
    assert InstitutionRedirect.objects.exists()


def test_undo_that_must_wait_says_for_what(desk, kept, gone):
    send(desk, kept, gone)
    first = InstitutionMerge.objects.get()
    third = InstitutionFactory(name="Third", slug="third")
    send(desk, third, kept)

    response = undo(desk, first)

    assert response.status_code == 422
    assert "take that back first" in words(response)


def test_page_of_a_merge_asks_as_often_for_much_as_for_little(desk, kept, gone):
    send(desk, kept, gone)
    before = statements(desk, InstitutionMerge.objects.get().get_absolute_url())
    third = InstitutionFactory(name="Third", slug="third")
    for _number in range(3):
        ParticipationFactory(institution=third)
    send(desk, kept, third)

    assert statements(desk, InstitutionMerge.objects.order_by("pk").last().get_absolute_url()) == before <= 24


# --- Two at once


@pytest.mark.django_db(transaction=True)
@pytest.mark.time_limit(90)
def test_of_two_merges_at_once_one_is_done_and_the_other_comes_too_late():
    officer = UserFactory(roles=["officer"])
    one, other, third = (InstitutionFactory(name=name, slug=name.lower()) for name in ("One", "Other", "Third"))
    pairs = [(one, other), (third, other)]
    tokens = [plan_merge(kept, gone).token for kept, gone in pairs]

    def run(number: int):
        kept, gone = pairs[number]
        return lambda: merge_institutions(
            kept=kept, gone=gone, choices={}, reason="x", token=tokens[number], by=officer
        )

    refused = (WrongState, PermissionDenied)
    answers = at_once(run(0), run(1), told=refused)
    results = {n: "too late" if isinstance(answer, refused) else "done" for n, answer in enumerate(answers)}

    assert sorted(results.values()) == ["done", "too late"]
    assert Institution.objects.count() == 2
    assert InstitutionMerge.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.time_limit(90)
def test_row_that_comes_too_late_for_a_merge_is_refused_and_never_hangs_in_the_air():
    """Keys are checked at the end of a transaction: by then the record is gone."""
    officer = UserFactory(roles=["officer"])
    kept, gone = InstitutionFactory(slug="kept"), InstitutionFactory(slug="gone")
    project, token = ProjectFactory(), plan_merge(kept, gone).token
    added, merged, results = threading.Event(), threading.Event(), []

    def add() -> None:
        try:
            with transaction.atomic():
                ParticipationFactory(project=project, institution=gone)
                added.set()
                merged.wait(30)
        except IntegrityError:
            results.append("refused")
        finally:
            connections.close_all()

    thread = threading.Thread(target=add)
    thread.start()
    assert added.wait(30)
    merge_institutions(kept=kept, gone=gone, choices={}, reason="x", token=token, by=officer)
    merged.set()
    thread.join(30)

    assert results == ["refused"]
    assert not project.participations.exists()


def test_body_is_plain_where_names_are_not(desk, kept):
    InstitutionFactory(name="Physics <b>bold</b>", slug="bold")
    kept_page = desk.get(f"{NEW}?kept=iop&gone=bold")

    assert "<b>bold</b>" not in body(kept_page)
