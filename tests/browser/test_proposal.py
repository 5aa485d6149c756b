"""A proposal from the draft over the confirmations of its partners to the submission, through three people's hands."""

from tests.browser.conftest import keep_screenshot
from tests.browser.test_pages import violations
from tests.toolkit.test_documents_uploads import pdf


def look(page, name: str) -> None:
    """Each step is accessible, and no wider than the window."""
    keep_screenshot(page, f"proposal-{name}")
    assert violations(page) == [], name
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_draft_is_completed_confirmed_and_submitted(visit, portal):
    page = visit("/desk/proposals/", user=portal.login("scientist", 1))
    look(page, "1-list")
    page.get_by_role("link", name="Fluoride in village wells").click()
    look(page, "2-tasks")
    draft = page.url

    for part, words in [("The work", "Because nobody knows."), ("What remains", "Clean water.")]:
        page.get_by_role("link", name=part, exact=True).click()
        page.wait_for_url("**/parts/**")
        for field in page.locator("main textarea").all():
            field.fill(words)
        if page.locator("main select").count():
            page.locator("main select").select_option("yes")
        page.get_by_text("revision").wait_for()  # it saves itself
        if page.locator("main input[type=file]").count():
            page.locator("main input[type=file]").set_input_files({"name": "plan.pdf", "mimeType": "", "buffer": pdf()})
        look(page, f"3-{part.lower().replace(' ', '-')}")
        page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Budget", exact=True).click()
    for number, amount in enumerate(["30000", "25000.50"]):
        page.locator(f"[name=form-{number}-partner]").select_option(index=number)
        page.locator(f"[name=form-{number}-amount]").fill(amount)
    look(page, "4-budget")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("EUR 55,000.50").wait_for()

    page.get_by_role("link", name="Partners and their confirmations").click()
    look(page, "5-partners")
    page.get_by_role("button", name="Ask 2 institutions to confirm").click()
    page.goto(f"{draft}check/")
    page.get_by_text("have not confirmed yet").first.wait_for()

    for number in (0, 1):
        speaker = visit("/desk/", user=portal.login("focal_point", number))
        speaker.get_by_role("link", name="Fluoride in village wells").first.click()
        look(speaker, f"6-confirm-{number}")
        speaker.get_by_label("Yes, it takes part as described").check()
        speaker.get_by_role("button", name="Answer for the institution").click()
        speaker.get_by_text("confirmed", exact=True).first.wait_for()

    page.reload()
    look(page, "7-check")
    page.get_by_role("button", name="Submit the proposal").click()
    page.get_by_text("SHA-256").first.wait_for()
    page.get_by_role("link", name="Download as PDF").or_(page.get_by_text("The PDF is being made")).wait_for()
    look(page, "8-submitted")

    officer = visit("/desk/calls/", user=portal.login("officer"))
    officer.get_by_role("link", name="Safe drinking water").click()
    look(officer, "9-officer")
    assert "Fluoride in village wells" in officer.locator("main").inner_text()
