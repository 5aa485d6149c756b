"""Proposals judged by those who may, refused to those who must not, ranked, decided, and one that becomes a project."""

import pytest

from tests.browser.conftest import keep_screenshot
from tests.browser.test_pages import violations

CALL = "/desk/calls/living-with-floods-landslides-and-drought/"


def look(page, name: str) -> None:
    """Each step is accessible, and no wider than the window."""
    keep_screenshot(page, f"review-{name}")
    assert violations(page) == [], name
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def judge(page, title: str, name: str) -> None:
    page.get_by_role("link", name=title).first.click()
    for criterion in page.locator("#judgement fieldset").all():
        criterion.get_by_label("4 – very good").check()
    page.get_by_label("Comment to the applicants").fill("A good plan. Say more about the second year.")
    look(page, name)
    page.get_by_role("button", name="Hand in").click()


@pytest.mark.time_limit(300)
def test_review_with_a_conflict_then_ranking_decision_and_project(visit, portal):
    page = visit("/desk/", user=portal.login("reviewer"))
    page.get_by_role("link", name="My reviews").first.click()
    look(page, "1-list")
    judge(page, "Drought signals from the leaves of quinoa", "2-judgement")
    page.goto(portal.url("/desk/reviews/"))
    judge(page, "After the flood", "3-second")
    page.get_by_text("That was the last one.").wait_for()

    officer = visit(CALL, user=portal.login("officer"))
    officer.get_by_role("link", name="Review", exact=True).click()
    look(officer, "4-desk")
    officer.get_by_role("link", name="Drought signals").click()
    assert "has or had a project with University of Chile" in officer.locator("main").inner_text()
    officer.get_by_label("Reviewer", exact=True).select_option("Thandolwethu Mabusela")
    officer.get_by_role("button", name="Give it to this reviewer").click()
    officer.get_by_text("There is a conflict of interest.").first.wait_for()
    look(officer, "5-conflict")
    bound = visit("/desk/reviews/", user=portal.login("reviewer", 1), width=360, scheme="dark")
    assert "Drought signals" not in bound.locator("main").inner_text()
    look(bound, "6-the-other-reviewer")

    officer.goto(portal.url(f"{CALL}review/"))
    officer.get_by_role("button", name="Open the discussion").click()
    page.goto(portal.url("/desk/reviews/"))
    page.get_by_role("link", name="After the flood").first.click()
    page.get_by_text("Careful and useful.").wait_for()
    page.get_by_label("Your remark").fill("I agree, but the budget is thin.")
    page.get_by_role("button", name="Say it").click()
    look(page, "7-discussion")
    assert "Thandolwethu" not in page.locator("main").inner_text()

    officer.reload()
    officer.get_by_role("button", name="To the panel").click()
    officer.get_by_role("link", name="Panel meeting").click()
    officer.get_by_label("held on").fill("2027-03-01")
    for place, field in enumerate(officer.locator("[name^=place_]").all(), 1):
        field.fill(str(place))
    look(officer, "8-panel")
    officer.get_by_role("button", name="Save").click()
    officer.get_by_role("button", name="Lock it").click()
    officer.get_by_text("The ranking is locked.").wait_for()
    look(officer, "9-locked")

    for title, outcome in [
        ("Flood warnings", "accept"),
        ("Drought signals", "do not accept"),
        ("After the flood", "accept"),
    ]:
        officer.goto(portal.url(CALL))
        officer.get_by_role("listitem").filter(has_text=title).get_by_role("link", name="Decide").click()
        officer.get_by_label(outcome, exact=True).check()
        officer.get_by_label("Feedback to the applicant").fill("Thank you.")
        officer.get_by_role("button", name="Save the decision").click()
    officer.get_by_role("button", name="Announce the decisions").click()
    officer.get_by_text("Decided and announced: 3").wait_for()
    look(officer, "10-decided")
    officer.get_by_role("listitem").filter(has_text="Flood warnings").get_by_role(
        "button", name="Make it a project"
    ).click()
    officer.get_by_role("heading", level=1, name="Flood warnings that reach the last village").wait_for()
    assert "/projects/" in officer.url
    look(officer, "11-project")
    visit.complaints[:] = [line for line in visit.complaints if "422" not in line]  # the refusal of the conflict
