"""Searches that are followed: every difference is told once, whatever page it would stand on."""

import re

import pytest
from django.http import QueryDict

from anso_portal.models import SavedSearch
from anso_portal.searches import compare_searches, forget_unfollowed, read_search, save_search
from notifications import digests
from notifications.emails import write
from notifications.following import follow_topic, unfollow_topic
from notifications.models import Delivery, Event, Follow, Notification, Subscriber
from notifications.outbox import claim
from notifications.topics import resolve
from projects.models import Project
from tests.factories import ProjectFactory, ThemeFactory, UserFactory
from toolkit.clock import database_now

pytestmark = pytest.mark.django_db

WATER = "theme=water"


@pytest.fixture
def water():
    return ThemeFactory(slug="water", name="Water")


@pytest.fixture
def many(water):
    """More than a page of projects about water, and as many about something else."""
    projects = [ProjectFactory(title=f"Project {number:02}") for number in range(60)]
    for project in projects[:30]:
        project.themes.add(water)
    return projects


def save(query=WATER, listing="projects", user=None):
    wanted = read_search(listing, QueryDict(query))
    assert wanted
    search = save_search(wanted=wanted)
    follow_topic(topic=resolve(search.topic), by=user or UserFactory())
    return search


def told() -> dict[str, str]:
    """What the one event of the last comparing says of each record."""
    list(compare_searches())
    lines = [line for event in Event.objects.filter(kind="search.found") for line in event.facts["lines"]]
    Event.objects.all().delete()
    found = {words: what for what, words, _address in lines}
    assert len(found) == len(lines), "A record is told of twice."
    return found


def test_every_page_is_compared_and_each_difference_told_once(many, water):
    save()
    assert told() == {}
    many[45].themes.add(water)
    Project.objects.filter(pk=many[29].pk).update(summary="The last one of them.")
    Project.objects.filter(pk=many[50].pk).update(summary="Not about water.")
    many[2].themes.remove(water)
    assert told() == {"Project 45": "new", "Project 29": "changed", "Project 02": "gone"}
    assert told() == {}


def test_what_hangs_on_a_record_is_a_change_too(many):
    save()
    many[3].themes.add(ThemeFactory(slug="soil"))
    assert told() == {"Project 03": "changed"}


def test_what_visitors_may_no_longer_see_is_not_named(many):
    save()
    Project.objects.filter(pk=many[4].pk).update(published_at=None)
    assert told() == {"a record that is no longer public": "gone"}


def test_after_an_update_that_shows_other_columns_only_what_came_or_went_is_told(many, water):
    search = save()
    SavedSearch.objects.filter(pk=search.pk).update(shape="of before", digests=[0] * 30)
    many[40].themes.add(water)
    assert told() == {"Project 40": "new"}
    Project.objects.filter(pk=many[5].pk).update(summary="New words.")
    assert told() == {"Project 05": "changed"}


def test_what_is_undone_before_the_next_comparing_is_no_news(many, water):
    save()
    many[6].themes.remove(water)
    many[6].themes.add(water)
    assert told() == {}


def test_words_are_watched_as_they_are_and_not_what_is_spelled_like_them(many):
    save("q=Projekt")  # on the page of the list, “Project” is close enough
    assert SavedSearch.objects.get().keys == []
    ProjectFactory(title="Projekt 61")
    assert told() == {"Projekt 61": "new"}


def test_search_for_a_theme_that_is_gone_finds_nothing_and_the_others_are_compared(many, water):
    save()
    save("q=project")
    water.delete()
    many[50].themes.add(ThemeFactory(slug="soil"))
    list(compare_searches())
    counts = [
        (event.facts["new"], event.facts["changed"], event.facts["gone"]) for event in Event.objects.order_by("pk")
    ]
    assert counts == [(0, 0, 30), (0, 31, 0)]


def test_those_who_ask_for_the_same_share_a_search(many):
    first = save("theme=water&q=project&page=2&sort=name")
    second = save("q=project&theme=water&theme=water")
    assert first == second
    assert first.get_absolute_url() == "/projects/?q=project&theme=water"


def test_it_comes_in_the_next_digest_with_all_its_lines(many, water, monkeypatch):
    reader = UserFactory()
    save(user=reader)
    for project in many[30:]:
        project.themes.add(water)
    list(compare_searches())
    assert not Delivery.objects.exists()  # once a day, unless the reader wants it otherwise
    monkeypatch.setattr(digests, "last_daily", lambda now, zone: database_now())
    assert digests.write_digests() == 1
    (row,) = claim("test")
    mail = write(row)
    for project in many[30:]:
        assert mail["body_text"].count(f"New: {project.title}\n") == 1
    assert "You get this because you follow Projects: Water" in mail["body_text"]
    assert re.search(r'href="[^"]+/projects/[^"]+/"[^>]*><bdi>New: Project 30', mail["body_html"])


