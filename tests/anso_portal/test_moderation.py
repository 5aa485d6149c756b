"""One queue for what institutions propose and what readers report; what is done with a report."""

import datetime

import pytest
from django.utils import timezone

from anso_portal.models import ErrorReport
from members.models import ChangeItem, ChangeRequest
from notifications.emails import ObsoleteError, write
from notifications.models import Delivery, Notification
from tests.factories import InstitutionFactory, InstitutionRoleFactory, ProjectFactory, UserFactory
from tests.pages import body, heading, links, statements, words
from workflow.models import Step

pytestmark = pytest.mark.django_db

QUEUE = "/desk/moderation/"


@pytest.fixture
def officer(client):
    user = UserFactory(roles=["officer"])
    client.force_login(user)
    return user


@pytest.fixture
def institution():
    return InstitutionFactory(slug="academy", name="The Academy")


def signed_in(client, user):
    other = type(client)()
    other.force_login(user)
    return other


def ago(days: int):
    return timezone.now() - datetime.timedelta(days=days)


def change(name="Changed", days=1, live=False, **values) -> ChangeRequest:
    row = ChangeRequest.objects.create(
        institution=InstitutionFactory(name=name), by=UserFactory(), state="proposed", proposed_at=ago(days), **values
    )
    ChangeItem.objects.create(
        request=row, field="website", before="", after="https://example.org", live_at=ago(days) if live else None
    )
    return row


def report(record="Reported", days=1, **values) -> ErrorReport:
    row = ErrorReport.objects.create(
        **{"address": "/members/academy/", "record": record, "message": "The city is wrong."} | values
    )
    ErrorReport.objects.filter(pk=row.pk).update(created_at=ago(days))
    return row


def at(row: ErrorReport, act="") -> str:
    return f"{QUEUE}reports/{row.pk}/{act}{'/' if act else ''}"


# --- The queue


def test_queue_shows_both_kinds_the_oldest_first(client, officer):
    change("Third", days=1, live=True)
    report("First", days=9)
    change("Second", days=3)
    report("Done", days=9, state="done")
    change("Withdrawn").delete()

    page = client.get(QUEUE)

    assert [row.title for row in page.context["page"]] == ["First", "Second", "Third"]
    assert "waits for 1 week, 2 days" in words(page)
    assert words(page).count("live already") == 1


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?kind=changes", ["A change"]),
        ("?kind=reports", ["A report"]),
        ("?kind=changes&kind=reports", ["A report", "A change"]),
        ("?kind=", ["A report", "A change"]),
        ("?other=1", ["A report", "A change"]),
    ],
)
def test_queue_is_narrowed_by_kind(client, officer, query, titles):
    change("A change", days=1)
    report("A report", days=2)

    assert [row.title for row in client.get(QUEUE + query).context["page"]] == titles


def test_kind_that_is_none_gives_no_rows_and_says_so(client, officer):
    change()
    page = client.get(QUEUE + "?kind=<b>")

    assert list(page.context["page"]) == []
    assert "There is no kind “<b>” here." in words(page)


def test_queue_has_pages(client, officer, monkeypatch):
    monkeypatch.setattr("anso_portal.views.moderation.PAGE_SIZE", 2)
    for days in range(1, 4):
        report(f"R{days}", days=days)

    assert [row.title for row in client.get(QUEUE + "?page=2").context["page"]] == ["R1"]
    assert "There is nothing on this page" in words(client.get(QUEUE + "?page=9"))
    assert client.get(QUEUE + "?page=9e99").status_code == 400
    assert client.get(QUEUE + "?page=\x00").status_code == 400


def test_empty_queue_says_so(client, officer):
    assert "Nothing waits" in words(client.get(QUEUE))


def test_queue_asks_as_often_for_three_of_each_as_for_one(client, officer):
    change()
    report()
    once = statements(client, QUEUE)
    for _ in range(2):
        change()
        report()

    assert statements(client, QUEUE) == once <= 12


