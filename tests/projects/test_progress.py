"""The milestones and outputs of a project."""

import datetime

import pytest

from projects.models import Milestone, Output
from proposals.actions.decisions import apply_decisions, make_project, write_decision
from proposals.models import WorkPackage
from tests.factories import InstitutionFactory, InstitutionRoleFactory, ProjectFactory, UserFactory
from tests.pages import statements
from tests.proposals.acts import close, sent
from tests.proposals.test_pages import text

pytestmark = pytest.mark.django_db
TODAY = datetime.date.today()


@pytest.fixture
def project():
    return ProjectFactory(lead=InstitutionFactory(), partners=[InstitutionFactory()])


def person(project, role):
    return InstitutionRoleFactory(institution=project.participations.get(role=role).institution).user


def address(project, name="milestones") -> str:
    return f"/desk/projects/{project.slug}/{name}/"


def typed(client, project, *rows, name="milestones", **fields) -> dict:
    data = {"version": client.get(address(project, name)).context["version"]} | fields
    data |= {"form-TOTAL_FORMS": len(rows), "form-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"form-{number}-{field}": value for field, value in row.items()}
    return data


WELLS = {"title": "Ten wells sampled", "due_on": "2027-05-01"}
MAPS = {"title": "Maps drawn", "due_on": "2027-09-01", "note": "With the district office."}


def test_lead_institution_keeps_them_and_partners_read_them(client, project):
    client.force_login(person(project, "lead"))
    assert client.post(address(project), typed(client, project, WELLS, {}, MAPS)).status_code == 302
    assert "Saved." in text(client.get(address(project)))
    assert [one.title for one in Milestone.objects.all()] == ["Ten wells sampled", "Maps drawn"]

    client.force_login(person(project, "partner"))
    page = client.get(address(project))
    assert "With the district office." in text(page)
    assert "Change it" not in text(page)
    assert client.post(address(project), {}).status_code == 403


def test_row_that_stays_keeps_its_number(client, project):
    client.force_login(person(project, "lead"))
    client.post(address(project), typed(client, project, WELLS, MAPS))
    before = {one.title: one.pk for one in Milestone.objects.all()}
    reached = WELLS | {"reached_on": TODAY.isoformat()}
    client.post(address(project), typed(client, project, reached, MAPS))
    after = {one.title: one for one in Milestone.objects.all()}
    assert after["Maps drawn"].pk == before["Maps drawn"]
    assert after["Ten wells sampled"].reached_on == TODAY


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ({"title": "Wells"}, "leave the whole row empty"),
        ({**WELLS, "reached_on": (TODAY + datetime.timedelta(days=3)).isoformat()}, "this day has not come yet"),
        ({**WELLS, "due_on": "soon"}, "Enter a valid date"),
    ],
)
def test_wrong_row_is_named_and_kept(client, project, row, complaint):
    client.force_login(person(project, "lead"))
    answer = client.post(address(project), typed(client, project, row))
    assert answer.status_code == 422
    assert complaint in text(answer)
    assert row["title"] in answer.content.decode()
    assert not Milestone.objects.exists()


def test_who_comes_second_sees_both(client, project):
    client.force_login(person(project, "lead"))
    second = typed(client, project, MAPS)
    client.post(address(project), typed(client, project, WELLS))
    answer = client.post(address(project), second)
    assert answer.status_code == 409
    assert "Ten wells sampled" in text(answer)
    assert "Maps drawn" in answer.content.decode()
    assert Milestone.objects.get().title == "Ten wells sampled"


def test_milestones_are_hidden_from_others(client, project):
    Milestone.objects.create(project=project, **WELLS)
    client.force_login(UserFactory())
    assert client.get(address(project)).status_code == 404
    assert "Ten wells" not in text(client.get(project.get_absolute_url()))


def test_what_is_near_stands_on_the_desk_of_the_lead_institution(client, project):
    soon = Milestone.objects.create(project=project, title="Wells", due_on=TODAY + datetime.timedelta(days=5))
    Milestone.objects.create(project=project, title="Maps", due_on=TODAY + datetime.timedelta(days=200))
    client.force_login(person(project, "lead"))
    page = text(client.get("/desk/"))
    assert f"milestone due {soon.due_on.isoformat()}" in page
    assert "Maps" not in page
    for role in (person(project, "partner"), UserFactory(roles=["officer"])):
        client.force_login(role)
        assert "milestone due" not in text(client.get("/desk/"))


def test_outputs_stand_on_the_page_of_the_project(client, project):
    client.force_login(person(project, "lead"))
    output = {"kind": "dataset", "title": "Depths", "doi": "https://doi.org/10.5281/zenodo.77", "published_in": "2027"}
    assert client.post(address(project, "outputs"), typed(client, project, output, name="outputs")).status_code == 302
    client.logout()
    page = client.get(project.get_absolute_url()).content.decode()
    assert 'href="https://doi.org/10.5281/zenodo.77"' in page
    assert Output.objects.get().doi == "10.5281/zenodo.77"


def test_wrong_doi_is_named_beside_its_row(client, project):
    client.force_login(person(project, "lead"))
    wrong = {"kind": "dataset", "title": "Depths", "doi": "depths"}
    assert client.post(address(project, "outputs"), typed(client, project, wrong, name="outputs")).status_code == 422


def test_work_plan_of_an_accepted_proposal_becomes_milestones():
    proposal = sent()
    WorkPackage.objects.create(
        proposal=proposal, title="Wells", result="Ten", starts_on="2027-01-01", ends_on="2027-05-01"
    )
    officer = close(proposal).call.officers.get().user
    write_decision(proposal=proposal, outcome="accepted", feedback="", by=officer)
    apply_decisions(call=proposal.call, by=officer)
    project = make_project(proposal=proposal, by=officer)
    assert list(project.milestones.values_list("title", "note")) == [("Wells", "Ten")]


def test_page_asks_as_often_for_three_as_for_one(client, project):
    client.force_login(person(project, "lead"))
    Milestone.objects.create(project=project, **WELLS)
    once = statements(client, address(project))
    for number in range(2):
        Milestone.objects.create(project=project, title=f"More {number}", due_on="2027-08-01")
    assert statements(client, address(project)) == once
