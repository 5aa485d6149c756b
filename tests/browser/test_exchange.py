"""An exchange from the offer to the accepted report, through the hands of all who take part; its letter, and a forged one."""

import re

import pytest

from tests.browser.conftest import keep_screenshot
from tests.browser.test_pages import violations


def look(page, name: str) -> None:
    """Each step is accessible, and no wider than the window."""
    keep_screenshot(page, f"exchange-{name}")
    assert violations(page) == [], name
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.time_limit(300)
def test_exchange_is_applied_for_answered_approved_and_invited_to(visit, portal):
    page = visit("/exchanges/", user=portal.login("scientist"), width=360)
    page.get_by_role("link", name="Observing run and data school").first.click()
    page.get_by_role("link", name="Apply", exact=True).click()
    page.get_by_label("Name, acronym or ROR id").fill("Jomo Kenyatta")
    page.get_by_role("button", name="Look up").click()
    page.locator("main .rows").get_by_role("link", name="Jomo Kenyatta").first.click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("purpose").fill("To learn how the archive is kept.")
    look(page, "1-form")
    page.get_by_role("button", name="Save").click()
    stay = page.url
    look(page, "2-draft")
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("Submitted: home and host are asked.").wait_for()

    for number, side in ((0, "home"), (2, "host")):
        speaker = visit(stay.removeprefix(portal.address), user=portal.login("focal_point", number))
        speaker.get_by_label("Yes", exact=True).check()
        look(speaker, f"3-{side}")
        speaker.get_by_role("button", name="Answer for the").click()

    officer = visit("/desk/exchanges/", user=portal.login("officer"))
    look(officer, "4-officer-list")
    officer.goto(stay)
    officer.get_by_role("button", name="Approve it").click()
    officer.get_by_text("Approved: everybody who takes part is told.").wait_for()

    speaker.reload()
    speaker.get_by_role("button", name="Issue the letter").click()
    speaker.get_by_text("The letter is issued").wait_for()
    page.reload()
    page.get_by_role("button", name="It is ready").first.click()
    look(page, "5-scheduled")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("Download INV-")).click()
    letter = download.value.path().read_bytes()

    visitor = visit(
        page.get_by_role("link", name="Where anybody can verify it").get_attribute("href"), width=360, scheme="dark"
    )
    for name, content, words in [
        ("6-genuine", letter, "The file is genuine"),
        ("7-forged", letter + b"\n", "The file is not genuine"),
    ]:
        visitor.locator("input[type=file]").set_input_files(
            {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": content}
        )
        visitor.get_by_role("button", name="Compare").click()
        visitor.get_by_role("heading", name=words, exact=True).wait_for()
        look(visitor, name)
    assert "Sunita" not in visitor.locator("main").inner_text()


@pytest.mark.time_limit(300)
def test_report_is_confirmed_by_the_host_and_accepted(visit, portal):
    host = visit("/desk/", user=portal.login("focal_point", 2))
    host.get_by_role("link", name="EX-00003").first.click()
    host.get_by_role("button", name="Confirm it for the host").click()
    host.get_by_text("Confirmed by the host").wait_for()
    look(host, "8-confirmed")
    officer = visit(host.url.removeprefix(portal.address), user=portal.login("officer", 1))
    officer.get_by_role("button", name="Accept the report").click()
    officer.get_by_text("report accepted").first.wait_for()
    look(officer, "9-accepted")