@pytest.mark.parametrize("roles", [[], ["reviewer"]])
def test_queue_is_the_secretariats(client, roles):
    report("Secret")
    client.force_login(UserFactory(roles=roles))

    assert client.get(QUEUE).status_code == 404
    client.logout()
    assert client.get(QUEUE).url == f"/accounts/login/?next={QUEUE}"


def test_administrator_has_the_queue_too(client):
    client.force_login(UserFactory(roles=["administrator"]))

    assert client.get(QUEUE).status_code == 200
    assert client.post(QUEUE).status_code == 405
    assert QUEUE in links(client.get("/desk/"))


# --- A report


def test_report_has_its_page_with_what_was_said_and_where_it_is_corrected(client, officer, institution):
    row = report("The Academy", email="reader@example.org", message="<b>Wrong</b>")
    page = client.get(at(row))

    assert heading(page) == "The Academy"
    assert "<b>Wrong</b>" in words(page)
    assert "<b>Wrong" not in body(page)
    assert f"/admin/members/institution/{institution.pk}/change/" in links(page)
    assert "reader@example.org" in words(page)


def test_report_about_a_project_leads_to_its_record(client, officer):
    project = ProjectFactory()

    assert f"/admin/projects/project/{project.pk}/change/" in links(
        client.get(at(report(address=project.get_absolute_url())))
    )


@pytest.mark.parametrize("address", ["/", "/nowhere/", "/members/gone/"])
def test_report_about_nothing_that_is_there_has_a_page_too(client, officer, address):
    page = client.get(at(report(address=address)))

    assert page.status_code == 200
    assert not any(link.startswith("/admin/") for link in links(page))


def test_answer_is_mailed_and_the_address_forgotten(client, officer):
    row = report(email="reader@example.org")
    response = client.post(at(row, "done"), {"answer": "Corrected.\nThank you."})

    row.refresh_from_db()
    (delivery,) = Delivery.objects.all()
    assert response.url == QUEUE
    assert (row.state, row.answer, row.email) == ("done", "Corrected.\nThank you.", "")
    assert row.done_at
    assert delivery.address == "reader@example.org"
    assert "Corrected." not in str(delivery.context)
    text = write(delivery)["body_text"]
    assert "Corrected." in text
    assert "Thank you." in text
    assert Step.objects.of(row).get().target == "done"


def test_mail_about_a_report_that_is_gone_is_not_written(client, officer):
    row = report(email="reader@example.org")
    client.post(at(row, "done"), {"answer": "Corrected."})
    ErrorReport.objects.all().delete()

    with pytest.raises(ObsoleteError):
        write(Delivery.objects.get())


@pytest.mark.parametrize(("email", "answer"), [("", "Corrected."), ("reader@example.org", ""), ("", "")])
def test_without_address_or_answer_nothing_is_mailed(client, officer, email, answer):
    row = report(email=email)
    client.post(at(row, "done"), {"answer": answer})

    row.refresh_from_db()
    assert (row.state, row.answer, row.email) == ("done", answer, "")
    assert not Delivery.objects.exists()


def test_second_click_mails_nothing_twice(client, officer):
    row = report(email="reader@example.org")
    responses = [client.post(at(row, "done"), {"answer": "Corrected."}) for _ in range(2)]

    assert [response.status_code for response in responses] == [302, 302]
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize(("answer", "problem"), [("a\x00", "Null characters"), ("x" * 4001, "at most 4000")])
def test_answer_that_cannot_be_is_refused_and_kept(client, officer, answer, problem):
    row = report(email="reader@example.org")
    response = client.post(at(row, "done"), {"answer": answer})

    assert response.status_code == 422
    assert problem in words(response)
    assert not Delivery.objects.exists()


