"""The portal as a visitor meets it: started by its own supervisor with the sample alliance, walked by headless Chromium.

Screenshots go to the folder that ANSO_SCREENSHOTS names; without it none are kept.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
SCREENSHOTS = os.environ.get("ANSO_SCREENSHOTS")
# A busy machine with two cores takes minutes to start a portal. Playwright's own time-outs end what hangs in a page; the limits
# are for what has none, such as a script that never returns.
START_LIMIT, SET_UP_LIMIT, TEST_LIMIT = 300, 400, 240


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.time_limit(TEST_LIMIT, fixtures=SET_UP_LIMIT))
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="no Chromium found: apt-get install chromium, or set CHROMIUM"))


@dataclass
class Portal:
    address: str
    state: Path
    process: subprocess.Popen
    logins: list[dict] = field(default_factory=list)
    cookies: dict[str, list] = field(default_factory=dict)  # of those who stay signed in from test to test, by address
    records: dict[str, str] = field(default_factory=dict)  # where the first of each kind was found, by type of page

    def url(self, path: str) -> str:
        return self.address + path

    def login(self, role: str, number: int = 0) -> dict:
        return [login for login in self.logins if login["role"] == role][number]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def portal():
    """A whole portal of its own, with embedded servers, worker, beat, relay and the sample."""
    state = Path(tempfile.mkdtemp(prefix="anso-browser-"))
    address = f"http://127.0.0.1:{(port := free_port())}"
    given = ("DATABASE_URL", "REDIS_URL", "ANSO_IGNORE_RUNNING_PORTAL", "PORTAL_BASE_URL", "DJANGO_SETTINGS_MODULE")
    environment = {name: value for name, value in os.environ.items() if name not in given}
    log = (state / "up.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up", "--port", str(port)],
        cwd=ROOT,
        env={**environment, "ANSO_STATE_DIR": str(state)},
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        give_up_at = time.monotonic() + START_LIMIT
        while not answers(f"{address}/healthz"):
            if process.poll() is not None or time.monotonic() > give_up_at:
                pytest.fail(f"The portal did not start:\n{(state / 'up.log').read_text()[-4000:]}")
            time.sleep(0.2)
        yield Portal(address, state, process, json.loads((state / "sample-logins.json").read_text()))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()
        shutil.rmtree(state, ignore_errors=True)


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import Locator, sync_playwright

    begin = Locator.click

    def click(locator, **options):
        begin(locator, **options)
        locator.page.wait_for_load_state()

    # Playwright waits until a page begins that a click asks for. A test that then counts or reads would find half of it.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setattr(Locator, "click", click)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, portal):
    """`visit(path, width=360, scheme="dark", script=False, user=login)` opens a page in a context of its own.

    With `stays` the person signs in once for all tests, which may then not sign out. A page that writes an error to the
    console, or loads anything from another host, fails the test at its end.
    """
    contexts, complaints = [], []

    def open_page(
        path: str,
        *,
        width: int = 1280,
        scheme: str = "light",
        script: bool = True,
        user: dict | None = None,
        stays: bool = False,
        host: str = "127.0.0.1",  # Browsers make passkeys for names only.
    ):
        here = portal.address.replace("127.0.0.1", host)
        context = chromium.new_context(
            viewport={"width": width, "height": 900 if width > 600 else 760},
            color_scheme=scheme,
            java_script_enabled=script,
            reduced_motion="reduce",
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: message.type == "error" and complaints.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "request",
            lambda request: request.url.startswith((here, "data:")) or complaints.append(request.url),
        )
        if user and stays and user["email"] in portal.cookies:
            context.add_cookies(portal.cookies[user["email"]])
        elif user:
            sign_in(page, portal, user)
            portal.cookies |= {user["email"]: context.cookies()} if stays else {}
        page.goto(here + path)
        return page

    open_page.complaints = complaints
    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def sign_in(page, portal, user: dict) -> None:
    page.goto(portal.url("/accounts/login/"))
    page.fill("[name=login]", user["email"])
    page.fill("[name=password]", user["password"])
    page.click("form[action='/accounts/login/'] button[type=submit]")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def keep_screenshot(page, name: str, *, full: bool = True) -> None:
    if SCREENSHOTS:
        folder = Path(SCREENSHOTS)
        folder.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=folder / f"{name}.png", full_page=full)
