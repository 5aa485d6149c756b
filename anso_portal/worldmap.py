"""The map of the home page: places on the Equal Earth projection, in the units of templates/includes/_land.svg."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

WIDTH = 1920
EQUATOR = 0.2434 * WIDTH
VIEW_BOX = "270 0 1500 868"  # where institutions can be: without the empty Pacific
CLOSE = 13  # dots nearer than this, in units, are drawn as one

# Šavrič, Patterson, Jenny (2018), The Equal Earth map projection.
A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796
HALF_WIDTH = 2.7066


class Place(NamedTuple):
    name: str
    url: str
    lat: float
    lng: float


class Arc(NamedTuple):
    name: str
    url: str
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass
class Mark:
    """A dot or ring. Where several places share it, the title names the first and counts the rest."""

    x: int
    y: int
    r: str  # with a point, whatever the reader's language writes
    title: str
    url: str
    count: int = 1


@dataclass
class Line:
    path: str
    title: str
    url: str


@dataclass
class WorldMap:
    view_box: str
    dots: list[Mark]
    rings: list[Mark]
    offers: list[Mark]
    arcs: list[Line]


def project(lat: float, lng: float) -> tuple[float, float]:
    """Degrees to units of the map, x to the east and y downwards."""
    theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(lat)))
    t2 = theta * theta
    t6 = t2**3
    x = math.radians(lng) * math.cos(theta) / (math.sqrt(3) / 2 * (A1 + 3 * A2 * t2 + t6 * (7 * A3 + 9 * A4 * t2)))
    y = theta * (A1 + A2 * t2 + t6 * (A3 + A4 * t2))
    scale = WIDTH / (2 * HALF_WIDTH)
    return WIDTH / 2 + x * scale, EQUATOR - y * scale


def build(
    *,
    members: Iterable[Place] = (),
    centers: Iterable[Place] = (),
    offers: Iterable[Place] = (),
    arcs: Iterable[Arc] = (),
) -> WorldMap:
    return WorldMap(
        view_box=VIEW_BOX,
        dots=_marks(members, radius=7.5),
        rings=_marks(centers, radius=9),
        offers=_marks(offers, radius=7),
        arcs=[_line(arc) for arc in arcs],
    )


def _marks(places: Iterable[Place], radius: float) -> list[Mark]:
    """One mark for places that would cover each other; its area grows with their number, up to a limit."""
    groups: list[tuple[float, float, list[Place]]] = []
    for place in places:
        x, y = project(float(place.lat), float(place.lng))
        near = next((group for group in groups if math.dist(group[:2], (x, y)) < CLOSE), None)
        if near:
            near[2].append(place)
        else:
            groups.append((x, y, [place]))
    return [_mark(x, y, radius, members) for x, y, members in groups]


def _mark(x: float, y: float, radius: float, places: list[Place]) -> Mark:
    title, more = places[0].name, len(places) - 1
    if more:
        title = _("%(name)s and %(count)d more here") % {"name": title, "count": more}
    r = min(radius * math.sqrt(1 + more * 0.35), radius * 2)
    return Mark(x=round(x), y=round(y), r=f"{r:.1f}", title=title, url=places[0].url, count=len(places))


def _line(arc: Arc) -> Line:
    """A curve that rises towards the pole, higher the farther its ends lie apart."""
    (x1, y1), (x2, y2) = project(*map(float, arc.start)), project(*map(float, arc.end))
    top = min(y1, y2) - abs(x2 - x1) * 0.16
    path = f"M{x1:.0f} {y1:.0f}Q{(x1 + x2) / 2:.0f} {top:.0f} {x2:.0f} {y2:.0f}"
    return Line(path=path, title=arc.name, url=arc.url)
