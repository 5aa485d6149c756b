"""The PDF of what was submitted: made by a job, from what was frozen, in many scripts, and only words (T21)."""

import io

import pikepdf
import pytest
from django.db import transaction

from anso_portal.closing import erase_account
from notifications import wake
from proposals.actions.papers import keep_paper, make_missing_papers, paper_of
from proposals.models import Proposal, SubmissionPdf
from proposals.tasks import papers
from tests.factories import InstitutionFactory, ProposalFactory, UserFactory
from tests.proposals.acts import sent
from tests.proposals.test_pages import text
from toolkit.documents.paper import Paper, Section, make_pdf

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def submission():
    proposal = sent(lead=InstitutionFactory(name="وزارة المياه"))
    return proposal.submissions.get()


def words_of(raw: bytes) -> str:
    """What a reader can copy out of it, spaces left out: by the tables that map the glyphs of each font to letters."""
    found = []
    with pikepdf.open(io.BytesIO(raw)) as document:
        for page in document.pages:
            letters = {name: _letters(font) for name, font in page.Resources.Font.items()}
            current = {}
            for operands, operator in pikepdf.parse_content_stream(page):
                if str(operator) == "Tf":
                    current = letters[str(operands[0])]
                for shown in _shown(operands, str(operator)):
                    codes = bytes(shown)
                    found += [current.get(codes[at : at + 2], "") for at in range(0, len(codes), 2)]
    return "".join(found)


def _shown(operands, operator: str) -> list:
    if operator == "Tj":
        return [operands[0]]
    return [one for one in operands[0] if isinstance(one, pikepdf.String)] if operator == "TJ" else []


def _letters(font) -> dict[bytes, str]:
    table, found = bytes(font.ToUnicode.read_bytes()).decode(), {}
    for block in table.split("beginbfchar")[1:]:
        for line in block.partition("endbfchar")[0].split("\n"):
            if line.startswith("<"):
                code, letter = line.replace(">", "").split("<")[1:3]
                found[bytes.fromhex(code.strip())] = bytes.fromhex(letter.strip()).decode("utf-16-be")
    return found


def paper(*rows) -> Paper:
    return Paper("Kicker", "Title", "en", "2027-01-02", "Footer", sections=[Section("Heading", rows=list(rows))])


@pytest.mark.parametrize(
    ("written", "read"),
    [("Ångström’s plan", "Ångström’s"), ("Проект о воде", "воде"), ("مياه", "مياه"), ("Ολυμπία", "Ολυμπία")],
)
def test_letters_of_each_script_can_be_read_in_it(written, read):
    words = words_of(make_pdf(paper(("Label", written))))

    assert read in words or read[::-1] in words  # what runs from right to left stands in the file as it is painted


def test_same_paper_gives_the_same_bytes():
    assert make_pdf(paper(("a", "b"))) == make_pdf(paper(("a", "b")))


@pytest.mark.parametrize(
    "typed",
    [
        '#read("/etc/passwd")',
        '#image("/etc/hostname")',
        '#import "@preview/evil:1.0.0"',
        "$ x^2 $ \\input{/etc/passwd}",
        '<img src="http://127.0.0.1/x"> file:///etc/passwd',
        '#{ panic("no") }',
        "]#[ *bold* _it_ `raw`",
    ],
)
def test_t21_what_was_typed_is_words(typed):
    raw = make_pdf(paper((typed, typed)))

    letters = "".join(typed.split())
    assert words_of(raw).replace(" ", "").count(letters[:12]) >= 2
    assert b"root:" not in raw


def test_pdf_tells_what_was_submitted_and_names_its_hash(submission):
    assert keep_paper(submission)

    with submission.pdf.file.open("rb") as file:
        words = words_of(file.read()).replace(" ", "")
    for told in (submission.digest, submission.proposal.reference, "900.00", "Wages", "Whatwebring", "Forall."):
        assert told in words
    assert [section.heading for section in paper_of(submission).sections] == [
        "Summary",
        "Partners",
        "The work",
        "Budget",
    ]


def test_job_makes_what_is_missing_once(submission):
    papers()
    assert make_missing_papers() == 0
    assert SubmissionPdf.objects.get().submission == submission
    assert not keep_paper(submission)  # another worker was quicker
    assert len(list(submission.pdf.file.storage.listdir("proposals")[1])) == 1


def test_submission_wakes_the_job_after_its_commit(monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr(wake, "wake", woken.append)
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        sent()
    assert ("proposals.papers",) in [callback.args for callback in callbacks]


def test_page_offers_the_pdf_when_it_is_made(client, submission):
    proposal = submission.proposal
    client.force_login(proposal.applicant)
    page, address = f"{proposal.get_absolute_url()}submitted/", f"{proposal.get_absolute_url()}submitted.pdf"
    assert "being made" in text(client.get(page))
    assert client.get(address).status_code == 404

    papers()

    assert address in client.get(page).content.decode()
    answer = client.get(address)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert answer["Content-Disposition"] == f'attachment; filename="{proposal.reference}.pdf"'
    for user in (UserFactory(), ProposalFactory().applicant, UserFactory(roles=["reviewer"])):
        client.force_login(user)
        assert client.get(address).status_code == 404


def test_erased_person_is_in_no_pdf(submission, django_capture_on_commit_callbacks):
    applicant = submission.proposal.applicant
    Proposal.objects.filter(pk=submission.proposal_id).update(applicant=applicant)
    submission.content = submission.content | {"summary": f"With {applicant.name}."}
    submission.save()
    papers()
    with django_capture_on_commit_callbacks(execute=True):
        erase_account(user=applicant, by=applicant)

    assert not SubmissionPdf.objects.exists()
    papers()
    submission.refresh_from_db()
    with SubmissionPdf.objects.get().file.open("rb") as file:
        assert applicant.name.replace(" ", "") not in words_of(file.read()).replace(" ", "")
