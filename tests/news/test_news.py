"""What an institution tells: written by its people, published by an officer, told once to those whom it is for."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from news.actions import begin_news, publish_news, return_news, submit_news, take_back
from news.models import NewsItem
from notifications.models import Delivery, Event, Notification
from tests.factories import InstitutionFactory, InstitutionRoleFactory, ThemeFactory, UserFactory
from workflow.actions import NotAllowed, WrongState

pytestmark = pytest.mark.django_db

DESK = "/desk/news/"


@pytest.fixture
def institution(db):
    return InstitutionFactory(name="Hill Academy")


@pytest.fixture
def writer(institution):
    return InstitutionRoleFactory(institution=institution).user


@pytest.fixture
def officer(db):
    return UserFactory(roles=["officer"])


def draft(institution, by, **fields):
    item = begin_news(institution=institution, title=fields.pop("title", "A new laboratory"), by=by)
    NewsItem.objects.filter(pk=item.pk).update(text="It takes **guests**.", **fields)
    item.refresh_from_db()
    return item


def submitted(institution, by, **fields):
    item = draft(institution, by, **fields)
    submit_news(item=item, by=by)
    item.refresh_from_db()
    return item


def form(**fields):
    day = timezone.localdate() + datetime.timedelta(days=30)
    return {"title": "A new laboratory", "text": "It takes **guests**.", "expires_on": str(day), **fields}


def follow(topic, label):
    from notifications.following import follow_topic
    from notifications.topics import Topic

    user = UserFactory()
    follow_topic(topic=Topic(topic, label, "/"), by=user)
    return user


def test_news_goes_from_the_institution_through_an_officer_to_those_who_follow(client, institution, writer, officer):
    theme = ThemeFactory(name="Water")
    readers = {
        follow(f"theme:{theme.pk}", "Water"),
        follow("country:NP", "Nepal"),
        follow(f"institution:{institution.pk}", ""),
    }
    follow("country:PK", "Pakistan")
    client.force_login(writer)
    page = client.post(f"{DESK}new/", {"institution": institution.pk, "title": "A new laboratory"})["Location"]
    assert page == f"{DESK}a-new-laboratory/"
    given = form(themes=[theme.pk], countries=["NP"], submit="1")
    assert client.post(page, given).status_code == 302
    item = NewsItem.objects.get()
    assert (item.state, item.by) == ("submitted", writer)
    assert client.get("/news/a-new-laboratory/").status_code == 200  # its own people see it
    client.logout()
    assert client.get("/news/a-new-laboratory/").status_code == 404
    assert "A new laboratory" not in client.get("/news/").content.decode()

    client.force_login(officer)
    assert "news to publish" in client.get("/desk/").content.decode()
    assert "A new laboratory" in client.get(DESK).content.decode()
    assert "<strong>guests</strong>" in client.get(page).content.decode()
    del given["submit"]
    client.post(page, {**given, "title": "A new laboratory for ice", "publish": "1"})

    item.refresh_from_db()
    assert (item.state, item.title, item.slug) == ("published", "A new laboratory for ice", "a-new-laboratory")
    told = Notification.objects.filter(event__kind="news.posted")
    assert {one.subscriber.user for one in told} == readers
    assert {one.mail for one in told} == {"daily"}  # unless the reader has chosen another rhythm
    assert Notification.objects.get(event__kind="news.answered").subscriber.user == writer
    client.logout()
    assert "A new laboratory for ice" in client.get("/news/").content.decode()
    assert "<strong>guests</strong>" in client.get("/news/a-new-laboratory/").content.decode()
    assert "A new laboratory for ice" in client.get("/news/feed.atom").content.decode()


def test_news_to_members_reaches_their_focal_points(institution, writer, officer):
    member = InstitutionRoleFactory(institution=InstitutionFactory(member=True)).user
    InstitutionRoleFactory(institution=InstitutionFactory())
    item = submitted(institution, writer, to_members=True)

    publish_news(item=item, by=officer)

    told = Notification.objects.filter(event__kind="news.posted")
    assert {one.subscriber.user for one in told} == {member}
    assert not Delivery.objects.filter(purpose="news.posted").exists()


def test_officer_returns_news_with_words_and_it_comes_again(client, institution, writer, officer):
    item = submitted(institution, writer)
    client.force_login(officer)
    client.post(f"{item.desk_url}return/", {"answer": ""})
    item.refresh_from_db()
    assert item.state == "submitted"
    client.post(f"{item.desk_url}return/", {"answer": "Say when."})

    item.refresh_from_db()
    assert (item.state, item.answer) == ("draft", "Say when.")
    client.force_login(writer)
    assert Notification.objects.get(event__kind="news.answered").event.headline == "Returned: A new laboratory"
    assert "Say when." in client.get(item.desk_url).content.decode()
    client.post(item.desk_url, form(submit="1"))
    item.refresh_from_db()
    assert (item.state, item.answer) == ("submitted", "")


def test_published_news_is_taken_back_and_not_changed(client, institution, writer, officer):
    item = submitted(institution, writer)
    publish_news(item=item, by=officer)
    client.force_login(writer)
    assert "Save" not in client.get(item.desk_url).content.decode()
    client.post(item.desk_url, form(title="Another"))
    item.refresh_from_db()
    assert item.title == "A new laboratory"

    client.post(f"{item.desk_url}take-back/")

    client.logout()
    assert client.get(item.get_absolute_url()).status_code == 404
    assert "A new laboratory" not in client.get("/news/feed.atom").content.decode()


def test_expired_news_leaves_the_lists_and_keeps_its_page(client, institution, writer, officer):
    item = submitted(institution, writer)
    publish_news(item=item, by=officer)
    NewsItem.objects.update(expires_on=timezone.localdate() - datetime.timedelta(days=2))

    assert "A new laboratory" not in client.get("/news/").content.decode()
    assert "This was of interest until" in client.get(item.get_absolute_url()).content.decode()


def test_an_institution_tells_five_things_in_thirty_days(institution, writer):
    for number in range(5):
        submitted(institution, writer, title=f"Thing {number}")
    sixth = draft(institution, writer, title="Sixth")

    with pytest.raises(ValidationError, match="please wait"):
        submit_news(item=sixth, by=writer)

    NewsItem.objects.filter(title="Thing 0").update(submitted_at=timezone.now() - datetime.timedelta(days=31))
    assert submit_news(item=sixth, by=writer).state == "submitted"


@pytest.mark.parametrize("fields", [{"text": "  "}, {"expires_on": datetime.date(2020, 1, 1)}])
def test_what_says_nothing_is_not_handed_in(institution, writer, fields):
    item = draft(institution, writer)
    NewsItem.objects.filter(pk=item.pk).update(**fields)

    with pytest.raises(ValidationError):
        submit_news(item=item, by=writer)


def test_refusals(client, institution, writer, officer):
    item = draft(institution, writer)
    stranger = InstitutionRoleFactory().user
    with pytest.raises(PermissionDenied):
        begin_news(institution=institution, title="Mine", by=stranger)
    with pytest.raises(NotAllowed):
        submit_news(item=item, by=stranger)
    with pytest.raises(WrongState):
        publish_news(item=item, by=officer)
    submit_news(item=item, by=writer)
    with pytest.raises(NotAllowed):
        publish_news(item=item, by=writer)
    with pytest.raises(PermissionDenied):
        return_news(item=item, answer="No", by=writer)
    with pytest.raises(NotAllowed):
        take_back(item=item, by=stranger)
    assert not Event.objects.exists()

    client.force_login(stranger)
    assert client.get(item.desk_url).status_code == 404
    assert client.post(item.desk_url, form()).status_code == 404
    client.force_login(UserFactory())
    assert "A new laboratory" not in client.get(DESK).content.decode()
    assert client.get(f"{DESK}new/").status_code == 404
    NewsItem.objects.update(state="published", published_at=timezone.now())
    assert client.get(item.desk_url).status_code == 403


def test_writer_cannot_change_what_waits_without_taking_it_back(client, institution, writer):
    item = submitted(institution, writer)
    client.force_login(writer)
    assert client.post(item.desk_url, form(title="Another")).status_code == 403
    client.post(f"{item.desk_url}take-back/")
    client.post(item.desk_url, form(title="Another", state="published", published_at="2026-01-01", by=""))

    item.refresh_from_db()
    assert (item.title, item.state, item.published_at, item.by) == ("Another", "draft", None, writer)


def test_text_of_others_is_text(client, institution, writer, officer):
    item = submitted(institution, writer)
    NewsItem.objects.update(text="<script>alert(1)</script> [x](javascript:alert(1))")
    publish_news(item=NewsItem.objects.get(), by=officer)

    html = client.get(item.get_absolute_url()).content.decode()
    assert "<script>alert" not in html
    assert 'href="javascript' not in html


@pytest.mark.parametrize("page", ["x", "0", "-1"])
def test_page_that_is_none(client, page):
    assert client.get(f"/news/?page={page}").status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_as_much_for_one_as_for_three(client, institution, writer, officer, count, django_assert_num_queries):
    for number in range(count):
        publish_news(item=submitted(institution, writer, title=f"Thing {number}"), by=officer)
    client.get("/news/")

    with django_assert_num_queries(2):
        assert client.get("/news/").content.decode().count("<h2><a") == count
    for page in ("9", "99999999999"):
        assert "There is nothing on this page" in client.get(f"/news/?page={page}").content.decode()
