"""An institution joins: from the public form to the map, by hand of the visitor and the officer, without a violation of axe."""

import datetime
import re

from tests.browser.conftest import keep_screenshot
from tests.browser.test_journeys import wait_for_mail
from tests.browser.test_pages import violations

INSTITUTION = "Observatory of High Glaciers"
ADDRESS = "amina.rahmani@example.org"


def look(page, name: str) -> None:
    keep_screenshot(page, f"membership-{name}")
    assert violations(page) == [], name
    assert page.locator("h1").count() == 1


def step(page, button: str) -> None:
    page.locator(".page-head .actions").get_by_role("link", name=button, exact=True).click()
    page.get_by_role("heading", level=1, name=button).wait_for()


def test_institution_applies_and_becomes_a_member(visit, portal):
    today = datetime.datetime.now(datetime.UTC).date().isoformat()

    # A visitor without an account looks the institution up and does not find it.
    visitor = visit("/members/")
    visitor.get_by_role("link", name="Apply to join").click()
    look(visitor, "1-apply")
    visitor.fill("[name=q]", INSTITUTION)
    visitor.get_by_role("button", name="Look up").click()
    look(visitor, "2-not-found")
    visitor.get_by_role("link", name="It is not here").click()

    # The form complains, keeps what was typed, and shows the answers before anything is sent.
    assert visitor.input_value("[name=name]") == INSTITUTION
    for name, value in {
        "city": "Khorog",
        "contact_name": "Amina Rahmani",
        "contact_position": "Director",
        "contact_email": ADDRESS,
        "motivation": "We share the glaciers of the Pamir.",
    }.items():
        visitor.fill(f"[name={name}]", value)
    visitor.select_option("[name=language]", "en")
    visitor.select_option("[name=kind]", "institute")
    visitor.select_option("[name=country]", "TJ")
    visitor.get_by_role("button", name="Look at the answers").click()
    assert visitor.locator(".problems").evaluate("element => element === document.activeElement")
    look(visitor, "3-problem")
    visit.complaints.clear()  # the browser writes the 422 itself to the console
    visitor.check("[name=consents]")
    visitor.get_by_role("button", name="Look at the answers").click()
    look(visitor, "4-answers")
    visitor.get_by_role("button", name="Change What can it bring?").click()
    assert visitor.url.endswith("#id_contribution")
    visitor.fill("[name=contribution]", "Forty years of snow records.")
    visitor.get_by_role("button", name="Look at the answers").click()
    visitor.get_by_role("button", name="Send", exact=True).click()
    look(visitor, "5-look-into-your-mailbox")

    # The address is confirmed by the link of the mail.
    message = wait_for_mail(portal.state / "mail", ADDRESS, "Confirm your application")
    link = re.search(r"https?://\S+?(/members/apply/[\w-]+/)", message)[1]
    visitor.goto(portal.url(link))
    look(visitor, "6-confirm")
    visitor.get_by_role("button", name="Confirm and send the application").click()
    visitor.get_by_role("heading", name=INSTITUTION).wait_for()
    reference = re.search(r"ANSO-M-\d{4}-\d{4}", visitor.locator(".page-head").inner_text())[0]
    look(visitor, "7-received")
    wait_for_mail(portal.state / "mail", ADDRESS, reference)

    # An officer checks it, asks a question, and is answered.
    officer = visit("/desk/", user=portal.login("officer"))
    officer.get_by_role("link", name=INSTITUTION).click()
    look(officer, "8-officer")
    step(officer, "Accept into check")
    look(officer, "9-accept")
    officer.get_by_role("button", name="Accept into check").click()
    step(officer, "Ask a question")
    officer.fill("[name=text]", "Who reads the gauges in winter?")
    look(officer, "10-ask")
    officer.get_by_role("button", name="Ask a question").click()

    visitor.reload()
    assert "Who reads the gauges in winter?" in visitor.locator("main").inner_text()
    visitor.fill("[name=text]", "The families of the valley.")
    look(visitor, "11-question")
    visitor.get_by_role("button", name="Send the answer").click()

    officer.reload()
    assert "The families of the valley." in officer.locator("main").inner_text()
    step(officer, "The check is done")
    officer.get_by_role("button", name="The check is done").click()

    # Two named meetings decide.
    for title, name in (
        ("Record the endorsement", "Governing Board 9"),
        ("Record the admission", "General Assembly 9"),
    ):
        step(officer, title)
        officer.get_by_text("A meeting that is not in the list").click()
        officer.fill("[name=name]", name)
        officer.fill("[name=held_on]", today)
        look(officer, title.split()[-1])
        officer.get_by_role("button", name=title).click()
    officer.get_by_text("Admitted by the assembly: General Assembly 9").wait_for()
    look(officer, "14-admitted")

    # It stands in the list and on the map, and the applicant sees it.
    visitor.reload()
    look(visitor, "15-admitted")
    visitor.goto(portal.url("/members/"))
    assert visitor.get_by_role("link", name=INSTITUTION).count() == 1
    visitor.goto(portal.url("/"))
    assert visitor.locator(f".map a[href='/members/{INSTITUTION.lower().replace(' ', '-')}/']").count() == 1
    yesterday = (datetime.date.fromisoformat(today) - datetime.timedelta(days=1)).isoformat()
    visitor.goto(portal.url(f"/members/?as_of={yesterday}"))
    assert visitor.get_by_role("link", name=INSTITUTION).count() == 0
    wait_for_mail(portal.state / "mail", ADDRESS, "invite", seconds=40)
