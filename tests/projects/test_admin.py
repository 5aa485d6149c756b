import pytest
from django.urls import reverse
from django.utils import timezone

from projects.models import Participation, Project
from tests.desk import errors, fields, queries_of, send
from tests.factories import (
    CenterFactory,
    InstitutionFactory,
    ParticipationFactory,
    ProjectFactory,
    ProjectSiteFactory,
    SourceFactory,
    ThemeFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

LIST = reverse("admin:projects_project_changelist")


@pytest.fixture
def desk(client):
    client.force_login(UserFactory(roles=["officer"], name="Olive Officer"))
    return client


def page(project, name="change"):
    return reverse(f"admin:projects_project_{name}", args=[project.pk])


def test_lead_is_handed_over_in_one_step(desk):
    lead, partner = InstitutionFactory(name="Lead"), InstitutionFactory(name="Partner")
    project = ProjectFactory(lead=lead, partners=[partner])

    response = send(desk, page(project), {"participations-0-role": "partner", "participations-1-role": "lead"})

    assert response.status_code == 302, errors(response)
    roles = dict(project.participations.values_list("institution__name", "role"))
    assert roles == {"Lead": "partner", "Partner": "lead"}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"participations-1-role": "lead"}, "A project has one lead."),
        ({"starts_on": "2027-02-01", "ends_on": "2027-01-01"}, "cannot end before"),
        ({"amount": "100"}, "its currency"),
        ({"currency": "EUR"}, "its currency"),
        ({"amount": "-1", "currency": "EUR"}, "its currency"),
    ],
)
def test_what_the_rules_forbid_is_said_on_the_page(desk, changes, complaint):
    project = ProjectFactory(lead=InstitutionFactory(), partners=[InstitutionFactory()])

    response = send(desk, page(project), changes)

    assert complaint in errors(response)


def test_institution_takes_part_once(desk):
    institution = InstitutionFactory()
    project = ProjectFactory(partners=[institution])

    row = {"role": "partner", "name_as_given": "Again", "institution": str(institution.pk), "position": "1"}
    response = send(desk, page(project), add={"participations": [row]})

    assert "takes part in this project already" in errors(response)


def test_partners_that_no_record_is_certain_for_may_be_several(desk):
    project = ProjectFactory()

    rows = [{"role": "partner", "name_as_given": name, "institution": "", "position": "1"} for name in ("One", "Two")]
    send(desk, page(project), add={"participations": rows})

    assert sorted(Participation.objects.values_list("name_as_given", flat=True)) == ["One", "Two"]


def test_lists_of_words_are_written_one_per_line_and_stay_whole(desk):
    project = ProjectFactory(keywords=["water, drinking", "Sri Lanka"], source_urls=["https://cordis.europa.eu/1"])

    send(desk, page(project), {"title": "Renamed"})
    project.refresh_from_db()
    assert (project.title, project.keywords) == ("Renamed", ["water, drinking", "Sri Lanka"])
    assert fields(desk.get(page(project)))["keywords"] == ["water, drinking\nSri Lanka"]

    send(desk, page(project), {"keywords": " water \r\n\r\nice\r\n", "source_urls": ""})
    project.refresh_from_db()
    assert (project.keywords, project.source_urls, project.slug) == (["water", "ice"], [], project.slug)


def test_new_project_is_a_draft_until_it_is_published(desk, client):
    send(desk, reverse("admin:projects_project_add"), {"title": "Clean Water"})
    project = Project.objects.get()
    assert (project.slug, project.published_at) == ("clean-water", None)

    desk.post(LIST, {"action": "publish", "_selected_action": [project.pk]})
    project.refresh_from_db()
    first = project.published_at
    assert first is not None

    desk.post(LIST, {"action": "publish", "_selected_action": [project.pk]})
    project.refresh_from_db()
    assert project.published_at == first

    desk.post(LIST, {"action": "withdraw", "_selected_action": [project.pk]})
    project.refresh_from_db()
    assert project.published_at is None


def test_list_asks_as_often_for_three_projects_as_for_one(desk):
    def make():
        project = ProjectFactory(lead=InstitutionFactory(), source=SourceFactory())
        project.themes.add(ThemeFactory())
        project.centers.add(CenterFactory())

    make()
    desk.get(LIST)
    one = queries_of(desk, LIST)
    make()
    make()

    assert queries_of(desk, LIST) == one <= 12


def test_page_asks_as_often_for_three_partners_as_for_one(desk):
    project = ProjectFactory(lead=InstitutionFactory())
    ProjectSiteFactory(project=project)
    desk.get(page(project))
    one = queries_of(desk, page(project))
    for _ in range(2):
        ParticipationFactory(project=project, role="partner")
        ProjectSiteFactory(project=project)

    assert queries_of(desk, page(project)) == one <= 16


@pytest.mark.parametrize(("status", "year"), [("completed", 2000), ("planned", 2999)])
def test_list_filters_by_the_computed_status(desk, status, year):
    ProjectFactory(title="Active", starts_on=timezone.localdate())
    ProjectFactory(title="Other", starts_on=f"{year}-01-01", ends_on=f"{year}-12-31")

    response = desk.get(LIST, {"status": status})

    assert [project.title for project in response.context["cl"].result_list] == ["Other"]


def test_history_tells_of_partners_too(desk):
    project = ProjectFactory(partners=[InstitutionFactory(name="University of X")])
    send(desk, page(project), {"participations-0-name_as_given": "Univ. X"})

    entries = desk.get(page(project, "history")).context["page"].entries

    changes = [(e.who, c.what, str(c.field), c.before, c.after) for e in entries for c in e.changes]
    assert ("Olive Officer", "lead or partner", "name as given", "University of X", "Univ. X") in changes
