"""Two records of one institution become one and then two again, by hand of an officer, and the old address follows."""

from tests.browser.conftest import keep_screenshot
from tests.browser.test_journeys import choose
from tests.browser.test_pages import violations

NAME, DOUBLE = "Institute of Glacier Weather", "lnstitute of Glacier Weather"  # the second begins with a small L
KEPT, GONE = "/members/institute-of-glacier-weather/", "/members/lnstitute-of-glacier-weather/"


def look(page, name: str) -> None:
    """Each step is accessible, and no wider than the window."""
    keep_screenshot(page, f"merge-{name}")
    assert violations(page) == [], name
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def write_down(desk, portal, name: str, city: str) -> None:
    desk.goto(portal.url("/admin/members/institution/add/"))
    desk.fill("[name=name]", name)
    desk.fill("[name=city]", city)
    choose(desk, "country", "Tajikistan")
    desk.select_option("[name=kind]", "institute")
    desk.click("[name=_save]")


def test_officer_merges_two_look_alikes_and_takes_it_back(visit, portal):
    desk = visit("/desk/", user=portal.login("officer"))
    write_down(desk, portal, NAME, "Khorog")
    desk.wait_for_url("**/admin/members/institution/")
    write_down(desk, portal, DOUBLE, "Murghab")
    desk.check(
        "input[type=checkbox][name=another_one]"
    )  # the desk has seen that they look alike, and is told that they are two
    desk.click("[name=_save]")
    desk.wait_for_url("**/admin/members/institution/")

    desk.goto(portal.url("/desk/registry/?gap=double&q=glacier"))
    look(desk, "registry")
    desk.get_by_role("link", name=f"Are they one? {NAME}, {DOUBLE}").click()
    desk.get_by_role("heading", name="What merging these two records does").wait_for()
    look(desk, "preview")
    if desk.locator(".two section", has_text="Goes").get_by_role("link", name=NAME, exact=True).count():
        desk.get_by_role("link", name="The other way round").click()
    desk.get_by_role("button", name="Merge the two records").evaluate("button => button.form.noValidate = true")
    desk.get_by_role("button", name="Merge the two records").click()
    desk.locator(".problems").wait_for()
    visit.complaints.clear()  # the browser writes the 422 to the console
    look(desk, "preview-422")
    assert desk.locator(".two section", has_text="Stays").get_by_role("link", name=NAME, exact=True).count() == 1
    desk.get_by_label("Murghab, Tajikistan").check()
    desk.fill("[name=reason]", "One house, written down twice.")
    desk.get_by_role("button", name="Merge the two records").click()
    desk.get_by_role("heading", name=f"{DOUBLE} into {NAME}").wait_for()
    look(desk, "merged")

    public = visit(GONE)
    assert public.url == portal.url(KEPT)
    assert public.locator("h1").inner_text() == NAME
    assert "Murghab" in public.locator("main").inner_text()
    look(public, "old-address")

    desk.fill("[name=reason]", "They are two after all.")
    desk.get_by_role("button", name="Make them two again").click()
    desk.get_by_text("Everything stands again where it stood before.").wait_for()
    look(desk, "taken-back")

    for address, name, city in ((KEPT, NAME, "Khorog"), (GONE, DOUBLE, "Murghab")):
        public = visit(address)  # of another reader: a browser may remember for an hour where the old address led
        assert public.url == portal.url(address)
        assert public.locator("h1").inner_text() == name
        assert city in public.locator("main").inner_text()
