import datetime
from decimal import Decimal

import pytest

from toolkit.templatetags.records import closes_in, json_ld, share_of


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (None, ""),
        (datetime.timedelta(days=23, hours=23), "closes in 23 days"),
        (datetime.timedelta(days=1), "closes in 1 day"),
        (datetime.timedelta(hours=23, minutes=59), "closes in 23 hours"),
        (datetime.timedelta(hours=1), "closes in 1 hour"),
        (datetime.timedelta(minutes=59), "closes within the hour"),
        (datetime.timedelta(0), "closed"),
        (datetime.timedelta(days=-3), "closed"),
    ],
)
def test_closes_in_tells_the_largest_whole_unit(left, told):
    assert closes_in(left) == told


@pytest.mark.parametrize(("number", "most", "width"), [(10, 10, 100), (1, 3, 33), (1, 1000, 2), (0, 10, 0), (0, 0, 0)])
def test_share_of_is_a_width_that_can_be_seen(number, most, width):
    assert share_of(number, most) == width


def test_json_ld_leaves_out_what_is_empty_at_any_depth():
    data = {
        "@type": "Place",
        "name": "",
        "address": {"@type": "", "city": None},
        "sameAs": ["", "x"],
        "n": Decimal("1.5"),
    }

    assert json_ld(data) == (
        '<script type="application/ld+json">'
        '{"@context": "https://schema.org", "@type": "Place", "sameAs": ["x"], "n": 1.5}</script>'
    )


def test_json_ld_cannot_end_its_element():
    assert "</script><b>" not in json_ld({"name": "</script><b>&"})


def test_json_ld_of_nothing_is_nothing():
    assert json_ld(None) == json_ld({}) == ""
