"""A training from its announcement to a certificate that anybody verifies; and the page of a host that is full."""

import re

from tests.browser.test_exchange import look


def test_training_is_offered_signed_up_for_and_certified(visit, portal):
    host = visit("/desk/training/", user=portal.login("focal_point"), width=1280)
    look(host, "training-1-desk")
    host.get_by_role("link", name="Offer a training").click()
    host.get_by_label("name", exact=False).first.fill("Seed keeping")
    host.get_by_role("button", name="Go on").click()
    host.get_by_text("Now say on which days it is given.").wait_for()
    host.get_by_label("Places").fill("2")
    host.get_by_role("button", name="Announce it").click()
    host.locator(".problems").wait_for()  # the days are missing, and the places are kept
    assert host.get_by_label("Places").input_value() == "2"
    visit.complaints[:] = [line for line in visit.complaints if "422" not in line]  # the browser writes the status down
    host.get_by_label("First day").fill("2099-03-01")
    host.get_by_label("Last day").fill("2099-03-02")
    look(host, "training-2-session")
    host.get_by_role("button", name="Announce it").click()
    host.get_by_text("those who follow the center are told").wait_for()

    guest = visit("/centers/", user=portal.login("scientist"), width=360, scheme="dark")
    guest.get_by_role("link", name="Sino-Africa Joint Research Center").first.click()
    look(guest, "training-3-center")
    guest.get_by_role("link", name="Seed keeping").click()
    guest.get_by_role("button", name="Sign up").click()
    guest.get_by_text("You have a place.").wait_for()
    look(guest, "training-4-signed-up")
    guest.get_by_role("button", name="Sign off").click()
    guest.get_by_text("You are signed off").wait_for()

    # One that is over: who was there is noted, and gets the certificate.
    host.goto(portal.url("/desk/"))
    host.get_by_role("link", name="Safety in the field and in the laboratory").first.click()
    host.get_by_role("heading", name="Who was there?").wait_for()
    for yes in host.get_by_label("was there", exact=True).all():
        yes.check()
    look(host, "training-5-attendance")
    host.get_by_role("button", name="Save").click()
    host.get_by_role("button", name=re.compile("Issue")).click()
    host.get_by_text(re.compile("certificates? (is|are) issued")).wait_for()
    look(host, "training-6-certified")

    guest.goto(portal.url("/desk/training/"))
    look(guest, "training-7-own")
    with guest.expect_download() as download:
        guest.get_by_role("link", name=re.compile("CERT-")).first.click()
    paper = download.value.path().read_bytes()
    guest.locator("main").get_by_role("link", name="Safety in the field").first.click()
    look(guest, "training-8-session")
    address = guest.get_by_role("link", name="Where anybody can verify it").get_attribute("href")
    visitor = visit(address, width=360)
    for content, said in ((paper, "The file is genuine"), (paper + b"\n", "The file is not genuine")):
        visitor.set_input_files("input[type=file]", {"name": "c.pdf", "mimeType": "application/pdf", "buffer": content})
        visitor.get_by_role("button", name="Compare").click()
        visitor.get_by_text(said).wait_for()
    look(visitor, "training-9-verified")


def test_host_says_how_many_guests_it_takes(visit, portal):
    host = visit("/desk/exchanges/offers/", user=portal.login("focal_point", 2), width=360)
    host.get_by_label("Guests at the same time").fill("1")
    look(host, "room-1-offers")
    host.get_by_role("button", name="Save").click()
    host.get_by_text("Saved.").wait_for()
    assert host.get_by_label("Guests at the same time").input_value() == "1"
    host.get_by_label("Guests at the same time").fill("")
    host.get_by_role("button", name="Save").click()
    host.get_by_text("Saved.").wait_for()
