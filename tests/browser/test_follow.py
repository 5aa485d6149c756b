"""Somebody without an account follows a country by e-mail, hears of an offer that a host makes itself, and stops it by one link."""

import re

import pytest

from tests.browser.conftest import keep_screenshot
from tests.browser.test_exchange import look as accessible
from tests.browser.test_journeys import wait_for_mail

ADDRESS = "journalist@example.org"


@pytest.mark.time_limit(200)
def test_visitor_follows_by_address_hears_of_an_offer_and_stops_it(visit, portal):
    mail = portal.state / "mail"
    page = visit("/countries/KE/", width=360)
    page.get_by_role("link", name="Follow Kenya").click()
    page.get_by_label("E-mail address").fill(ADDRESS)
    accessible(page, "follow-1-address")
    page.get_by_role("button", name="Send me the link").click()
    page.get_by_role("heading", name="Look into your mail").wait_for()

    asked = wait_for_mail(mail, ADDRESS, "Do you want to follow Kenya?")
    assert "List-Unsubscribe" not in asked
    page.goto(link(asked, "notifications/follow"))
    accessible(page, "follow-2-confirm")
    page.get_by_role("button", name="Yes, follow it").click()
    page.get_by_role("heading", name="How I am told").wait_for()
    accessible(page, "follow-3-mine")
    page.get_by_label("New members, and members that leave").select_option("weekly")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("This is how you hear of things from now on.").wait_for()

    host = visit("/desk/exchanges/", user=portal.login("focal_point"), width=360, script=False)
    host.get_by_role("link", name="Your offers").click()
    host.get_by_role("link", name="Make an offer").first.click()
    host.get_by_label("What is it?").select_option("visit")
    host.get_by_label("Title").fill("A month among the acacias")
    host.get_by_role("button", name="Go on").click()
    host.get_by_label("country", exact=False).first.select_option("KE")
    host.get_by_label("places").fill("2")
    host.locator("[name=starts_on]").fill("2030-03-01")
    host.locator("[name=apply_by]").fill("2030-01-15T17:00")
    keep_screenshot(host, "exchange-follow-4-offer")
    host.get_by_role("button", name="Save and open").click()
    host.get_by_text("It is open now, and those who follow are told.").wait_for()

    told = wait_for_mail(mail, ADDRESS, "A month among the acacias")
    assert "You get this because you follow Kenya." in told
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in told
    page.goto(link(told, "notifications/stop"))
    accessible(page, "follow-5-stop")
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("heading", name="Stopped").wait_for()
    page.goto(link(told, "notifications/mine"))
    page.get_by_text("You do not follow anything now.").wait_for()


def test_digest_of_the_sample_leads_to_what_it_tells_and_to_its_end(visit, portal):
    digest = wait_for_mail(portal.state / "mail", "officer.2@example.org", "new at", seconds=90)
    assert "Exchange offers" in digest
    assert digest.count("Stop this: http") >= 1

    page = visit("/")
    page.goto(re.findall(r"List-Unsubscribe: <(\S+)>", digest.replace("\r\n ", "").replace("\n ", ""))[0])
    page.get_by_text("what you asked to get in one mail").wait_for()
    accessible(page, "follow-6-digest")


def link(message: str, path: str) -> str:
    """The last one in the plain text, which stands behind the raw message."""
    return re.findall(rf"http://\S+/{path}/\S+", message)[-1]
