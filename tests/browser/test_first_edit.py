"""Somebody without an account is invited, makes one, and their first change of the record reaches the public page."""

from tests.browser.conftest import keep_screenshot
from tests.browser.test_accounts import newest_code
from tests.browser.test_invitation import link_in_mail
from tests.browser.test_pages import violations

NEWCOMER = "sarvinoz.karimova@example.org"
CITY = "Written by a newcomer"


def look(page, name: str) -> None:
    """Each step is accessible, and no wider than the window."""
    keep_screenshot(page, f"first-edit-{name}")
    assert violations(page) == [], name
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_newcomer_is_invited_signs_up_and_mends_the_record(visit, portal):
    inviter = visit("/desk/institution/", user=portal.login("focal_point", 2))
    record = inviter.get_by_role("link", name="Public page").get_attribute("href")
    inviter.get_by_role("link", name="People and invitations").first.click()
    inviter.get_by_role("link", name="Invite somebody").click()
    inviter.fill("[name=email]", NEWCOMER)
    inviter.get_by_label("editor").check()
    inviter.get_by_role("button", name="Send the invitation").click()
    inviter.get_by_text(f"The invitation to {NEWCOMER} is on its way.").wait_for()

    # The newcomer makes an account on the way, and comes back to the invitation.
    page = visit(link_in_mail(portal.state / "mail", NEWCOMER))
    look(page, "1-offer")
    page.locator("main").get_by_role("link", name="Make an account").click()
    look(page, "2-sign-up")
    page.fill("[name=name]", "Sarvinoz Karimova")
    page.fill("[name=email]", NEWCOMER)
    page.fill("[name=password1]", "nine quiet lanterns")
    page.get_by_role("button", name="Go on").click()
    page.fill("[name=code]", newest_code(portal, NEWCOMER, "your code to sign up"))
    look(page, "3-code")
    page.get_by_role("button", name="Make my account").click()
    page.get_by_role("button", name="Accept").wait_for()
    look(page, "4-answer")
    page.get_by_role("button", name="Accept").click()
    page.locator(".messages", has_text="Welcome: you are now editor").wait_for()
    look(page, "5-welcome")
    institution = page.locator("h1").inner_text()

    # The first change, from the desk to the officer.
    page.goto(page.url.rstrip("/") + "/edit/")
    look(page, "6-parts")
    page.get_by_role("link", name="Place", exact=True).click()
    page.get_by_label("City").fill(CITY)
    look(page, "7-place")
    page.get_by_role("button", name="Save").last.click()
    page.get_by_role("link", name="Check and send").click()
    look(page, "8-check")
    page.get_by_role("button", name="Send to the secretariat").click()
    page.get_by_role("heading", name="What happens next").wait_for()
    look(page, "9-sent")
    public = visit(record)
    assert CITY not in public.locator("main").inner_text()

    officer = visit("/desk/moderation/", user=portal.login("officer"))
    officer.get_by_role("link", name=institution).first.click()
    section = officer.locator("section", has=officer.get_by_role("heading", name="Place", exact=True))
    section.get_by_label("Accept", exact=True).check()
    look(officer, "10-officer")
    officer.get_by_role("button", name="Decide").click()
    officer.get_by_text("Decided. The person who proposed it is told.").wait_for()

    public.reload()
    assert CITY in public.locator("main").inner_text()
    look(public, "11-public")
