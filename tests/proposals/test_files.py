"""Documents that answer a question: sent, replaced, taken out, submitted; and who gets them (T8, T11, T18)."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.functions import Now

from proposals.actions.files import KEPT_FOR, forget_files_taken_out
from proposals.actions.reviewing import plan_of
from proposals.actions.submission import reopen_proposal, submit_proposal
from proposals.models import CallPart, ProposalFile, Question, Redaction, ReviewPlan
from proposals.models import file as limits
from tests.factories import CallFactory, InstitutionRoleFactory, ProposalFactory, UserFactory
from tests.proposals.acts import accepted_reviewer, begun, close, confirm_all, sent
from tests.proposals.test_pages import text, version
from tests.toolkit.test_documents_uploads import WHO, docx, pdf, png

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def question():
    part = CallPart.objects.create(call=CallFactory(code="WATER-1"), title="The work")
    Question.objects.create(part=part, label="Why?", kind="long")
    return Question.objects.create(part=part, label="Your plan", kind="file", required=False)


@pytest.fixture
def proposal(question):
    return ProposalFactory(call=question.part.call, number=1)


@pytest.fixture
def send(client, proposal, question):
    """Posts the part of the form as the lead person, with a text and perhaps a file."""
    client.force_login(proposal.applicant)
    address = f"{proposal.get_absolute_url()}parts/{question.part_id}/"
    why = question.part.questions.get(kind="long")

    def send(name="", raw=b"", **more):
        data = {"version": version(client.get(address)), f"q{why.pk}": "Because.", **more}
        if name:
            data[f"q{question.pk}"] = SimpleUploadedFile(name, raw)
        return client.post(address, data)

    send.address = address
    return send


def test_file_is_kept_under_the_name_of_the_portal_without_its_author(client, send, proposal, media):
    assert send(f"{WHO}.pdf", pdf()).status_code == 302

    file = ProposalFile.objects.get()
    assert (file.name, file.by, file.number) == ("proposal-WATER-1-001-1.pdf", proposal.applicant, 1)
    assert proposal.answers.get(question=file.question).text == "1"
    (stored,) = [path for path in media.rglob("*") if path.is_file()]
    assert WHO not in stored.name
    page = client.get(send.address)
    assert "Now: proposal-WATER-1-001-1.pdf" in text(page)
    assert 'enctype="multipart/form-data"' in page.content.decode()
    assert 'accept=".pdf,.docx,.xlsx,.png,.jpg,.jpeg"' in page.content.decode()


def test_t18_file_is_saved_and_never_shown(client, send):
    send("plan.pdf", pdf())
    address = ProposalFile.objects.get().get_absolute_url()

    for answer in (client.get(address), client.get(f"{address}?download=1"), client.head(address)):
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == 'attachment; filename="proposal-WATER-1-001-1.pdf"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer["Cache-Control"] == "private, no-store"
    assert b"".join(client.get(address).streaming_content).startswith(b"%PDF-")
    assert client.post(address).status_code == 405


def test_what_is_no_document_is_refused_beside_its_field_and_the_text_stays(client, send, proposal):
    answer = send("plan.pdf", b"<html>")

    assert answer.status_code == 422
    assert "The file is not what its name says." in text(answer)
    assert "Because." in text(answer)
    assert not ProposalFile.objects.exists()


def test_good_file_beside_a_wrong_text_is_kept(client, send, proposal, question):
    Question.objects.filter(kind="long").update(most_words=1)
    why = question.part.questions.get(kind="long")

    answer = send("plan.docx", docx(), **{f"q{why.pk}": "Far too many words"})

    assert answer.status_code == 422
    assert "Now: proposal-WATER-1-001-1.docx" in text(answer)
    assert ProposalFile.objects.count() == 1
    assert not proposal.answers.filter(question=why).exists()


def test_second_file_takes_the_place_of_the_first_and_a_second_click_does_not(send, proposal):
    send("plan.pdf", pdf())
    send("plan.pdf", pdf())
    assert ProposalFile.objects.count() == 1

    send("plan.png", png())
    assert [file.name for file in proposal.files.current()] == ["proposal-WATER-1-001-2.png"]
    assert proposal.answers.get(question__kind="file").text == "2"


def test_file_is_taken_out(send, proposal, question):
    send("plan.pdf", pdf())
    send(**{f"q{question.pk}-remove": "on"})

    assert not proposal.files.current().exists()
    assert not proposal.answers.filter(question=question).exists()


def test_files_of_a_proposal_have_a_limit_together(send, proposal, monkeypatch):
    monkeypatch.setattr("proposals.actions.files.LARGEST_TOGETHER", 100)
    answer = send("plan.pdf", pdf())

    assert answer.status_code == 422
    assert "30 MB together" in text(answer)
    assert limits.LARGEST_TOGETHER == 30 << 20


def test_required_file_is_missed_when_it_is_not_there(client, send, proposal, question):
    Question.objects.filter(pk=question.pk).update(required=True)
    assert "Not answered: Your plan" in text(client.get(f"{proposal.get_absolute_url()}check/"))
    send("plan.pdf", pdf())
    assert "Not answered: Your plan" not in text(client.get(f"{proposal.get_absolute_url()}check/"))


def submitted(proposal):
    confirm_all(proposal)
    return submit_proposal(proposal=proposal, by=proposal.applicant)


def test_submission_names_the_file_and_its_digest(client, send, proposal):
    send("plan.pdf", pdf())
    submission = submitted(proposal)

    (answer,) = [one for part in submission.content["parts"] for one in part["answers"] if one["kind"] == "file"]
    file = ProposalFile.objects.get()
    assert file.is_submitted
    assert answer["answer"] == file.name
    assert answer["file"] == {"proposal": proposal.pk, "number": 1, "size": file.size, "digest": file.digest}
    assert file.get_absolute_url() in client.get(f"{proposal.get_absolute_url()}submitted/").content.decode()


def test_what_was_submitted_stands_until_it_is_submitted_again(client, send, proposal):
    send("plan.pdf", pdf())
    submitted(proposal)
    proposal.refresh_from_db()
    reopen_proposal(proposal=proposal, by=proposal.applicant)
    send("plan.png", png())
    officer = UserFactory(roles=["administrator"])

    old, new = proposal.files.order_by("number")
    client.force_login(officer)
    assert client.get(old.get_absolute_url()).status_code == 200
    assert client.get(new.get_absolute_url()).status_code == 404
    submitted(proposal)
    assert client.get(old.get_absolute_url()).status_code == 404
    assert client.get(new.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("way", ["{}", "{}?download=1", "{}?number=1"])
def test_t11_file_is_nothing_for_others(client, send, proposal, way):
    send("plan.pdf", pdf())
    file = ProposalFile.objects.get()
    stranger = ProposalFactory().applicant
    others = [stranger, InstitutionRoleFactory().user, UserFactory(roles=["officer"]), UserFactory(roles=["reviewer"])]
    addresses = [
        file.get_absolute_url(),
        file.get_absolute_url().replace("/1/", "/2/"),
        f"/desk/proposals/0/files/{file.number}/",
    ]
    for user in others:
        client.force_login(user)
        for address in addresses:
            assert client.get(way.format(address), headers={"range": "bytes=0-9"}).status_code == 404
            assert client.head(way.format(address)).status_code == 404
    client.logout()
    assert client.get(file.get_absolute_url())["Location"].startswith("/accounts/login/")


def test_t8_reviewers_get_what_is_for_them_and_not_redacted(client, send, proposal, question):
    send("plan.pdf", pdf())
    submitted(proposal)
    close(proposal)
    officer = UserFactory(roles=["officer"])
    proposal.call.officers.create(user=officer)
    proposal.refresh_from_db()
    plan = plan_of(proposal.call, officer)
    ReviewPlan.objects.filter(pk=plan.pk).update(blindness="double")
    review = begun(plan, proposal, accepted_reviewer(proposal.call), officer)
    address = ProposalFile.objects.get().get_absolute_url()
    client.force_login(review.reviewer.user)
    page = f"/desk/reviews/{review.pk}/"

    assert address in client.get(page).content.decode()
    assert client.get(address).status_code == 200
    Redaction.objects.create(proposal=proposal, field=f"q{question.pk}", text="Not shown.")
    assert address not in client.get(page).content.decode()
    assert "Not shown." in text(client.get(page))
    assert client.get(address).status_code == 404
    Redaction.objects.all().delete()
    Question.objects.filter(pk=question.pk).update(for_reviewers=False)
    assert client.get(address).status_code == 404


def test_file_that_was_taken_out_goes_after_a_month_with_what_is_on_the_disk(send, proposal, media):
    send("plan.pdf", pdf())
    send("plan.png", png())
    assert forget_files_taken_out() == 0

    ProposalFile.objects.filter(number=1).update(removed_at=Now() - KEPT_FOR)
    assert forget_files_taken_out() == 1
    assert [path.suffix for path in media.rglob("*") if path.is_file()] == [".png"]
    assert forget_files_taken_out() == 0


def test_file_of_a_submitted_proposal_is_refused(client, send, proposal, question):
    send()
    shown = version(client.get(send.address))
    submitted(proposal)
    data = {"version": shown, f"q{question.pk}": SimpleUploadedFile("a.pdf", pdf())}

    assert client.post(send.address, data).status_code == 403
    assert not ProposalFile.objects.exists()


def test_kind_of_an_answered_question_stays(client, send, proposal, question):
    send("plan.pdf", pdf())
    client.force_login(UserFactory(roles=["administrator"]))
    address = f"{proposal.call.desk_url}parts/{question.part_id}/"
    form = client.get(address).context["questions"]
    data = {f"{form.prefix}-{name}": form.management_form[name].value() for name in form.management_form.fields}
    for row in form.forms:
        data |= {f"{row.prefix}-{name}": row[name].value() or "" for name in row.fields}
    data |= {"title": "The work", "position": 0, f"{form.forms[1].prefix}-kind": "short"}

    assert "its kind cannot change any more" in text(client.post(address, data))


def test_old_submission_without_files_is_shown(client):
    proposal = sent()
    client.force_login(proposal.applicant)
    assert client.get(f"{proposal.get_absolute_url()}submitted/").status_code == 200
