"""Two scientists who do not know each other: one lets herself be found, the other writes, and neither learns an address."""

import re

from tests.browser.conftest import keep_screenshot
from tests.browser.test_journeys import wait_for_mail
from tests.browser.test_pages import violations

SUBJECT = "Your bats and our wells"


def accessible(page, name: str) -> None:
    keep_screenshot(page, f"people-{name}")
    assert violations(page) == [], name


def test_scientist_is_found_written_to_and_answers_without_anybody_s_address(visit, portal):
    writer, reader = portal.login("scientist", 1), portal.login("scientist", 0)
    mail = portal.state / "mail"

    # She hides her profile, and nobody finds her; she says what she knows and shows it.
    desk = visit("/desk/profile/", user=reader)
    accessible(desk, "profile")
    address = desk.get_by_role("link", name="its public page").get_attribute("href")
    desk.get_by_role("button", name="Hide my profile").click()
    accessible(desk, "profile-hidden")
    other = visit(address, user=writer)
    assert other.locator(".code").inner_text() == "404"
    visit.complaints.clear()  # the browser writes a status of 400 and more to the console
    desk.fill("[name=expertise]", desk.input_value("[name=expertise]") + "\nwater from wells")
    desk.get_by_role("button", name="Save the profile").click()
    desk.get_by_role("link", name="See it as others do").click()
    assert "This is what others would see" in desk.locator("main").inner_text()
    accessible(desk, "preview")
    desk.go_back()
    desk.get_by_role("button", name="Make my profile public").click()
    desk.get_by_text("Your profile is public.").wait_for()

    # He finds her by what she knows and where she works.
    other.goto(portal.url("/people/?expertise=water+from+wells"))
    accessible(other, "found")
    other.locator(".facets input[name=country][value=NP]").check()
    other.wait_for_url("**country=NP*")
    other.locator("main .rows a", has_text=reader["name"]).click()
    accessible(other, "person")
    other.get_by_role("link", name=re.compile("Write to")).click()
    accessible(other, "contact")

    # A message without a text is not lost, one with a text is relayed once.
    other.fill("[name=subject]", SUBJECT)
    other.locator("[name=text]").evaluate("field => field.required = false")
    other.get_by_role("button", name="Send the message").click()
    other.locator(".problems").wait_for()
    assert other.input_value("[name=subject]") == SUBJECT
    accessible(other, "contact-error")
    visit.complaints.clear()
    other.fill("[name=text]", "Would you look at forty samples?\n\nKhamsing")
    other.get_by_role("button", name="Send the message").dblclick()
    other.wait_for_url("**/desk/messages/*-*/")
    accessible(other, "sent")
    raw = wait_for_mail(mail, reader["email"], "forty samples")
    assert writer["email"] not in raw
    assert "Reply-To" not in raw
    assert reader["email"] not in other.content()

    # She reads it at her desk, answers, and then wants no more.
    desk.goto(portal.url("/desk/"))
    accessible(desk, "desk")
    desk.goto(portal.url("/desk/messages/"))
    assert desk.get_by_role("link", name=SUBJECT).count() == 1
    accessible(desk, "messages")
    desk.get_by_role("link", name=SUBJECT).click()
    assert writer["email"] not in desk.content()
    accessible(desk, "message")
    desk.fill("[name=text]", "Gladly, in spring.")
    desk.get_by_role("button", name="Send the answer").click()
    desk.get_by_text("Your answer is on its way.").wait_for()
    raw = wait_for_mail(mail, writer["email"], "Gladly, in spring.")
    assert reader["email"] not in raw
    desk.get_by_role("link", name="What this answers").click()
    desk.get_by_role("button", name="Get no more from this sender").click()
    accessible(desk, "blocked")

    # He writes again, and sees no difference; she sees nothing.
    other.goto(portal.url(f"{address}contact/"))
    other.fill("[name=subject]", "Are you there?")
    other.fill("[name=text]", "Please answer.")
    other.get_by_role("button", name="Send the message").click()
    other.get_by_text("Your message is on its way.").wait_for()
    desk.goto(portal.url("/desk/messages/"))
    assert desk.get_by_role("link", name="Are you there?").count() == 0
    desk.get_by_role("button", name="Let them write again").click()
    desk.get_by_text("can write again").wait_for()
