"""Reports of projects: asked for, written, read, and reminded of by the clock."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from notifications.models import Notification
from projects.actions.reports import (
    Schedule,
    ask_for_reports,
    judge_report,
    months_later,
    remind_of_reports,
    save_report,
    submit_report,
)
from projects.models import Report, ReportVersion
from tests.at_once import at_once
from tests.factories import InstitutionFactory, InstitutionRoleFactory, ProjectFactory, UserFactory
from tests.pages import statements
from toolkit.clock import database_today
from workflow.actions import WrongState

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def project():
    return ProjectFactory(lead=InstitutionFactory(name="Lead Academy"), partners=[InstitutionFactory()])


@pytest.fixture
def writer(project):
    return InstitutionRoleFactory(institution=project.participations.get(role="lead").institution).user


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"])


@pytest.fixture
def report(project):
    return Report.objects.create(project=project, kind="interim", due_on=database_today() + 30 * DAY)


def told(kind) -> set:
    return {row.subscriber.user for row in Notification.objects.filter(event__kind=kind)}


def write(report, by, text="Two wells were drilled.", private="The pump broke.", revision=None):
    last = report.versions.order_by("-number").first()
    revision = revision if revision is not None else last.revision if last and not last.submitted_at else 0
    return save_report(report=report, public_text=text, private_text=private, revision=revision, by=by)


def text(response) -> str:
    return response.content.decode()


# --- Asking


def test_officer_asks_for_a_series_and_a_second_click_for_nothing_more(client, project, writer, officer):
    client.force_login(officer)
    address = f"/desk/projects/{project.slug}/reports/"
    sent = {"kind": "interim", "first": "2027-01-31", "count": 3, "months": 6}
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent).status_code == 302

    days = project.reports.values_list("due_on", flat=True)
    assert [day.isoformat() for day in days] == ["2027-01-31", "2027-07-31", "2028-01-31"]
    assert told("report.asked") == {writer}
    assert "Interim report" in text(client.get(address))


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [("2027-01-31", 1, "2027-02-28"), ("2027-11-30", 3, "2028-02-29"), ("2027-12-01", 0, "2027-12-01")],
)
def test_a_day_that_the_month_has_not_is_its_last(day, months, later):
    assert months_later(datetime.date.fromisoformat(day), months).isoformat() == later


@pytest.mark.parametrize("wrong", [{"first": "soon"}, {"count": 0}, {"count": 41}, {"kind": "poem"}])
def test_what_is_wrong_in_the_request_is_said(client, project, officer, wrong):
    client.force_login(officer)
    sent = {"kind": "interim", "first": "2027-01-31", "count": 1, "months": 6} | wrong
    assert client.post(f"/desk/projects/{project.slug}/reports/", sent).status_code == 422
    assert not project.reports.exists()


def test_only_officers_ask(project, writer):
    with pytest.raises(PermissionDenied):
        ask_for_reports(project=project, schedule=Schedule("final", database_today()), by=writer)


# --- Writing and reading


def test_written_submitted_returned_written_again_and_accepted(client, report, writer, officer):
    client.force_login(writer)
    address = report.get_absolute_url()
    client.post(address, {"public_text": "One well.", "private_text": "The pump broke.", "revision": 0})
    assert report.versions.get().submitted_at is None
    client.post(address, {"public_text": "Two wells.", "private_text": "The pump broke.", "revision": 1, "submit": "1"})
    report.refresh_from_db()
    assert (report.state, told("report.handed_in")) == ("submitted", {officer})

    client.force_login(officer)
    assert "The pump broke." in text(client.get(address))
    client.post(f"{address}judge/", {"verdict": "return", "answer": "Where are they?"})
    assert told("report.returned") == {writer}

    client.force_login(writer)
    page = text(client.get(address))
    assert "Where are they?" in page
    assert "Two wells." in page  # the new version begins with the words of the last
    client.post(address, {"public_text": "Two wells at Skardu.", "private_text": "", "revision": 0, "submit": "1"})
    client.force_login(officer)
    client.post(f"{address}judge/", {"verdict": "accept", "answer": ""})

    client.logout()
    page = text(client.get(report.project.get_absolute_url()))
    assert "Two wells at Skardu." in page
    assert "The pump broke." not in page
    assert [version.public_text for version in report.versions.order_by("number")] == [
        "Two wells.",
        "Two wells at Skardu.",
    ]


def test_nothing_to_read_is_not_submitted_and_what_was_typed_stays(client, report, writer):
    client.force_login(writer)
    sent = {"public_text": " ", "private_text": "The pump broke.", "revision": 0, "submit": "1"}
    answer = client.post(report.get_absolute_url(), sent)

    assert answer.status_code == 422
    assert "Write what the public may read" in text(answer)
    assert "The pump broke." in text(answer)
    report.refresh_from_db()
    assert report.state == "due"


def test_two_at_once_see_both_texts_and_overwrite_nothing(client, report, writer):
    write(report, writer, "Hers.")
    client.force_login(writer)
    answer = client.post(report.get_absolute_url(), {"public_text": "His.", "private_text": "", "revision": 0})

    assert answer.status_code == 409
    assert "Hers." in text(answer)
    assert "His." in text(answer)
    assert report.versions.get().public_text == "Hers."


def test_return_needs_a_reason(client, report, writer, officer):
    write(report, writer)
    submit_report(report=report, by=writer)
    client.force_login(officer)
    answer = client.post(f"{report.get_absolute_url()}judge/", {"verdict": "return", "answer": " "})

    assert answer.status_code == 422
    assert "Say what is to be changed." in text(answer)


def test_second_click_submits_once(report, writer):
    write(report, writer)
    submit_report(report=report, by=writer)
    submit_report(report=report, by=writer)
    assert ReportVersion.objects.count() == 1


def test_what_was_submitted_is_not_written_and_what_is_due_not_judged(report, writer, officer):
    with pytest.raises(WrongState):
        judge_report(report=report, accept=True, answer="", by=officer)
    write(report, writer)
    submit_report(report=report, by=writer)
    with pytest.raises(ValidationError, match="It is submitted"):
        write(report, writer)


def test_officer_with_a_role_in_the_project_does_not_judge_it(report, writer, officer):
    write(report, writer)
    submit_report(report=report, by=writer)
    InstitutionRoleFactory(user=officer, institution=report.project.participations.get(role="partner").institution)
    with pytest.raises(PermissionDenied):
        judge_report(report=report, accept=True, answer="", by=officer)


def test_partners_read_and_strangers_know_of_nothing(client, report, writer):
    write(report, writer)
    partner = InstitutionRoleFactory(institution=report.project.participations.get(role="partner").institution).user
    client.force_login(partner)
    assert client.get(report.get_absolute_url()).status_code == 200
    assert client.post(report.get_absolute_url(), {"public_text": "x", "revision": 0}).status_code == 403
    for user in (UserFactory(), InstitutionRoleFactory().user):
        client.force_login(user)
        assert client.get(report.get_absolute_url()).status_code == 404


def test_officers_do_not_read_the_draft(client, report, writer, officer):
    write(report, writer, "Not ready.")
    client.force_login(officer)
    assert "Not ready." not in text(client.get(report.get_absolute_url()))


def test_what_waits_stands_on_the_desk(client, report, writer, officer):
    client.force_login(writer)
    assert report.get_absolute_url() in text(client.get("/desk/"))
    write(report, writer)
    submit_report(report=report, by=writer)
    client.force_login(officer)
    assert report.get_absolute_url() in text(client.get("/desk/"))


@pytest.mark.parametrize("written", [True, False])
def test_only_what_nobody_began_is_taken_back(client, report, writer, officer, written):
    if written:
        write(report, writer)
    client.force_login(officer)
    client.post(f"{report.get_absolute_url()}remove/")
    assert Report.objects.exists() == written


# --- The clock


@pytest.mark.parametrize(
    ("days", "kinds"),
    [
        (20, set()),
        (14, {"report.reminder"}),
        (0, {"report.reminder"}),
        (-13, {"report.reminder"}),
        (-14, {"report.late"}),
    ],
)
def test_each_day_that_has_passed_reminds_once(project, writer, officer, days, kinds):
    report = Report.objects.create(project=project, kind="final", due_on=database_today() + days * DAY)
    Report.objects.update(made_at=timezone.now() - 90 * DAY)
    for _ in range(2):
        remind_of_reports()

    assert set(Notification.objects.values_list("event__kind", flat=True)) >= kinds
    assert told("report.late") == ({writer, officer} if days == -14 else set())
    report.refresh_from_db()
    assert bool(report.reminded_for is not None) == bool(kinds)


def test_one_that_was_asked_for_late_is_not_reminded_of_a_day_before(project, writer):
    Report.objects.create(project=project, kind="special", due_on=database_today() + 3 * DAY)
    assert remind_of_reports() == 0


def test_what_was_submitted_is_not_reminded_of(report, writer):
    write(report, writer)
    submit_report(report=report, by=writer)
    Report.objects.update(due_on=database_today() - 20 * DAY, made_at=timezone.now() - 90 * DAY)
    assert remind_of_reports() == 0


def test_more_reports_cost_no_more_statements(client, project, report, writer):
    client.force_login(writer)
    address = f"/desk/projects/{project.slug}/reports/"
    one = statements(client, address)
    for days in (1, 2):
        Report.objects.create(project=project, kind="final", due_on=database_today() + days * DAY)
    assert statements(client, address) == one


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_remind_once(project, writer):
    Report.objects.create(project=project, kind="final", due_on=database_today())
    Report.objects.update(made_at=timezone.now() - 90 * DAY)
    at_once(*[remind_of_reports] * 3, told=())
    assert Notification.objects.filter(event__kind="report.reminder").count() == 1
