import datetime

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.db.models import Case, CharField, Count, DateField, F, Value, When
from django.db.models.functions import Now

from toolkit.clock import Today, database_now, database_today

pytestmark = pytest.mark.django_db


@pytest.fixture
def row():
    """Any row will do: the clock needs a table to be asked on, not an app."""
    return ContentType.objects.filter(pk=ContentType.objects.create(app_label="clock", model="clock").pk)


def the_date_in_the_database():
    with connection.cursor() as cursor:
        cursor.execute("SELECT (now() AT TIME ZONE 'UTC')::date")
        return cursor.fetchone()[0]


def test_today_is_the_date_of_the_database_in_utc(row):
    before = the_date_in_the_database()
    today = row.annotate(today=Today()).get().today

    assert before <= today <= database_today()
    assert type(today) is datetime.date


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_today_does_not_follow_the_zone_of_the_session(row, zone):
    """These two zones are 26 hours apart: at any moment one of them has another date than UTC."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE %s", [zone])
        before = the_date_in_the_database()
        today = row.annotate(today=Today()).get().today

    assert today in (before, the_date_in_the_database())


def test_today_does_not_follow_the_clock_of_this_machine(row, time_machine):
    time_machine.move_to(datetime.datetime(2001, 1, 1, tzinfo=datetime.UTC))

    assert row.annotate(today=Today()).get().today == the_date_in_the_database() != datetime.date(2001, 1, 1)
    assert database_today().year != 2001


def test_today_works_in_filters_case_groups_and_sums(row):
    tomorrow = database_today() + datetime.timedelta(days=1)
    due = row.annotate(due=Value(tomorrow, output_field=DateField()))

    assert due.filter(due__gt=Today()).count() == 1
    assert due.filter(due__lt=Today()).count() == 0
    said = Case(When(due__gte=Today(), then=Value("open")), default=Value("closed"), output_field=CharField())
    assert due.annotate(said=said).get().said == "open"
    assert due.values(day=Today()).annotate(count=Count("pk")).get()["count"] == 1
    assert due.annotate(left=F("due") - Today()).get().left <= datetime.timedelta(days=1)


def test_database_now_is_aware_and_between_two_statements(row, django_assert_num_queries):
    before = row.annotate(at=Now()).get().at
    with django_assert_num_queries(1):
        now = database_now()
    after = row.annotate(at=Now()).get().at

    assert before <= now <= after
    assert now.utcoffset() == datetime.timedelta(0)


def test_database_now_moves_within_a_transaction():
    assert database_now() < database_now()
