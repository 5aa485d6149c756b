"""One exchange announced, end to end on real parts, by hand of the people who do it."""

import re
import time

from tests.browser.conftest import keep_screenshot, sign_in


def unread(page) -> int:
    """The number that the masthead shows beside the inbox."""
    found = re.search(r"\d+", page.locator(".masthead a[href='/desk/inbox/']").inner_text())
    return int(found.group()) if found else 0


def test_scientist_follows_a_country_and_hears_of_an_offer_that_an_officer_opens(visit, portal):
    scientist, officer = portal.login("scientist"), portal.login("officer")
    mail = portal.state / "mail"

    reader = visit("/countries/LK/", user=scientist)
    if reader.get_by_role("button", name="Follow Sri Lanka", exact=True).count():
        reader.get_by_role("button", name="Follow Sri Lanka", exact=True).click()
    reader.get_by_role("button", name="Stop following Sri Lanka").wait_for()
    before = unread(reader)

    desk = visit("/admin/exchanges/offer/add/", user=officer)
    desk.fill("[name=title]", "Visiting fellow for lagoon ecology")
    desk.select_option("[name=kind]", "fellowship")
    for name, words in (("institution", "Ruhuna"), ("country", "Sri Lanka")):
        choose(desk, name, words)
    desk.fill("[name=places]", "2")
    desk.fill("[name=starts_on]", "2030-03-01")
    desk.fill("[name=apply_by_0]", "2030-01-15")
    desk.fill("[name=apply_by_1]", "17:00:00")
    desk.click("[name=_continue]")
    desk.get_by_role("button", name="Save and open (publish)").click()
    desk.locator(".field-state .readonly", has_text="open").wait_for()

    keep_screenshot(desk, "desk-offer")
    reader.goto(portal.url("/desk/inbox/"))
    keep_screenshot(reader, "inbox")
    assert unread(reader) == before + 1
    item = reader.get_by_role("link", name=re.compile("Visiting fellow for lagoon ecology"))
    item.first.click()
    assert reader.locator("h1").inner_text() == "Visiting fellow for lagoon ecology"

    message = wait_for_mail(mail, scientist["email"], "lagoon")
    assert "You get this because you follow" in message
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in message


def choose(page, name: str, words: str) -> None:
    """Picks from one of the admin's autocompletes."""
    page.locator(f".field-{name} .select2-selection").first.click()
    page.locator(".select2-search__field").last.fill(words)
    page.locator(".select2-results__option--highlighted, .select2-results__option[aria-selected]").first.wait_for()
    page.wait_for_timeout(400)
    page.locator(".select2-results__option").first.click()


def wait_for_mail(folder, address: str, words: str, seconds: int = 30) -> str:
    import email
    import email.policy

    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        for path in folder.glob("*.eml"):
            raw = path.read_bytes()
            message = email.message_from_bytes(raw, policy=email.policy.default)
            if (
                address in str(message["To"])
                and words in str(message["Subject"]) + message.get_body(("plain",)).get_content()
            ):
                return raw.decode() + message.get_body(("plain",)).get_content()
        time.sleep(0.3)
    raise AssertionError(f"No mail to {address} with “{words}” within {seconds} s.")


def test_sign_in_out_and_a_wrong_password(visit, portal):
    person = portal.login("scientist", 1)
    page = visit("/accounts/login/")
    page.fill("[name=login]", person["email"])
    page.fill("[name=password]", "not the password")
    page.click("form[action='/accounts/login/'] button[type=submit]")
    assert page.locator("[role=alert], .errorlist, .error").first.is_visible()
    assert page.input_value("[name=login]") == person["email"]
    visit.complaints.clear()  # the browser writes the status of the page itself to the console

    sign_in(page, portal, person)
    assert page.locator(".masthead a[href='/desk/inbox/']").count() == 1


def test_sample_left_real_messages(portal):
    for role in ("scientist", "focal_point"):
        address = portal.login(role)["email"]
        message = wait_for_mail(portal.state / "mail", address, "", seconds=40)
        assert "List-Unsubscribe:" in message
