import pytest
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext

from projects.models import Participation, Project
from tests.factories import InstitutionFactory, ProjectFactory
from toolkit.rows import first_rows

pytestmark = pytest.mark.django_db


def test_first_rows_know_how_many_there_are_in_one_statement():
    projects = ProjectFactory.create_batch(5)

    with CaptureQueriesContext(connection) as asked:
        rows, total = first_rows(Project.objects.order_by("pk"), 2)

    assert (rows, total) == (projects[:2], 5)
    assert len(asked) == 1


def test_no_rows_are_none():
    assert first_rows(Project.objects.all(), 2) == ([], 0)
    assert first_rows(Project.objects.none(), 2) == ([], 0)
    assert first_rows(Project.objects.filter(pk__in=[]), 2) == ([], 0)


def test_filters_and_annotations_count():
    ProjectFactory.create_batch(3, illustrative=True)
    ProjectFactory()

    rows, total = first_rows(Project.objects.filter(illustrative=True).for_rows().newest_first(), 1)

    assert (len(rows), total, rows[0].status) == (1, 3, "active")


def test_groups_are_counted_as_groups():
    often, once = InstitutionFactory(), InstitutionFactory()
    ProjectFactory(lead=often, partners=[once])
    ProjectFactory(lead=often)
    groups = Participation.objects.values("institution").annotate(number=Count("pk")).order_by("-number")

    rows, total = first_rows(groups, 1)

    assert [(row["institution"], row["number"]) for row in rows] == [(often.pk, 2)]
    assert total == 2
