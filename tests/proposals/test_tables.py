"""Questions that are answered by a table."""

import json

import pytest

from proposals.actions.dossiers import dossier
from proposals.actions.papers import paper_of
from proposals.actions.submission import obstacles, submit_proposal
from proposals.models import Answer, CallPart, Question, Redaction, ReviewPlan
from tests.factories import CallFactory, ProposalFactory, UserFactory
from tests.proposals.acts import confirm_all
from tests.proposals.test_pages import text
from toolkit.documents.paper import make_pdf

pytestmark = pytest.mark.django_db
ROWS = [["Pump", "Lahore"], ["Probe", "محطة المياه"]]


@pytest.fixture
def question():
    proposal = ProposalFactory()
    part = CallPart.objects.create(call=proposal.call, title="Equipment")
    made = Question.objects.create(part=part, label="What is there?", kind="table", choices=["Device", "Place"])
    made.proposal, made.page = proposal, f"{proposal.get_absolute_url()}parts/{part.pk}/"
    return made


def typed(question, rows, **more):
    cells = {f"q{question.pk}-{r}-{c}": cell for r, row in enumerate(rows) for c, cell in enumerate(row)}
    return {**cells, **more}


def version(client, question) -> str:
    return client.get(question.page).context["version"]


def test_rows_that_are_filled_in_are_kept_in_their_order(client, question):
    client.force_login(question.proposal.applicant)
    assert any("What is there?" in one.sentence for one in obstacles(question.proposal))
    rows = [ROWS[0], ["", " "], ROWS[1]]
    sent = typed(question, rows, version=version(client, question))
    assert client.post(question.page, sent).status_code == 302

    assert json.loads(Answer.objects.get().text) == ROWS
    page = client.get(question.page).content.decode()
    assert page.count('aria-label="Device, row') == 5  # two, and three to fill in
    assert 'value="محطة المياه"' in page
    assert not any("What is there?" in one.sentence for one in obstacles(question.proposal))
    check = text(client.get(f"{question.proposal.get_absolute_url()}check/"))
    assert "Device" in check
    assert "Pump" in check


def test_table_that_is_emptied_is_no_answer(client, question):
    client.force_login(question.proposal.applicant)
    Answer.objects.create(proposal=question.proposal, question=question, text=json.dumps(ROWS))
    client.post(question.page, typed(question, [["", ""]], version=version(client, question)))
    assert not Answer.objects.exists()


def test_long_cell_is_named_and_what_was_typed_is_kept(client, question):
    client.force_login(question.proposal.applicant)
    rows = [["Pump", "x" * 501]]
    answer = client.post(question.page, typed(question, rows, version=version(client, question)))
    assert answer.status_code == 422
    assert "Row 1, “Place”, is longer than 500 characters." in text(answer)
    assert "x" * 501 in answer.content.decode()


def test_who_comes_second_sees_both_tables(client, question):
    client.force_login(question.proposal.applicant)
    before = version(client, question)
    client.post(question.page, typed(question, ROWS[:1], version=before))
    answer = client.post(question.page, typed(question, ROWS[1:], version=before))
    assert answer.status_code == 409
    assert "Pump · Lahore" in text(answer)
    assert 'value="Probe"' in answer.content.decode()


def test_table_stands_in_what_is_submitted_and_in_its_pdf(question):
    proposal = question.proposal
    Answer.objects.create(proposal=proposal, question=question, text=json.dumps(ROWS))
    confirm_all(proposal)
    submission = submit_proposal(proposal=proposal, by=proposal.applicant)
    (answer,) = submission.content["parts"][0]["answers"]
    assert answer["table"] == {"columns": ["Device", "Place"], "rows": ROWS}
    assert answer["answer"].splitlines()[0] == "Device: Pump · Place: Lahore"
    paper = paper_of(submission)
    (section,) = [one for one in paper.sections if one.heading == "What is there?"]
    assert (section.columns, section.lines) == (["Device", "Place"], ROWS)
    assert make_pdf(paper).startswith(b"%PDF")


def test_redaction_stands_for_the_whole_table(question):
    proposal = question.proposal
    Answer.objects.create(proposal=proposal, question=question, text=json.dumps(ROWS))
    confirm_all(proposal)
    submit_proposal(proposal=proposal, by=proposal.applicant)
    plan = ReviewPlan.objects.create(call=proposal.call, blindness="double")
    Redaction.objects.create(proposal=proposal, field=f"q{question.pk}", text="")
    assert "Lahore" not in json.dumps(dossier(proposal, plan))


@pytest.mark.parametrize(
    ("columns", "complaint"), [("", "a table its columns"), ("\n".join("ABCDEFGHI"), "at most 8 columns"), ("A\nB", "")]
)
def test_officer_gives_a_table_its_columns(client, columns, complaint):
    officer = UserFactory(roles=["officer"])
    part = CallPart.objects.create(call=CallFactory(state="draft", officer=officer), title="Equipment")
    client.force_login(officer)
    form = {
        "title": "Equipment",
        "position": "0",
        "questions-TOTAL_FORMS": "1",
        "questions-INITIAL_FORMS": "0",
        "questions-0-label": "What is there?",
        "questions-0-kind": "table",
        "questions-0-position": "0",
        "questions-0-choices": columns,
    }
    answer = client.post(f"{part.call.desk_url}parts/{part.pk}/", form)
    assert complaint in text(answer)
    assert [one.choices for one in Question.objects.all()] == ([] if complaint else [["A", "B"]])
