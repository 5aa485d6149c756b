"""Team and work plan: rows that are saved as a whole, and what becomes of them."""

import datetime

import pytest

from proposals.actions.content import content_of
from proposals.actions.dossiers import dossier
from proposals.actions.papers import paper_of
from proposals.actions.submission import obstacles
from proposals.models import Proposal, ReviewPlan, TeamMember, WorkPackage
from tests.factories import InstitutionFactory, ProposalFactory, UserFactory
from tests.pages import statements
from tests.proposals.acts import sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposal(client):
    proposal = ProposalFactory(lead=InstitutionFactory(name="Lead Academy"))
    client.force_login(proposal.applicant)
    return proposal


def rows(client, address, *values, version=None) -> dict[str, str]:
    """What the form sends with these rows in it."""
    page = client.get(address)
    data = {"form-TOTAL_FORMS": len(values), "form-INITIAL_FORMS": 0, "version": version or page.context["version"]}
    for number, row in enumerate(values):
        data |= {f"form-{number}-{name}": value for name, value in row.items()}
    return data


def package(key, title="Wells", first="2027-03-01", last="2027-06-30", **more) -> dict:
    return {"partner": key, "title": title, "starts_on": first, "ends_on": last, "result": "A map."} | more


def test_team_is_saved_whole_and_empty_rows_are_left_out(client, proposal):
    partner, address = proposal.partners.get(), f"{proposal.get_absolute_url()}team/"
    sent_rows = [{"partner": partner.pk, "name": "Amina", "task": "Wells"}, {"partner": partner.pk, "name": ""}]
    assert client.post(address, rows(client, address, *sent_rows)).status_code == 302
    assert client.post(address, rows(client, address, {"partner": partner.pk, "name": "Bela"})).status_code == 302

    assert list(proposal.team.values_list("name", "task")) == [("Bela", "")]


def test_plan_is_frozen_with_what_is_submitted(client, proposal):
    partner, address = proposal.partners.get(), f"{proposal.get_absolute_url()}plan/"
    client.post(address, rows(client, address, package(partner.pk), package(partner.pk, "Maps")))

    plan = content_of(Proposal.objects.get(pk=proposal.pk))["plan"]
    assert [(one["title"], one["institution"], one["starts_on"]) for one in plan] == [
        ("Wells", "Lead Academy", "2027-03-01"),
        ("Maps", "Lead Academy", "2027-03-01"),
    ]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"title": ""}, "Fill this in"),
        ({"ends_on": "2027-02-01"}, "It cannot end before it starts."),
        ({"starts_on": "tomorrow"}, "Enter a valid date"),
        ({"partner": 10**6}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(client, proposal, row, said):
    address = f"{proposal.get_absolute_url()}plan/"
    answer = client.post(address, rows(client, address, package(proposal.partners.get().pk, **row)))

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "A map." in answer.content.decode()
    assert not WorkPackage.objects.exists()


def test_two_at_once_see_both_and_overwrite_nothing(client, proposal):
    partner, address = proposal.partners.get().pk, f"{proposal.get_absolute_url()}team/"
    before = client.get(address).context["version"]
    client.post(address, rows(client, address, {"partner": partner, "name": "Amina", "task": "Wells"}))
    answer = client.post(address, rows(client, address, {"partner": partner, "name": "Bela"}, version=before))

    assert answer.status_code == 409
    assert "Lead Academy · Amina · Wells" in answer.content.decode()
    assert 'value="Bela"' in answer.content.decode()
    assert TeamMember.objects.get().name == "Amina"


def test_work_outside_the_dates_of_the_proposal_stops_the_submission(client, proposal):
    partner, address = proposal.partners.get(), f"{proposal.get_absolute_url()}plan/"
    day = proposal.ends_on + datetime.timedelta(days=1)
    client.post(address, rows(client, address, package(partner.pk, "Too late", last=day.isoformat())))

    proposal.refresh_from_db()
    assert "“Too late” is not within the dates of the proposal." in [one.sentence for one in obstacles(proposal)]


def test_stranger_and_partner_cannot_write_them(client, proposal):
    client.force_login(UserFactory())
    for page in ("team", "plan"):
        assert client.get(f"{proposal.get_absolute_url()}{page}/").status_code == 404


def with_people() -> Proposal:
    proposal = ProposalFactory(lead=InstitutionFactory(name="Lead Academy"))
    partner = proposal.partners.get()
    TeamMember.objects.create(proposal=proposal, partner=partner, name="Amina Known", task="Wells")
    dates = {"starts_on": proposal.starts_on, "ends_on": proposal.ends_on}
    WorkPackage.objects.create(proposal=proposal, partner=partner, title="Drilling", **dates)
    return proposal


@pytest.mark.parametrize(("blindness", "names"), [("single", True), ("double", False)])
def test_reviewers_know_the_team_only_where_they_may_know_who_proposes(blindness, names):
    proposal = sent()
    submission = proposal.submissions.get()
    submission.content = content_of(with_people())
    submission.save()
    plan = ReviewPlan.objects.create(call=proposal.call, due_at=proposal.call.closes_at, blindness=blindness)

    shown = str(dossier(proposal, plan))
    assert "Drilling" in shown
    assert ("Amina Known" in shown, "Lead Academy" in shown) == (names, names)


def test_they_stand_in_the_pdf():
    proposal = sent()
    submission = proposal.submissions.get()
    submission.content = content_of(with_people())

    headings = [section.heading for section in paper_of(submission).sections]
    assert {"Team", "Work plan"} < set(headings)


def test_more_rows_cost_no_more_statements(client, proposal):
    partner, address = proposal.partners.get(), f"{proposal.get_absolute_url()}team/"
    TeamMember.objects.create(proposal=proposal, partner=partner, name="One")
    one = statements(client, address)
    for name in ("Two", "Three"):
        TeamMember.objects.create(proposal=proposal, partner=partner, name=name)
    assert statements(client, address) == one
