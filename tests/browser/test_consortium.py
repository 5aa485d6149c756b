"""Three institutions of three countries answer a call together, without a line of JavaScript, on a phone for the lead person."""

import datetime

import pytest

from tests.browser.conftest import keep_screenshot

TITLE = "Clean water for three valleys"
PARTNERS = [
    ("Pakistan Academy of Sciences", "Samples from forty wells."),
    ("University of Chile", "The laboratory for arsenic."),
]


def look(page, name: str) -> None:
    keep_screenshot(page, f"consortium-{name}")
    assert page.locator("h1").count() == 1


@pytest.mark.time_limit(300)
def test_consortium_from_the_call_over_a_refusal_by_its_rules_to_the_submission(visit, portal):
    page = visit("/calls/", user=portal.login("scientist"), width=360, script=False)
    page.get_by_role("link", name="Safe drinking water").first.click()
    page.get_by_role("link", name="Begin a proposal").click()
    look_up(page, "Jomo Kenyatta")
    page.get_by_label("Working title").fill(TITLE)
    page.get_by_role("button", name="Begin", exact=True).click()
    draft = page.url
    look(page, "1-tasks")

    for name, contribution in PARTNERS:
        page.goto(f"{draft}partners/add/")
        look_up(page, name)
        page.get_by_label("what it contributes").fill(contribution)
        page.get_by_role("button", name="Add it").click()
    page.goto(f"{draft}basics/")
    start = datetime.date.today().replace(day=1) + datetime.timedelta(days=200)
    page.get_by_label("summary").fill("Three valleys, three kinds of dirt in the water, and one cheap filter.")
    page.get_by_label("first day").fill(start.isoformat())
    page.get_by_label("last day").fill((start + datetime.timedelta(days=5 * 365)).isoformat())
    page.get_by_role("button", name="Save").click()
    for part in ("The work", "What remains"):
        page.get_by_role("link", name=part, exact=True).click()
        for field in page.locator("main textarea").all():
            field.fill("Because the wells are all that there is.")
        if page.locator("main select").count():
            page.locator("main select").select_option("yes")
        if page.locator("main table").count():
            page.get_by_label("Device, row 1").fill("Spectrometer")
        page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Budget", exact=True).click()
    for number, amount in enumerate(["40000", "30000", "20000"]):
        page.locator(f"[name=form-{number}-partner]").select_option(index=number)
        page.locator(f"[name=form-{number}-amount]").fill(amount)
    page.get_by_role("button", name="Save", exact=True).click()

    # The rules of the call refuse it, in a sentence that says what is wrong.
    page.goto(f"{draft}check/")
    assert "36 months" in page.locator("main").inner_text()
    look(page, "2-refused")
    page.goto(f"{draft}basics/")
    page.get_by_label("last day").fill((start + datetime.timedelta(days=2 * 365)).isoformat())
    page.get_by_role("button", name="Save").click()

    page.goto(f"{draft}partners/")
    page.get_by_role("button", name="Ask 3 institutions to confirm").click()
    for number in range(3):
        speaker = visit("/desk/", user=portal.login("focal_point", number), script=False)
        speaker.get_by_role("link", name=TITLE).first.click()
        speaker.get_by_label("Yes, it takes part as described").check()
        speaker.get_by_role("button", name="Answer for the institution").click()
        speaker.get_by_text("confirmed", exact=True).first.wait_for()

    page.goto(f"{draft}check/")
    page.get_by_role("button", name="Submit the proposal").click()
    page.get_by_text("SHA-256").first.wait_for()
    assert "Spectrometer" in page.locator("main").inner_text()
    look(page, "3-submitted")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def look_up(page, name: str) -> None:
    page.get_by_label("Name, acronym or ROR id").fill(name)
    page.get_by_role("button", name="Look up").click()
    page.locator("main .rows").get_by_role("link", name=name).first.click()
