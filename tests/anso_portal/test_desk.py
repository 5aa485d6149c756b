import datetime

import pytest
from django.utils import timezone

from anso_portal.models import ErrorReport
from notifications.models import Delivery
from tests.factories import UserFactory
from tests.pages import heading, links, statements, words
from toolkit.desk import MOST

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(client):
    user = UserFactory(roles=["officer"])
    client.force_login(user)
    return user


def report(record: str, days: int) -> ErrorReport:
    row = ErrorReport.objects.create(address="/", record=record, message="The city is wrong.")
    ErrorReport.objects.filter(pk=row.pk).update(created_at=timezone.now() - datetime.timedelta(days=days))
    return row


def stopped_mail(**fields) -> Delivery:
    number = Delivery.objects.count()
    return Delivery.objects.create(
        address="gone@example.org", purpose="test", idem=f"{number}", message_id=f"<{number}@x>", state="dead", **fields
    )


def test_desk_is_for_those_who_have_signed_in(client):
    assert client.get("/desk/").url == "/accounts/login/?next=/desk/"


def test_desk_of_somebody_with_nothing_to_do_leads_to_the_inbox(client):
    client.force_login(UserFactory())

    page = client.get("/desk/")

    assert heading(page) == "What needs you today"
    assert "Nothing waits for you" in words(page)
    assert "/desk/inbox/" in links(page)


def test_desk_of_an_officer_shows_what_waits_from_all_apps_oldest_first(client, officer):
    report("The newer", days=1)
    report("The older", days=9)
    stopped_mail(created_at=timezone.now() - datetime.timedelta(days=3))

    page = client.get("/desk/")

    assert [item.title for item in page.context["items"]] == ["The older", "gone@example.org", "The newer"]
    assert "waits for 1 week, 2 days" in words(page)


def test_desk_shows_the_oldest_of_a_kind_and_one_line_for_the_rest(client, officer):
    for days in range(MOST + 3):
        report(f"Report {days}", days=days)

    items = client.get("/desk/").context["items"]

    assert len(items) == MOST + 1
    assert items[0].title == f"Report {MOST + 2}"
    assert items[-1].title == "and 3 more"


def test_desk_of_others_shows_nothing_of_the_secretariats(client):
    report("Secret", days=2)
    stopped_mail()
    client.force_login(UserFactory())

    page = client.get("/desk/")

    assert page.context["items"] == []
    assert "/admin/" not in links(page)


def test_desk_asks_as_often_for_three_things_as_for_one(client, officer):
    report("One", days=1)
    stopped_mail()
    once = statements(client, "/desk/")
    for days in (2, 3):
        report("More", days=days)
        stopped_mail()

    assert statements(client, "/desk/") == once
    assert once <= 30  # eight apps are joined, and what a conflict of interest hides is asked for
