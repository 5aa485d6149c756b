"""An announcement that an officer holds, words anew and lets go, from the kind that waits to the mail that arrives."""

from tests.browser.test_exchange import look
from tests.browser.test_journeys import wait_for_mail


def test_officer_words_an_announcement_anew_and_lets_it_go(visit, portal):
    reader = portal.login("scientist")
    follower = visit("/centers/", user=reader, width=360)
    follower.get_by_role("link", name="Sino-Africa Joint Research Center").first.click()
    follower.get_by_role("button", name="Follow", exact=False).first.click()
    follower.get_by_role("button", name="Stop following").first.wait_for()

    officer = visit("/desk/outbox/", user=portal.login("officer"), width=1280)
    officer.get_by_label("Hold from now on").select_option("training.announced")
    officer.get_by_role("button", name="Hold mail of this kind").click()
    officer.get_by_role("heading", name="A center announces a training").wait_for()

    host = visit("/desk/training/", user=portal.login("focal_point"))
    host.get_by_role("link", name="Safety in the field and in the laboratory").first.click()
    host.get_by_label("First day").fill("2098-05-04")
    host.get_by_label("Last day").fill("2098-05-05")
    host.get_by_label("Places").fill("5")
    host.get_by_role("button", name="Announce it").click()
    host.get_by_text("those who follow the center are told").wait_for()

    officer.reload()
    look(officer, "outbox-1-waiting")
    officer.locator("[aria-labelledby=waiting]").get_by_role("link", name="Safety in the field").click()
    look(officer, "outbox-2-held")
    officer.get_by_label("Subject").fill("Bring your boots: %(title)s")
    officer.get_by_role("button", name="Save the words").click()
    officer.get_by_text("Bring your boots: Safety").first.wait_for()
    officer.set_viewport_size({"width": 360, "height": 760})
    officer.emulate_media(color_scheme="dark")
    look(officer, "outbox-3-worded")
    officer.get_by_role("button", name="Release now").click()
    assert "Bring your boots" in wait_for_mail(portal.state / "mail", reader["email"], "Bring your boots")
    officer.goto(portal.url("/desk/outbox/"))
    officer.get_by_role("button", name="Let them go by themselves").click()
    officer.get_by_text("None: all mail goes by itself.").wait_for()
