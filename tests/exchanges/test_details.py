import datetime
import zoneinfo

import pytest
from django.utils import timezone

from exchanges.views.details import deadlines
from tests.factories import (
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    OfferFactory,
    ProgrammeFactory,
    ThemeFactory,
    UserFactory,
)
from tests.pages import body, heading, linked_data, links, statements, words
from vocabularies.models import Country

pytestmark = pytest.mark.django_db


def page(client, offer):
    response = client.get(offer.get_absolute_url())
    assert response.status_code == 200
    return response


def test_page_says_what_where_when_and_for_how_many(client):
    offer = OfferFactory(
        title="Field season",
        city="Gilgit",
        open=True,
        description="Rain gauges.",
        paid="Travel and lodging.",
        starts_on=datetime.date(2031, 3, 23),
        ends_on=datetime.date(2031, 5, 6),
    )

    response = page(client, offer)

    text = words(response)
    assert heading(response) == "Field season"
    assert "Visit · Gilgit, Pakistan" in text
    assert "closes in 29 days apply by" in text
    assert "2 places 23 Mar – 6 May 2031" in text
    assert "What it is Rain gauges." in text
    assert "What is paid Travel and lodging." in text
    assert "When 23 Mar 2031 – 6 May 2031" in text


@pytest.mark.parametrize(
    ("left", "told"),
    [
        ({"days": 23, "hours": 1}, "closes in 23 days"),
        ({"days": 1, "minutes": 5}, "closes in 1 day"),
        ({"hours": 5, "minutes": 5}, "closes in 5 hours"),
        ({"minutes": 5}, "closes within the hour"),
        ({"minutes": -5}, "closed"),
    ],
)
def test_time_left_is_counted_on_the_clock_of_the_database(client, left, told):
    offer = OfferFactory(title="Visit", open=True, apply_by=timezone.now() + datetime.timedelta(**left))

    assert f"Visit {told}" in words(page(client, offer))


def test_deadline_is_told_in_its_zone_and_in_utc(client):
    moment = datetime.datetime(2031, 12, 21, 18, 59, tzinfo=datetime.UTC)
    offer = OfferFactory(open=True, apply_by=moment, apply_by_zone="Asia/Karachi")

    assert "Apply by 21 Dec 2031, 23:59 Karachi 21 Dec 2031, 18:59 UTC" in words(page(client, offer))


def test_deadline_is_told_in_the_zone_of_the_reader_too(client):
    moment = datetime.datetime(2031, 12, 21, 18, 59, tzinfo=datetime.UTC)
    offer = OfferFactory(open=True, apply_by=moment, apply_by_zone="Asia/Karachi")
    client.force_login(UserFactory(time_zone="Asia/Shanghai"))

    text = words(page(client, offer))

    assert "23:59 Karachi 22 Dec 2031, 02:59 Shanghai 21 Dec 2031, 18:59 UTC" in text


def test_the_same_hour_is_told_once_and_an_unknown_zone_is_utc():
    moment = datetime.datetime(2031, 1, 1, 12, 0, tzinfo=datetime.UTC)

    with timezone.override(zoneinfo.ZoneInfo("Asia/Tashkent")):
        told = deadlines(moment, "Asia/Karachi")
        wrong = deadlines(moment, "Mars/Crater")

    assert [place for _moment, place in told] == ["Karachi", "UTC"]
    assert [place for _moment, place in wrong] == ["UTC", "Tashkent"]


def test_host_center_leads_on_with_its_hosts(client):
    center, host = CenterFactory(name="Ecology Center"), InstitutionFactory(name="The Host")
    center.participations.create(role="host", institution=host, name_as_given="x")
    offer = OfferFactory(center=center, institution=None, open=True)

    response = page(client, offer)

    assert "Hosted by Ecology Center" in words(response)
    assert "Host Ecology Center The Host Where" in words(response)
    assert {center.get_absolute_url(), host.get_absolute_url()} <= set(links(response))


def test_eligible_countries_programme_and_themes_are_named(client):
    theme = ThemeFactory(name="Climate change")
    offer = OfferFactory(open=True, programme=ProgrammeFactory(name="Fellows"))
    offer.themes.add(theme)
    offer.eligible_countries.set(Country.objects.filter(pk__in=["NP", "KE"]))

    response = page(client, offer)

    assert "Scientists of these countries: Kenya Nepal" in words(response)
    assert "Programme Fellows Themes Climate change" in words(response)
    assert theme.get_absolute_url() in links(response)


