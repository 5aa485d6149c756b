"""A partner of a project record is linked only where it is certain which institution is meant."""

import pytest

from anso_portal.sample.matching import Matcher
from tests.factories import InstitutionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def dhaka():
    return InstitutionFactory(
        name="University of Dhaka", acronym="DU", country_id="BD", names=[("ঢাকা বিশ্ববিদ্যালয়", "bn", "label")]
    )


@pytest.mark.parametrize(
    "name",
    [
        "University of Dhaka",
        "UNIVERSITY OF DHAKA",
        "University of Dhaka (Dhaka)",
        "DU University of Dhaka",
        "University of Dhaka - DU",
        "ঢাকা বিশ্ববিদ্যালয়",
    ],
)
def test_matcher_knows_a_whole_name(dhaka, name):
    assert Matcher([dhaka]).match(name, "BD") == dhaka


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("University of Dhaka", "IN"),
        ("University of Dhaka", ""),
        ("DU", "BD"),
        ("Department of Economics University of Dhaka", "BD"),
        ("Dhaka", "BD"),
        ("", "BD"),
    ],
)
def test_matcher_leaves_what_is_not_certain(dhaka, name, country):
    assert Matcher([dhaka]).match(name, country) is None


def test_matcher_leaves_a_name_that_two_bear(dhaka):
    namesake = InstitutionFactory(name="University of Dhaka", country_id="BD")

    assert Matcher([dhaka, namesake]).match("University of Dhaka", "BD") is None