def test_institution_is_asked_replies_and_the_officer_closes(client, officer, institution):
    person = InstitutionRoleFactory(institution=institution, role="editor").user
    row = report("The Academy", email="reader@example.org")
    client.post(at(row, "forward"), {"question": "Is it so?"})
    theirs = signed_in(client, person)

    (told,) = Notification.objects.filter(subscriber__user=person)
    (item,) = theirs.get("/desk/").context["items"]
    assert (told.event.kind, item.url) == ("report.forwarded", at(row))
    assert client.get("/desk/").context["items"] == []
    page = theirs.get(item.url)
    assert "The city is wrong." in words(page)
    assert "Is it so?" in words(page)
    assert "reader@example.org" not in body(page)
    assert "/desk/institution/academy/edit/" in links(page)

    theirs.post(at(row, "reply"), {"reply": "Corrected in our record."})

    row.refresh_from_db()
    assert (row.state, row.reply) == ("open", "Corrected in our record.")
    assert theirs.get("/desk/").context["items"] == []
    assert "Corrected in our record." in words(client.get(at(row)))
    assert [item.title for item in client.get("/desk/").context["items"]] == ["The Academy"]


def test_institution_without_people_cannot_be_asked(client, officer, institution):
    InstitutionRoleFactory(institution=institution, starts_on="2020-01-01", ends_on="2020-02-01")
    row = report()

    assert "nobody to ask" in words(client.get(at(row)))
    response = client.post(at(row, "forward"), {"question": ""})
    assert response.status_code == 422
    assert "nobody to ask" in words(response)
    row.refresh_from_db()
    assert (row.state, row.forwarded_to) == ("open", None)


def test_what_is_done_cannot_be_forwarded(client, officer, institution):
    InstitutionRoleFactory(institution=institution)
    row = report(state="done")

    assert client.post(at(row, "forward"), {"question": ""}).url == at(row)
    row.refresh_from_db()
    assert (row.state, row.forwarded_to) == ("done", None)


def test_reply_needs_words_and_the_right_state(client, officer, institution):
    person = InstitutionRoleFactory(institution=institution).user
    row = report()
    client.post(at(row, "forward"), {"question": ""})
    theirs = signed_in(client, person)

    assert theirs.post(at(row, "reply"), {"reply": " "}).status_code == 422
    theirs.post(at(row, "reply"), {"reply": "Yes."})
    theirs.post(at(row, "reply"), {"reply": "No."})
    row.refresh_from_db()
    assert row.reply == "Yes."


def test_report_is_for_the_secretariat_and_who_was_asked(client, officer, institution):
    own, other = InstitutionRoleFactory(institution=institution).user, InstitutionRoleFactory().user
    row = report()
    acts = [at(row), at(row, "done"), at(row, "forward"), at(row, "reply")]

    for user in (own, other, UserFactory()):
        theirs = signed_in(client, user)
        assert theirs.get(at(row)).status_code == 404
        assert {theirs.post(act, {"reply": "x"}).status_code for act in acts[1:]} == {404}
    client.post(at(row, "forward"), {"question": ""})
    asked = signed_in(client, own)
    assert asked.get(at(row)).status_code == 200
    assert [asked.post(act, {"answer": "x", "question": "x"}).status_code for act in acts[1:3]] == [403, 403]
    assert signed_in(client, other).get(at(row)).status_code == 404
    anonymous = type(client)()
    assert [anonymous.get(at(row)).status_code, *(anonymous.post(act).status_code for act in acts[1:])] == [302] * 4
    row.refresh_from_db()
    assert row.state == "forwarded"


@pytest.mark.parametrize("act", ["done", "forward", "reply"])
def test_acts_are_posts(client, officer, act):
    assert client.get(at(report(), act)).status_code == 405


def test_t17_extra_fields_change_nothing(client, officer):
    row = report(email="reader@example.org")
    extra = {"message": "x", "record": "x", "address": "https://evil.example", "email": "a@b.example"}
    client.post(at(row, "done"), {"answer": "Done", **extra})

    row.refresh_from_db()
    assert (row.message, row.record, row.address) == ("The city is wrong.", "Reported", "/members/academy/")
    assert Delivery.objects.get().address == "reader@example.org"