def test_offer_that_names_no_country_is_open_to_all(client):
    assert "Scientists of all countries." in words(page(client, OfferFactory(open=True)))


def test_open_offer_leads_to_the_application(client):
    offer = OfferFactory(open=True, institution=InstitutionFactory())
    response = page(client, offer)
    assert "your home institution says whether it supports the stay" in words(response)
    assert f"{offer.get_absolute_url()}apply/" in links(response)


def test_illustrative_offer_says_what_it_is(client):
    assert "an application goes to nobody but the sample's people" in words(
        page(client, OfferFactory(open=True, illustrative=True))
    )


@pytest.mark.parametrize("state", ["closed", "past"])
def test_closed_offer_says_so_and_keeps_its_page(client, state):
    past = timezone.now() - datetime.timedelta(days=1)
    offer = OfferFactory(state="closed") if state == "closed" else OfferFactory(open=True, apply_by=past)

    text = words(page(client, offer))

    assert "This offer is closed: no more applications are taken." in text
    assert "How to apply" not in text


def test_next_one_can_be_followed_by_host_and_country(client):
    offer = OfferFactory(open=True)
    client.force_login(UserFactory())

    text = body(page(client, offer))

    assert f'name="topic" value="institution:{offer.institution_id}"' in text
    assert 'name="topic" value="country:PK"' in text


def test_others_nearby_are_open_and_visible_ones(client):
    offer = OfferFactory(open=True)
    near = OfferFactory(title="Near", open=True)
    OfferFactory(title="Far", open=True, country_id="BR")
    OfferFactory(title="Near but a draft")
    OfferFactory(title="Near but closed", state="closed")

    response = page(client, offer)

    assert near.get_absolute_url() in links(response)
    for title in ("Far", "Near but a draft", "Near but closed"):
        assert title not in words(response)


def test_draft_is_not_found_by_strangers(client):
    offer = OfferFactory()

    assert client.get(offer.get_absolute_url()).status_code == 404
    client.force_login(InstitutionRoleFactory().user)
    assert client.get(offer.get_absolute_url()).status_code == 404


@pytest.mark.parametrize("who", ["host", "host of the center", "officer"])
def test_draft_is_shown_to_host_and_secretariat(client, who):
    center = CenterFactory()
    offer = OfferFactory(center=center)
    if who == "officer":
        user = UserFactory(roles=["officer"])
    elif who == "host":
        user = InstitutionRoleFactory(institution=offer.institution).user
    else:
        user = InstitutionRoleFactory().user
        institution = user.institution_roles.get().institution
        center.participations.create(role="host", institution=institution, name_as_given="x")
    client.force_login(user)

    response = page(client, offer)

    assert "This is a draft" in words(response)
    assert "Follow" not in words(response)
    assert "application/ld+json" not in body(response)


def test_linked_data_names_host_and_dates(client):
    offer = OfferFactory(title="Field season", open=True)

    data = linked_data(page(client, offer))

    assert data["name"] == "Field season"
    assert data["startDate"] == offer.starts_on.isoformat()
    assert data["organizer"]["name"] == offer.institution.name


def test_page_can_only_be_read(client):
    assert client.post(OfferFactory(open=True).get_absolute_url()).status_code == 405


def test_unknown_offer_is_not_found(client):
    assert client.get("/exchanges/nowhere/").status_code == 404


def fill(offer, count):
    for _ in range(count):
        theme = ThemeFactory()
        offer.themes.add(theme)
        OfferFactory(open=True).themes.add(theme)
        offer.center.participations.create(role="host", institution=InstitutionFactory(), name_as_given=theme.name)
    offer.eligible_countries.set(Country.objects.order_by("pk")[:count])


@pytest.mark.parametrize(("who", "budget"), [("visitor", 20), ("scientist", 24)])
def test_statements_stay_within_the_budget_whatever_the_number_of_rows(client, who, budget):
    one, many = OfferFactory(open=True, center=CenterFactory()), OfferFactory(open=True, center=CenterFactory())
    fill(one, 1)
    fill(many, 25)
    if who == "scientist":
        client.force_login(InstitutionRoleFactory().user)

    cost = statements(client, many.get_absolute_url())

    assert cost <= budget
    assert cost == statements(client, one.get_absolute_url())
