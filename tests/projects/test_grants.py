"""The grant agreement of a project and its instalments."""

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from projects.actions.grants import save_grant
from projects.models import Grant, Instalment
from tests.factories import InstitutionFactory, InstitutionRoleFactory, ProjectFactory, UserFactory
from tests.pages import statements

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return ProjectFactory(lead=InstitutionFactory(), partners=[InstitutionFactory()])


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"])


def person(project, role):
    return InstitutionRoleFactory(institution=project.participations.get(role=role).institution).user


def address(project) -> str:
    return f"/desk/projects/{project.slug}/grant/"


def typed(*instalments, **fields) -> dict:
    data = {"number": "G-7", "signed_on": "2027-01-15", "amount": "50000", "currency": "EUR", "revision": 0} | fields
    data |= {"form-TOTAL_FORMS": len(instalments), "form-INITIAL_FORMS": 0}
    for number, row in enumerate(instalments):
        data |= {f"form-{number}-{name}": value for name, value in row.items()}
    return data


FIRST = {"due_on": "2027-02-01", "amount": "30000", "condition": "On signature", "paid_on": "2027-02-03"}
SECOND = {"due_on": "2028-02-01", "amount": "20000"}


def test_officer_records_it_and_the_lead_institution_reads_it(client, project, officer):
    client.force_login(officer)
    assert client.post(address(project), typed(FIRST, SECOND, {})).status_code == 302

    grant = Grant.objects.get()
    assert (grant.number, grant.amount, grant.currency) == ("G-7", Decimal("50000.00"), "EUR")
    assert list(grant.instalments.values_list("amount", flat=True)) == [Decimal("30000.00"), Decimal("20000.00")]
    client.force_login(person(project, "lead"))
    page = client.get(address(project)).content.decode()
    assert "On signature" in page
    assert "Change it" not in page


def test_partners_and_strangers_know_of_nothing(client, project, officer):
    client.force_login(officer)
    client.post(address(project), typed(FIRST))
    for user in (person(project, "partner"), UserFactory()):
        client.force_login(user)
        assert client.get(address(project)).status_code == 404
    client.logout()
    assert address(project) not in client.get(project.get_absolute_url()).content.decode()


def test_people_of_the_lead_institution_change_nothing(client, project):
    client.force_login(person(project, "lead"))
    assert client.post(address(project), typed(FIRST)).status_code == 403
    with pytest.raises(PermissionDenied):
        save_grant(project=project, values={}, instalments=[], revision=0, by=person(project, "lead"))


def test_instalments_are_not_more_than_the_grant(client, project, officer):
    client.force_login(officer)
    answer = client.post(address(project), typed(FIRST, SECOND | {"amount": "20000.01"}))

    assert answer.status_code == 422
    assert "50,000.01 together, more than the grant of 50,000.00" in answer.content.decode()
    assert not Grant.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "0"}, "greater than or equal to 0.01"),
        ({"currency": "euro"}, "Three capital letters"),
        ({"number": ""}, "This field is required"),
        ({"form-0-due_on": ""}, "Fill this in"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, project, officer, wrong, said):
    client.force_login(officer)
    answer = client.post(address(project), typed(FIRST) | wrong)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "On signature" in answer.content.decode()


def test_two_officers_at_once_overwrite_nothing(client, project, officer):
    client.force_login(officer)
    client.post(address(project), typed(FIRST))
    answer = client.post(address(project), typed(SECOND, number="G-8"))

    assert answer.status_code == 409
    assert Grant.objects.get().number == "G-7"
    assert client.post(address(project), typed(SECOND, number="G-8", revision=1)).status_code == 302
    assert Instalment.objects.get().amount == Decimal("20000.00")


def test_a_number_is_of_one_agreement(project, officer):
    values = {"number": "G-7", "signed_on": None, "amount": Decimal(10), "currency": "EUR", "note": ""}
    save_grant(project=project, values=values, instalments=[], revision=0, by=officer)
    with pytest.raises(ValidationError, match="Another agreement has this number"):
        save_grant(project=ProjectFactory(), values=values, instalments=[], revision=0, by=officer)


def test_more_instalments_cost_no_more_statements(client, project, officer):
    client.force_login(officer)
    client.post(address(project), typed(FIRST))
    one = statements(client, address(project))
    for _ in range(2):
        Instalment.objects.create(grant=Grant.objects.get(), due_on="2029-01-01", amount=1)
    assert statements(client, address(project)) == one
