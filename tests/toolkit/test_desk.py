from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import Project
from tests.factories import InstitutionFactory, ProjectFactory
from toolkit.desk import MOST, Item, Kind, oldest, oldest_of

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 1, 1, tzinfo=UTC)


def kind(word: str, rows) -> Kind:
    return Kind(
        rows.order_by("pk"),
        lambda row: Item(DAY + timedelta(row.pk), word, row.title, f"/{word}/{row.pk}/"),
        f"/{word}/",
    )


def told(items: list[Item]) -> list[tuple[str, str]]:
    return [(item.kind, item.title) for item in items]


@pytest.fixture
def projects():
    lead = InstitutionFactory()
    ProjectFactory.create_batch(MOST + 2, lead=lead, illustrative=True)
    ProjectFactory.create_batch(2, lead=lead, illustrative=False)
    return Project.objects


def test_each_kind_shows_its_oldest_and_leads_on_to_the_rest(projects):
    many, few = kind("many", projects.filter(illustrative=True)), kind("few", projects.filter(illustrative=False))

    with CaptureQueriesContext(connection) as asked:
        items = oldest_of(many, few)

    assert len(asked) == 1
    assert items == [*oldest(many.rows, many.item, url=many.url), *oldest(few.rows, few.item, url=few.url)]
    assert [item.kind for item in items] == ["many"] * (MOST + 1) + ["few"] * 2
    assert (items[MOST].title, items[MOST].url) == ("and 2 more", "/many/")


@pytest.mark.parametrize("first", [True, False])
def test_a_kind_may_have_no_rows(projects, first):
    none = kind("none", projects.none())
    few = kind("few", projects.filter(illustrative=False))

    assert told(oldest_of(*((none, few) if first else (few, none)))) == told(oldest_of(few))
    assert len(oldest_of(few)) == 2
    assert oldest_of(none) == oldest_of(none, none) == []
