"""What the stylesheet promises: readable colours in both schemes, no left or right, and few bytes."""

import gzip
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.template import Context, Engine
from hypothesis import given
from hypothesis import strategies as st

from anso_portal.branding_css import contrast, sheet
from anso_portal.worldmap import CLOSE, Arc, Place, build, project

ROOT = Path(__file__).resolve().parents[2]
CSS = (ROOT / "static/css/portal.css").read_text()
PAIR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
ONE = re.compile(r"--([\w-]+): (#[0-9a-f]{6});")

TEXT_ON_GROUND = [
    *(
        (ink, ground)
        for ink in ("ink", "ink-soft", "brand", "accent", "bad")
        for ground in ("paper", "paper-tint", "paper-raised")
    ),
    *((ink, "paper") for ink in ("good", "warn")),
    *((ink, "brand-tint") for ink in ("ink", "ink-soft", "brand")),
    ("on-brand", "brand"),
    ("paper", "accent"),  # the count of unread messages
    ("paper", "ink"),  # the skip link
    *((ink, "deep") for ink in ("deep-ink", "deep-soft", "deep-accent")),
    ("on-deep-accent", "deep-accent"),
]


def tokens(css: str) -> dict[str, tuple[str, str]]:
    return {name: (value, value) for name, value in ONE.findall(css)} | {n: (a, b) for n, a, b in PAIR.findall(css)}


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_ON_GROUND)
def test_text_has_contrast(ink, ground, scheme):
    known = tokens(CSS)

    assert contrast(known[ink][scheme], known[ground][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("edge", "ground"), [("line-strong", "paper"), ("line-strong", "paper-tint"), ("accent", "paper")]
)
def test_edges_of_controls_and_focus_have_contrast(edge, ground, scheme):
    known = tokens(CSS)

    assert contrast(known[edge][scheme], known[ground][scheme]) >= 3


@given(*[st.integers(0, 0xFFFFFF).map("#{:06x}".format)] * 2)
def test_colours_of_an_administrator_stay_readable(colour, accent):
    known = tokens(CSS) | tokens(sheet(colour, accent))

    for ink, ground in TEXT_ON_GROUND:
        for light_or_dark in (0, 1):
            assert contrast(known[ink][light_or_dark], known[ground][light_or_dark]) >= 4.5, (
                ink,
                ground,
                light_or_dark,
            )


def test_colours_are_declared_as_tokens_only():
    body = CSS[CSS.index("@layer base {") :]

    assert set(re.findall(r"#[0-9a-f]{3,6}\b", body)) <= {"#fff", "#d9f3ef"}


def test_sheet_knows_no_left_and_no_right():
    rules = re.sub(r"/\*.*?\*/", "", CSS, flags=re.S)

    assert re.findall(r"[^;{]*\b(?:left|right)\b[^;}]*", rules) == []
    assert re.findall(r"(?<![\w-])(?:max-|min-)?(?:width|height):[^;)}]*[;}]", rules) == []


def test_sheet_and_script_are_small():
    assert len(gzip.compress(CSS.encode(), 9)) <= 10_000
    assert (ROOT / "static/js/portal.js").stat().st_size <= 5_000


def test_templates_hold_no_styles_and_no_scripts():
    found = [
        (path.name, match)
        for path in (ROOT / "templates").rglob("*.html")
        if "emails" not in path.parts and "admin" not in path.parts
        for match in re.findall(
            r"\sstyle=|\son[a-z]+=\"|<style|<script(?![^>]*\s(?:src=|type=\"application/(?:ld\+)?json\"))",
            path.read_text(),
        )
    ]

    assert found == []


def test_map_sets_places_where_they_are_on_earth():
    width, height = 1920, 934
    x, y = project(0, 0)

    assert (round(x), round(y)) == (width // 2, height // 2)
    assert project(0, 180)[0] == pytest.approx(width, abs=1)
    assert project(39.9, 116.4)[0] > project(33.7, 73.1)[0] > x
    assert project(39.9, 116.4)[1] < y < project(-33.4, -70.6)[1]


def test_map_draws_places_that_would_cover_each_other_as_one():
    beijing, near_it = Place("CAS", "/members/cas/", 39.90, 116.40), Place("ANSO", "/members/anso/", 39.92, 116.39)
    tashkent = Place("Academy", "/members/academy/", 41.3, 69.2)

    drawn = build(members=[beijing, near_it, tashkent], arcs=[Arc("x", "/c/", (39.9, 116.4), (41.3, 69.2))])

    assert [(mark.count, mark.url) for mark in drawn.dots] == [(2, "/members/cas/"), (1, "/members/academy/")]
    assert drawn.dots[0].title == "CAS and 1 more here"
    assert float(drawn.dots[0].r) > float(drawn.dots[1].r)
    assert drawn.arcs[0].path.startswith(f"M{drawn.dots[0].x} {drawn.dots[0].y}Q")
    assert abs(drawn.dots[0].x - drawn.dots[1].x) > CLOSE


def render(text: str, **context) -> str:
    engine = Engine(builtins=["toolkit.templatetags.portal"])
    return engine.from_string(text).render(Context(context))


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (Decimal("250000.00"), "USD", "US$250,000"),
        (Decimal("12.50"), "EUR", "€12.50"),
        (250_000, "JPY", "JP¥250,000"),
        (None, "USD", ""),
    ],
)
def test_money_is_written_with_cents_only_where_there_are_any(amount, currency, shown):
    assert render("{% money amount currency %}", amount=amount, currency=currency) == shown


def test_chip_escapes_what_it_says():
    assert render('{% chip label "good" %}', label="<b>") == '<span class="chip good">&lt;b&gt;</span>'
    assert render("{% chip label %}", label="") == ""


def test_languages_have_names_and_directions():
    assert (
        render("{{ 'zh'|language_name }}, {{ 'ar'|text_direction }}, {{ 'xx-none'|language_name }}")
        == "Chinese, rtl, xx-none"
    )


def test_host_names_the_site_behind_an_address():
    assert render("{{ 'https://www.cas.cn/en/'|host }}") == "cas.cn"
