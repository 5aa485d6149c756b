"""Who sends and who receives: stays that began or are sure to, by country, institution and year."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Count
from django.db.models.functions import ExtractYear
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import is_secretariat
from exchanges.models import Stay
from members.models import Institution
from members.permissions import acting_for
from toolkit.listing import read_year
from vocabularies.countries import country_names

TOP = 40  # institutions in the table; the rest are summed


@dataclass(frozen=True)
class Line:
    label: str
    url: str
    came: int
    went: int

    @property
    def balance(self) -> int:
        """More guests than own people abroad: above zero."""
        return self.came - self.went


@require_safe
@login_required
def mobility(request: HttpRequest) -> HttpResponse:
    """Of the stays that the reader may know of: officers all, people of an institution its own."""
    user = request.user
    if not is_secretariat(user) and not acting_for(user):
        raise Http404
    stays = Stay.objects.visible_to(user).committed()
    years = sorted(set(stays.values_list(ExtractYear("starts_on"), flat=True)), reverse=True)
    asked = request.GET.get("year", "").strip()
    year = read_year(asked) if asked else None
    if year:
        stays = stays.filter(starts_on__year=year)
    flows = list(
        stays.order_by()
        .values("home", "home__country", "host", "host__country", year=ExtractYear("starts_on"))
        .annotate(number=Count("pk"))
    )
    names = country_names()
    countries = lines(
        flows, "home__country", "host__country", lambda code: (names.get(code, code), f"/countries/{code}/")
    )
    keys = {flow[side] for flow in flows for side in ("home", "host")}
    records = {one.pk: one for one in Institution.objects.filter(pk__in=keys).only("pk", "name", "slug")}
    institutions = lines(flows, "home", "host", lambda key: (records[key].name, records[key].get_absolute_url()))
    context = {
        "years": years,
        "year": year,
        "countries": countries,
        "most": max((max(line.came, line.went) for line in countries), default=0),
        "institutions": institutions[:TOP],
        "rest": len(institutions) - TOP,
        "by_year": per_year(flows),
        "total": sum(flow["number"] for flow in flows),
    }
    return render(request, "exchanges/mobility.html", context)


def lines(flows: list[dict[str, Any]], home: str, host: str, named: Callable[[Any], tuple[str, str]]) -> list[Line]:
    """The busiest first."""
    went: Counter = Counter()
    came: Counter = Counter()
    for flow in flows:
        went[flow[home]] += flow["number"]
        came[flow[host]] += flow["number"]
    found = [Line(*named(key), came[key], went[key]) for key in went | came if key]
    return sorted(found, key=lambda line: (-(line.came + line.went), line.label))


def per_year(flows: list[dict[str, Any]]) -> list[tuple[int, int]]:
    numbers: Counter = Counter()
    for flow in flows:
        numbers[flow["year"]] += flow["number"]
    return sorted(numbers.items(), reverse=True)
