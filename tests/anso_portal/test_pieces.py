"""The small pieces of pages, with what they must stand without."""

import datetime

import pytest
from django.core.paginator import Paginator
from django.template.loader import render_to_string

from vocabularies.models import Source

ROR = Source(name="ROR", url="https://ror.org/", licence="CC0")


def words(name: str, *, request=None, **context) -> str:
    return " ".join(render_to_string(f"includes/{name}.html", context, request=request).split())


@pytest.mark.parametrize(
    ("record", "shown"),
    [
        ({"source": ROR}, '<a href="https://ror.org/" rel="noopener">ROR</a>, CC0</p>'),
        (
            {"source": None, "source_urls": ["https://www.cas.cn/x"]},
            '<a href="https://www.cas.cn/x" rel="noopener">cas.cn</a></p>',
        ),
        ({"source": Source(name="A book")}, "A book</p>"),
    ],
)
def test_source_is_named_as_far_as_it_is_known(record, shown):
    assert words("_source", record=record).endswith(shown)


def test_source_tells_the_day_it_was_seen():
    assert "seen on 3 Nov 2026" in words(
        "_source", record={"source": ROR, "source_seen_on": datetime.date(2026, 11, 3)}
    )


def test_source_that_is_not_known_leaves_no_line():
    assert words("_source", record={"source": None, "source_urls": []}) == ""


def test_facets_mark_what_is_chosen_and_keep_the_order(rf):
    options = [
        {"value": "PK", "label": "Pakistan", "count": 18, "selected": True},
        {"value": "NP", "label": "Nepal", "count": 0},
    ]
    facets = [{"name": "country", "label": "Country", "options": options}]

    shown = words("_facets", facets=facets, request=rf.get("/projects/", {"sort": "name", "page": "3"}))

    assert '<input type="checkbox" name="country" value="PK" id="country-PK" checked>' in shown
    assert '<label class="option none"><input type="checkbox" name="country" value="NP" id="country-NP">' in shown
    assert '<input type="hidden" name="sort" value="name">' in shown
    assert 'name="page"' not in shown
    assert 'type="submit"' in shown


def test_pages_keep_the_query(rf):
    page = Paginator(range(100), 25).page(2)

    shown = words("_pagination", page=page, request=rf.get("/projects/", {"country": ["PK", "NP"], "page": "2"}))

    assert 'href="?country=PK&amp;country=NP&amp;page=3" rel="next"' in shown
    assert 'href="?country=PK&amp;country=NP&amp;page=1" rel="prev"' in shown


def test_one_page_needs_no_pagination(rf):
    assert words("_pagination", page=Paginator(range(3), 25).page(1), request=rf.get("/projects/")) == ""
