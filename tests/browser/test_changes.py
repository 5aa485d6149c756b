"""An institution edits its record, an officer decides, and the editor is told: by hand of the people who do it."""

import io

from PIL import Image

from tests.browser.conftest import keep_screenshot
from tests.browser.test_journeys import wait_for_mail
from tests.browser.test_pages import violations

RECORD = "tribhuvan-university"
EDIT = f"/desk/institution/{RECORD}/edit/"
CITY = "Kirtipur by hand"


def look(page, name: str) -> None:
    """Each step is accessible, and no wider than the window."""
    keep_screenshot(page, f"changes-{name}")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def logo() -> dict:
    written = io.BytesIO()
    Image.new("RGB", (600, 200), "#0b5563").save(written, "PNG")
    return {"name": "logo.png", "mimeType": "image/png", "buffer": written.getvalue()}


def save(page) -> None:
    page.get_by_role("button", name="Save", exact=False).last.click()
    page.wait_for_load_state()


def test_changes_from_the_first_word_to_the_public_page(visit, portal):
    editor, officer = portal.login("editor"), portal.login("officer")
    page = visit(EDIT, user=editor)
    if page.get_by_role("link", name="See what waits").count():  # what the sample proposes already
        page.get_by_role("link", name="See what waits").click()
        page.get_by_role("button", name="Withdraw these changes").click()
        page.get_by_text("Withdrawn.").wait_for()
    look(page, "list")

    page.get_by_role("link", name="Names", exact=True).click()
    page.get_by_role("button", name="Add another row").click()
    last = page.locator("fieldset.row").last
    last.get_by_label("Name", exact=False).first.fill("Tribhuwan by hand")
    look(page, "names")
    save(page)

    page.get_by_role("link", name="Place", exact=True).click()
    page.get_by_label("Latitude").fill("27.68")
    page.get_by_label("Longitude").fill("")
    page.get_by_label("City").fill(CITY)
    save(page)
    page.get_by_role("heading", name="There is a problem").wait_for()
    look(page, "place-422")
    page.get_by_label("Longitude").fill("85.29")
    save(page)

    page.get_by_role("link", name="Logo", exact=True).click()
    page.get_by_label("New logo").set_input_files(logo())
    look(page, "logo")
    save(page)
    assert "3 fields changed" in page.locator("main").inner_text()

    page.get_by_role("link", name="Check and send").click()
    look(page, "check")
    page.get_by_label("For the officer").fill("See our page of May.")
    page.get_by_role("button", name="Send to the secretariat").click()
    page.get_by_role("heading", name="What happens next").wait_for()
    look(page, "sent")

    desk = visit("/desk/moderation/", user=officer)
    look(desk, "queue")
    desk.get_by_role("link", name="Tribhuvan University").first.click()
    look(desk, "moderate")
    desk.get_by_role("button", name="Decide").click()
    desk.get_by_role("heading", name="There is a problem").wait_for()
    look(desk, "moderate-422")
    for field, verdict in (("Names", "Do not accept"), ("Place", "Accept"), ("Logo", "Accept")):
        section = desk.locator("section", has=desk.get_by_role("heading", name=field, exact=True))
        section.get_by_label(verdict, exact=True).check()
        if verdict == "Do not accept":
            section.get_by_label("Reason").fill("It is not written so on your pages.")
    desk.get_by_role("button", name="Decide").click()
    desk.get_by_text("Decided. The person who proposed it is told.").wait_for()
    look(desk, "decided")

    message = wait_for_mail(portal.state / "mail", editor["email"], "Decided: your changes to Tribhuvan University")
    assert "Not accepted" in message
    page.goto(portal.url("/desk/inbox/"))
    page.get_by_role("link", name="Decided: your changes to Tribhuvan University").first.click()
    assert "It is not written so on your pages." in page.locator("main").inner_text()
    look(page, "told")

    public = visit(f"/members/{RECORD}/")
    text = public.locator("main").inner_text()
    assert CITY in text
    assert "Tribhuwan by hand" not in text
    shown = public.locator("img.logo")
    assert shown.evaluate("picture => [picture.complete, picture.naturalWidth]") == [True, 480]
    look(public, "public")
    visit.complaints[:] = [line for line in visit.complaints if "422" not in line]  # the browser writes the status down


def test_two_windows_and_the_page_that_shows_both_texts(visit, portal):
    editor = portal.login("editor")
    first, second = (visit(f"{EDIT}description/", user=editor, width=width) for width in (1280, 360))
    first.get_by_label("Description").first.fill("A university in the mountains of Nepal.")
    save(first)

    second.get_by_label("Description").first.fill("A university in the valleys of Nepal.")
    save(second)

    second.get_by_role("heading", name="This was changed while you wrote").wait_for()
    assert second.locator("del").text_content() == "removed: mountains, end of what is removed."
    assert second.locator("ins").text_content() == "added: valleys, end of what is added."
    assert second.get_by_label("Description").first.input_value() == "A university in the valleys of Nepal."
    look(second, "conflict-360")
    second.get_by_role("button", name="Save this text").click()
    second.get_by_text("Saved").first.wait_for()
    visit.complaints[:] = [line for line in visit.complaints if "409" not in line]
