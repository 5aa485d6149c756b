"""All about one proposal in one ZIP, as far as its readers may know it."""

import hashlib
import io
import json
from dataclasses import asdict
from zipfile import ZipFile

import pytest

from proposals.actions import archives
from proposals.actions.clarifying import ask_clarification
from proposals.actions.decisions import apply_decisions, write_decision
from proposals.actions.reviewing import plan_of
from proposals.models import Question, Redaction, ReviewPlan
from tests.proposals.acts import accepted_reviewer, begun, close, judge, sent
from tests.proposals.test_pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def words_for_papers(monkeypatch):
    monkeypatch.setattr(archives, "make_pdf", lambda paper: json.dumps(asdict(paper)).encode())


@pytest.fixture
def proposal():
    return sent(title="Wells of the valley")


@pytest.fixture
def officer(proposal):
    return proposal.call.officers.get().user


def reviewed(proposal, officer, **plan):
    reviewer = accepted_reviewer(proposal.call)
    made = plan_of(close(proposal).call, officer)
    judge(begun(made, proposal, reviewer, officer))
    ReviewPlan.objects.filter(pk=made.pk).update(**plan)
    return reviewer.user


def packed(client, proposal, profile) -> dict[str, str]:
    answer = client.get(f"{proposal.get_absolute_url()}dossier.zip", {"profile": profile})
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    with ZipFile(io.BytesIO(answer.getvalue())) as archive:
        found = {name.partition("/")[2]: archive.read(name) for name in archive.namelist()}
    for line in found.pop("SHA256SUMS").decode().splitlines():
        digest, _space, name = line.partition("  ")
        assert hashlib.sha256(found[name]).hexdigest() == digest
    return {name: content.decode(errors="replace") for name, content in found.items()}


def test_office_takes_all_of_it_along(client, proposal, officer):
    ask_clarification(proposal=proposal, question="How deep?", by=officer)
    reviewer = reviewed(proposal, officer)
    write_decision(proposal=proposal, outcome="rejected", feedback="Not now.", by=officer)
    apply_decisions(call=proposal.call, by=officer)
    client.force_login(officer)
    assert "dossier.zip" in client.get(f"{proposal.get_absolute_url()}submitted/").content.decode()

    found = packed(client, proposal, "whole")

    assert set(found) == {"proposal.pdf", "questions.pdf", "decision.pdf", "reviews.pdf", "history.pdf"}
    assert "For officers." in found["proposal.pdf"]
    assert "How deep?" in found["questions.pdf"]
    assert reviewer.name in found["reviews.pdf"]
    assert "draft \\u2192 submitted" in found["history.pdf"]


def test_applicants_get_no_names_of_reviewers_and_nothing_before_the_decision(client, proposal, officer):
    reviewer = reviewed(proposal, officer)
    client.force_login(officer)
    assert set(packed(client, proposal, "applicants")) == {"proposal.pdf"}

    write_decision(proposal=proposal, outcome="rejected", feedback="Not now.", by=officer)
    apply_decisions(call=proposal.call, by=officer)
    found = packed(client, proposal, "applicants")
    assert set(found) == {"proposal.pdf", "decision.pdf", "reviews.pdf"}
    assert "Well thought out." in found["reviews.pdf"]
    assert reviewer.name not in "".join(found.values())


def test_reviewers_get_what_a_reviewer_may_read(client, proposal, officer):
    reviewed(proposal, officer, blindness="double")
    question = Question.objects.get(label="All?")
    Redaction.objects.create(proposal=proposal, field=f"q{question.pk}", text="[told otherwise]")
    client.force_login(officer)

    found = packed(client, proposal, "reviewers")

    assert set(found) == {"proposal.pdf"}
    words = found["proposal.pdf"]
    assert "[told otherwise]" in words
    institution = proposal.partners.get().institution.name
    for hidden in ("For all.", "For officers.", institution, proposal.submissions.get().digest):
        assert hidden not in words


def test_same_proposal_gives_the_same_bytes(client, proposal, officer):
    client.force_login(officer)
    address = f"{proposal.get_absolute_url()}dossier.zip"
    assert client.get(address).getvalue() == client.get(address).getvalue()


def test_others_take_nothing_along(client, proposal, officer):
    address = f"{proposal.get_absolute_url()}dossier.zip"
    client.force_login(proposal.applicant)
    assert client.get(address).status_code == 403
    assert "dossier.zip" not in text(client.get(f"{proposal.get_absolute_url()}submitted/"))
    client.force_login(reviewed(proposal, officer))
    assert client.get(address).status_code == 404
    client.force_login(officer)
    assert client.get(address, {"profile": "nobody"}).status_code == 404
