"""A focal point invites an editor, who follows the link of the mail, signs in, accepts, and is at the desk of the institution."""

import email
import email.policy
import re
import time

from tests.browser.conftest import keep_screenshot
from tests.browser.test_pages import AXE, Axe


def check(page, name: str) -> None:
    """Accessible, and kept as a picture."""
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, found.generate_report()
    keep_screenshot(page, f"invitation-{name}")


def link_in_mail(folder, address: str, seconds: int = 60) -> str:
    """The link of the newest mail to this address that holds one of an invitation."""
    give_up_at = time.monotonic() + seconds
    while time.monotonic() < give_up_at:
        for path in sorted(folder.glob("*.eml"), reverse=True):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            text = message.get_body(("plain",)).get_content()
            if address in str(message["To"]) and (found := re.search(r"/invitations/[\w-]{43}/", text)):
                return found[0]
        time.sleep(0.3)
    raise AssertionError(f"No invitation to {address} within {seconds} s.")


def test_focal_point_invites_an_editor_who_accepts(visit, portal):
    focal_point, invited = portal.login("focal_point", 1), portal.login("scientist", 1)

    page = visit("/desk/institution/", user=focal_point)
    name = page.locator("h1").inner_text()
    check(page, "overview")
    page.get_by_role("link", name="People and invitations").first.click()
    check(page, "people")
    page.get_by_role("link", name="Invite somebody").click()
    page.fill("[name=email]", "no address")
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.get_by_role("button", name="Send the invitation").click()
    page.locator(".problems").wait_for()
    check(page, "refused")
    page.fill("[name=email]", invited["email"])
    page.get_by_label("editor").check()
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_text(f"The invitation to {invited['email']} is on its way.").wait_for()
    check(page, "sent")

    link = link_in_mail(portal.state / "mail", invited["email"])
    guest = visit(link)
    assert guest.url == portal.url("/invitations/offer/")
    assert guest.locator("h1").inner_text() == f"You are invited to be editor of {name}"
    check(guest, "offer")
    guest.locator("main").get_by_role("link", name="Sign in").click()
    guest.fill("[name=login]", invited["email"])
    guest.fill("[name=password]", invited["password"])
    guest.click("form[action='/accounts/login/'] button[type=submit]")
    guest.get_by_role("button", name="Accept").wait_for()
    check(guest, "answer")
    guest.get_by_role("button", name="Accept").click()
    guest.wait_for_url("**/desk/institution/**")
    assert guest.locator("h1").inner_text() == name
    assert f"Welcome: you are now editor of {name}." in guest.locator(".messages").inner_text()
    check(guest, "welcome")

    again = visit(link)
    assert again.locator("h1").inner_text() == "This link no longer works"
    again.context.clear_cookies()
    visit.complaints.clear()  # the console notes that the page is not found, which it is meant to be


def test_list_is_checked_line_by_line(visit, portal, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("email;role;name\namina@example.org;editor;Amina\nnonsense;king;=1+1\n")

    page = visit("/desk/institution/", width=360, user=portal.login("focal_point", 2))
    page.goto(page.url + "people/invite/many/")
    check(page, "many")
    page.set_input_files("[name=file]", file)
    page.get_by_role("button", name="Check the list").click()
    page.get_by_text("1 invitation is ready").wait_for()
    check(page, "preview")
    page.get_by_role("button", name="Send 1 invitation").click()
    page.get_by_text("1 invitation is on its way.").wait_for()


def test_deputy_and_succession_are_accessible(visit, portal):
    page = visit("/desk/institution/", scheme="dark", user=portal.login("focal_point"))
    desk = page.url
    for path in ("people/", "people/deputy/", "promises/"):
        page.goto(desk + path)
        check(page, path.strip("/").replace("/", "-"))
    page.goto(desk + "people/")
    page.get_by_role("link", name="Hand over to a successor").click()
    check(page, "hand-over")
    page.go_back()
    page.get_by_role("link", name="Give up this role").click()
    check(page, "last-focal-point")


def test_roles_in_the_alliance_are_accessible(visit, portal):
    page = visit("/desk/roles/", user=portal.login("administrator"))
    check(page, "alliance-roles")
    page.get_by_role("link", name="Give a role to an account").click()
    check(page, "alliance-give")