def test_at_once_it_is_a_mail_of_its_own_under_headings(many, water):
    reader = UserFactory()
    save(user=reader)
    from notifications.following import choose

    choose(subscriber=Subscriber.objects.get(user=reader), email={"searches": "now"})
    many[44].themes.add(water)
    many[1].themes.remove(water)
    list(compare_searches())
    (row,) = claim("test")
    mail = write(row)
    assert mail["subject"] == "Your search “Projects: Water”: 1 new, 0 changed, 1 no longer found"
    assert re.search(r"New\n\n\* Project 44\n  http\S+/projects/\S+\n", mail["body_text"])
    assert "No longer found\n\n* Project 01\n" in mail["body_text"]


def test_very_many_differences_are_told_by_several_mails(many, water, monkeypatch):
    monkeypatch.setattr("anso_portal.searches.LINES", 7)
    save()
    for project in many[30:50]:
        project.themes.add(water)
    list(compare_searches())
    events = Event.objects.filter(kind="search.found")
    assert sorted(len(event.facts["lines"]) for event in events) == [6, 7, 7]
    assert sum(event.facts["new"] for event in events) == 20
    assert Notification.objects.count() == 3


def test_two_comparing_at_once_tell_it_once(many, water, django_db_blocker):
    """The second one finds the row locked, or the difference already remembered."""
    save()
    many[40].themes.add(water)
    assert sum(number for _list, number in compare_searches()) == 1
    assert sum(number for _list, number in compare_searches()) == 0


@pytest.mark.parametrize("listing", ["members", "centers", "projects", "calls", "exchanges"])
def test_each_list_can_be_watched(listing):
    search = save("", listing)
    list(compare_searches())
    assert not Event.objects.exists()
    assert search.get_absolute_url() == f"/{listing}/"


@pytest.mark.parametrize(
    ("listing", "query"),
    [
        ("people", ""),
        ("projects", "theme=nothing"),
        ("members", "as_of=2020-01-01"),
        ("projects", "q=a%00b"),
        ("projects", "q=" + "x" * 400 + "&q=" + "y" * 1200),
    ],
)
def test_what_cannot_be_watched_is_refused(client, listing, query, water):
    assert read_search(listing, QueryDict(query)) is None
    assert client.get(f"/searches/{listing}/?{query}").status_code == 404
    assert client.post(f"/searches/{listing}/?{query}").status_code == 404


def test_from_the_list_to_what_one_follows(client, many):
    user = UserFactory()
    client.force_login(user)
    page = client.get("/projects/?theme=water").content.decode()
    assert 'href="/searches/projects/?theme=water"' in page
    looked = client.get("/searches/projects/?theme=water")
    assert "Projects: Water" in looked.content.decode()
    assert client.post("/searches/projects/?theme=water").status_code == 200  # sent without the button
    assert not SavedSearch.objects.exists()
    answer = client.post("/searches/projects/?theme=water", {"follow": "1"}, follow=True)
    assert "You follow Projects: Water" in answer.content.decode()
    assert Follow.objects.get().topic == SavedSearch.objects.get().topic
    assert "/projects/?theme=water" in answer.content.decode()


def test_without_an_account_an_address_is_asked_for(client, many):
    answer = client.post("/searches/projects/?theme=water", {"follow": "1"}, follow=True)
    assert answer.status_code == 200
    topic = SavedSearch.objects.get().topic
    client.post("/notifications/follow/", {"topic": topic, "email": "reader@example.org"})
    assert Delivery.objects.get().address == "reader@example.org"


def test_too_many_searches_from_one_network_are_refused(client, many, monkeypatch):
    monkeypatch.setattr("anso_portal.views.searches.too_often", lambda key, **limits: key.startswith("search:"))
    assert client.post("/searches/projects/?theme=water", {"follow": "1"}).status_code == 429
    assert not SavedSearch.objects.exists()


def test_searches_that_nobody_follows_are_forgotten_after_some_days(many):
    user = UserFactory()
    search, kept = save(user=user), save("q=project")
    unfollow_topic(topic=search.topic, subscriber=Subscriber.objects.get(user=user))
    assert forget_unfollowed() == 0
    SavedSearch.objects.update(created_at="2026-01-01T00:00Z")
    assert forget_unfollowed() == 1
    assert SavedSearch.objects.get() == kept
