"""What officers take along of a call: a table, and the PDFs; of what they may see."""

import csv
import io
import zipfile

import pytest

from members.models import InstitutionRole
from proposals.actions.papers import make_missing_papers
from proposals.models import Partner, Proposal
from tests.factories import InstitutionFactory, UserFactory
from tests.pages import statements
from tests.proposals.acts import sent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


@pytest.fixture
def proposal():
    return sent(lead=InstitutionFactory(name="Lead Institute", country_id="PK"))


@pytest.fixture
def officer(client, proposal):
    user = proposal.call.officers.get().user
    client.force_login(user)
    return user


def table(client, proposal) -> list[dict]:
    raw = client.get(f"{proposal.call.desk_url}?format=csv").content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(raw)))


def packed(client, proposal) -> list[str]:
    answer = client.get(f"{proposal.call.desk_url}proposals.zip")
    assert answer["Cache-Control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        assert all(archive.read(name).startswith(b"%PDF-") for name in archive.namelist())
        return archive.namelist()


def test_table_holds_what_came_in(client, officer, proposal):
    (row,) = table(client, proposal)

    assert (row["number"], row["lead"], row["total"], row["countries"]) == (
        proposal.reference,
        "Lead Institute",
        "900.00",
        "PK",
    )
    for kind in ("xlsx", "json"):
        assert client.get(f"{proposal.call.desk_url}?format={kind}").status_code == 200
    assert client.get(f"{proposal.call.desk_url}?format=pdf").status_code == 200  # the page


def test_formula_in_a_title_is_no_formula(client, officer, proposal):
    Proposal.objects.update(title="=1+1")
    assert table(client, proposal)[0]["title"] == "'=1+1"


def test_pdfs_are_packed_with_the_last_of_each(client, officer, proposal):
    assert packed(client, proposal) == []
    make_missing_papers()
    assert packed(client, proposal) == [f"{proposal.reference}.pdf"]


def test_conflict_hides_it_here_too(client, officer, proposal):
    make_missing_papers()
    InstitutionRole.objects.create(user=officer, institution=proposal.partners.get().institution, role="editor")

    assert table(client, proposal) == []
    assert packed(client, proposal) == []


def test_others_get_nothing(client, proposal):
    for user in (proposal.applicant, UserFactory(roles=["reviewer"])):
        client.force_login(user)
        for way in ("?format=csv", "proposals.zip"):
            assert client.get(f"{proposal.call.desk_url}{way}").status_code == 404


def test_table_costs_the_same_for_one_and_three(client, officer, proposal):
    address = f"{proposal.call.desk_url}?format=csv"
    one = statements(client, address)
    for _ in range(2):
        more = sent(proposal.call)
        Partner.objects.create(proposal=more, institution=InstitutionFactory(), role="partner")

    assert len(table(client, proposal)) == 3
    assert statements(client, address) <= one
