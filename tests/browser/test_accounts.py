"""An account from its first page to its last: signing up, codes, passkeys, an authenticator app, sessions."""

import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from tests.browser.conftest import keep_screenshot
from tests.browser.test_journeys import wait_for_mail
from tests.browser.test_pages import violations

NAME, EMAIL, PASSWORD = "Amara Perera", "amara.perera@example.org", "three green engines"


def look(page, name: str) -> None:
    keep_screenshot(page, f"account-{name}")
    assert violations(page) == []
    assert page.locator("h1").count() == 1


def newest_code(portal, address: str, title: str) -> str:
    return re.search(r"([B-Z]{4}-[B-Z]{4})", wait_for_mail(portal.state / "mail", address, title))[1]


def sign_out(page) -> None:
    page.locator("[data-menu] summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Sign in").wait_for()


def give_authenticator(page) -> None:
    """As a phone or a laptop holds one: it keeps passkeys and knows its owner."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    options |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_sign_up_then_in_by_code_then_by_passkey(visit, portal):
    page = visit("/accounts/login/?next=/countries/LK/", host="localhost")
    look(page, "sign-in")
    page.get_by_role("link", name="Make one").click()
    look(page, "sign-up")
    page.fill("[name=name]", NAME)
    page.fill("[name=email]", EMAIL)
    page.fill("[name=password1]", PASSWORD)
    page.get_by_role("button", name="Go on").click()
    look(page, "type-the-code")
    page.fill("[name=code]", newest_code(portal, EMAIL, "your code to sign up"))
    page.get_by_role("button", name="Make my account").click()
    page.wait_for_url("**/countries/LK/")

    sign_out(page)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("link", name="Send me a code by e-mail").click()
    look(page, "ask-for-a-code")
    page.fill("[name=email]", EMAIL.upper())
    page.get_by_role("button", name="Send me a code").click()
    page.fill("[name=code]", newest_code(portal, EMAIL, "your code to sign in").lower())
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/desk/")

    give_authenticator(page)
    page.locator("[data-menu] summary").click()
    page.get_by_role("link", name="Account settings").click()
    look(page, "settings")
    page.get_by_role("link", name="Passkeys and second factor").click()
    look(page, "second-factor")
    page.get_by_role("link", name="Passkeys and security keys").click()
    look(page, "add-passkey")
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    look(page, "recovery-codes")
    page.goto(page.url.partition("/accounts/")[0] + "/accounts/2fa/webauthn/")
    look(page, "passkeys")

    sign_out(page)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/desk/")

    page.goto(page.url.partition("/desk/")[0] + "/accounts/sessions/")
    look(page, "sessions")
    assert page.get_by_text("this one").count() == 1


def test_sign_up_with_a_passkey_alone(visit, portal):
    address = "passkey.only@example.org"
    page = visit("/accounts/signup/passkey/", host="localhost", width=360, scheme="dark")
    give_authenticator(page)
    look(page, "sign-up-passkey")
    page.fill("[name=name]", NAME)
    page.fill("[name=email]", address)
    page.get_by_role("button", name="Go on").click()
    page.fill("[name=code]", newest_code(portal, address, "your code to sign up"))
    page.get_by_role("button", name="Make my account").click()
    look(page, "make-passkey")
    page.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url("**/desk/")

    sign_out(page)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url("**/desk/")


def test_authenticator_app_is_asked_for_after_the_password(visit, portal):
    person = portal.login("scientist", 1)
    page = visit("/accounts/2fa/totp/activate/", user=person)
    look(page, "app")
    key = page.locator("main code").inner_text().strip()
    page.fill("[name=code]", code_of(key))
    page.get_by_role("button", name="Set it up").click()
    page.get_by_role("heading", name="Recovery codes").wait_for()
    recovery = page.locator("main li code").first.inner_text()

    sign_out(page)
    enter_password(page, portal, person)
    look(page, "ask-second-factor")
    page.fill("[name=code]", code_of(key))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/desk/")

    sign_out(page)
    enter_password(page, portal, person)
    page.fill("[name=code]", recovery)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/desk/")
    page.goto(portal.url("/accounts/2fa/totp/deactivate/"))
    look(page, "app-off")
    page.get_by_role("button", name="Remove it").click()
    page.get_by_text("Your authenticator app is removed.").wait_for()


def enter_password(page, portal, person) -> None:
    page.goto(portal.url("/accounts/login/"))
    page.fill("[name=login]", person["email"])
    page.fill("[name=password]", person["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/2fa/authenticate/")


def code_of(key: str) -> str:
    """Of now, and not in the last second of its half minute."""
    if time.time() % 30 > 27:
        time.sleep(4)
    return format_hotp_value(hotp_value(key, int(time.time()) // 30))


def test_passkey_that_is_not_given_is_said_on_the_page(visit):
    page = visit("/accounts/login/", host="localhost")
    page.evaluate(
        "() => { navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError')) }"
    )
    page.get_by_role("button", name="Use a passkey").click()

    page.get_by_text("No passkey came.").wait_for()


def test_signing_in_by_code_needs_no_javascript(visit, portal):
    address = "no.script@example.org"
    page = visit("/accounts/signup/", script=False, width=360)
    page.fill("[name=name]", NAME)
    page.fill("[name=email]", address)
    page.get_by_role("button", name="Go on").click()
    page.fill("[name=code]", newest_code(portal, address, "your code to sign up"))
    page.get_by_role("button", name="Make my account").click()
    assert page.url.endswith("/desk/")
