from decimal import Decimal

import pytest

from members.ror import mapping
from members.ror.mapping import Edge, NameRow, Refused, digest, map_record
from tests.members.ror_records import CAS, RAS, UST, name, place, record, related

COUNTRIES = {"CN", "PK", "XK"}


def mapped(**changes):
    return map_record(record(**changes), COUNTRIES)


def refusal(item):
    with pytest.raises(Refused) as refused:
        map_record(item, COUNTRIES)
    return refused.value.reason


def test_record_as_a_whole():
    item = mapped(
        external_ids=[
            {"type": "isni", "preferred": "0000 0001 1957 3309", "all": ["0000 0001 1957 3309", "0000 0000"]}
        ],
        types=["funder", "government"],
    )

    assert item.ror == CAS
    assert (item.country, item.city) == ("CN", "Beijing")
    assert (item.latitude, item.longitude) == (Decimal("39.90750"), Decimal("116.39723"))
    assert (item.website, item.established) == ("https://www.cas.cn/", 1949)
    assert (item.kind, item.ror_types) == ("government", ["funder", "government"])
    assert item.identifiers == [("isni", "0000 0001 1957 3309"), ("isni", "0000 0000")]
    assert item.seen_on.isoformat() == "2026-02-24"


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        (["education", "funder"], "university"),
        (["funder", "facility"], "institute"),
        (["healthcare"], "healthcare"),
        (["company"], "company"),
        (["archive"], "archive"),
        (["nonprofit", "facility"], "nonprofit"),
        (["funder"], "funder"),
        (["other"], "other"),
        (["something new"], "other"),
        ([], "other"),
    ],
)
def test_first_type_that_is_not_funder_makes_the_kind(types, kind):
    assert mapped(types=types).kind == kind


def test_name_keeps_its_strongest_kind_and_stays_an_acronym():
    names = [
        name("Nasa", "acronym", "label", "ror_display"),
        name("N.A.S.A.", "alias", "acronym", lang="en"),
        name("Space Agency", "alias", "label"),
        name("航天局", "label", lang="zh"),
        name("航天局", "label", lang="zh"),
    ]

    assert mapped(names=names).names == [
        NameRow("display", "Nasa", ""),
        NameRow("acronym", "Nasa", ""),
        NameRow("acronym", "N.A.S.A.", "en"),
        NameRow("label", "Space Agency", ""),
        NameRow("label", "航天局", "zh"),
    ]


def test_second_display_name_becomes_a_label():
    names = [name("One", "ror_display"), name("Two", "ror_display")]

    assert mapped(names=names).names == [NameRow("display", "One", ""), NameRow("label", "Two", "")]


def test_names_are_one_clean_line():
    names = [
        name("  Institute\n of \x07Physics\t", "ror_display"),
        name(" \u200f ", "alias"),
        name("\u06a9\u200c\u062a", "alias"),
    ]

    assert [row.value for row in mapped(names=names).names] == ["Institute of Physics", "\u06a9\u200c\u062a"]


def test_names_that_mark_up_or_lead_elsewhere_are_left_out():
    names = [name("Institute", "ror_display"), name("<b>Institute</b>", "alias"), name("http://x.example", "label")]

    assert [row.value for row in mapped(names=names).names] == ["Institute"]


def test_relations_point_one_way():
    relations = [
        related("parent", UST),
        related("child", RAS),
        related("successor", UST),
        related("predecessor", RAS),
        related("related", UST),
        related("related", RAS),
        related("parent", CAS),
        {"type": "parent", "label": "", "id": "https://example.org/0"},
    ]

    assert mapped(relationships=relations).relations == [
        Edge(CAS, "parent", UST),
        Edge(RAS, "parent", CAS),
        Edge(CAS, "successor", UST),
        Edge(RAS, "successor", CAS),
        Edge(CAS, "related", UST),
        Edge(CAS, "related", RAS),
    ]
    assert map_record(record(UST, relationships=[related("related", CAS)]), COUNTRIES).relations == [
        Edge(CAS, "related", UST)
    ]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"ror": "034t30j36"}, mapping.BAD_ID),
        ({"id": None}, mapping.BAD_ID),
        ({"id": 7}, mapping.BAD_ID),
        ({"status": "gone"}, mapping.BAD_STATUS),
        ({"names": []}, mapping.NO_NAME),
        ({"names": [name("Only a label", "label")]}, mapping.NO_NAME),
        ({"names": [name(" ", "ror_display")]}, mapping.NO_NAME),
        ({"names": [name("x" * 401, "ror_display")]}, mapping.LONG_NAME),
        ({"names": [name("a\x00b", "ror_display")]}, mapping.BROKEN_TEXT),
        ({"names": [name("a\udc80b", "ror_display")]}, mapping.BROKEN_TEXT),
        ({"locations": []}, mapping.NO_COUNTRY),
        ({"locations": [place(None)]}, mapping.NO_COUNTRY),
        ({"locations": [place("ZZ")]}, mapping.UNKNOWN_COUNTRY),
        ({"locations": [place(["CN"])]}, mapping.NOT_V2),
        ({"names": None}, mapping.NOT_V2),
        ({"links": {}, "types": 3}, mapping.NOT_V2),
        ({"established": "1949"}, mapping.NOT_V2),
        ({"admin": {"last_modified": {"date": "2026-02-31"}}}, mapping.NOT_V2),
    ],
)
def test_refusals_have_a_reason(changes, reason):
    assert refusal(record(**changes)) == reason


@pytest.mark.parametrize("item", [None, 3, [], "text"])
def test_what_is_no_record_is_refused(item):
    assert refusal(item) == mapping.NO_OBJECT


def test_record_of_the_first_schema_is_refused_as_such():
    assert refusal({"id": f"https://ror.org/{CAS}", "name": "Chinese Academy of Sciences"}) == mapping.OLD_SCHEMA


def test_kosovo_is_a_country_here():
    assert mapped(locations=[place("XK", "Pristina")]).country == "XK"


@pytest.mark.parametrize("where", [(None, 1), (91, 0), (0, 181), (float("nan"), 0)])
def test_impossible_places_are_left_out(where):
    assert mapped(locations=[place("PK", "Gwadar", *where)]).latitude is None


@pytest.mark.parametrize("address", ["javascript:alert(1)", "ftp://cas.cn", "https://" + "x" * 1000])
def test_only_pages_of_the_web_become_a_link(address):
    assert mapped(links=[{"type": "website", "value": address}]).website == ""


def test_digest_looks_at_the_content_only():
    assert digest({"a": 1, "b": [2], "_src": {"release": "v1"}}) == digest({"b": [2], "a": 1})
    assert digest({"a": 1}) != digest({"a": 2})


def test_digest_changes_with_the_mapping(monkeypatch):
    before = digest(record())
    monkeypatch.setattr(mapping, "MAPPING", mapping.MAPPING + 1)
    assert digest(record()) != before
