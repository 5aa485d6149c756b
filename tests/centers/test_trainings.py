"""Training at a center: announced, signed up for, attended, certified, and verified by anybody."""

import datetime

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from anso_portal.closing import erase_account, own_data
from centers.actions.certificates import certificate_pdf, issue_certificates, remind_of_expiry, revoke_certificate
from centers.actions.courses import cancel_session, record_attendance, sign_off, sign_up
from centers.feeds import dates
from centers.models import Certificate, Course, CourseSession, Participant
from centers.personal_data import JOINS
from notifications.following import follow_topic
from notifications.models import Notification
from notifications.topics import resolve
from tests.factories import (
    CenterFactory,
    CourseSessionFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    UserFactory,
    course_at,
)
from tests.proposals.test_pages import text
from toolkit.clock import utc_today
from toolkit.personal import Joining, relations_to

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def scientist(**fields):
    user = UserFactory(**fields)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def host():
    return InstitutionFactory(name="Hill Academy")


@pytest.fixture
def teacher(host):
    return InstitutionRoleFactory(institution=host, role="editor").user


@pytest.fixture
def session(host):
    return CourseSessionFactory(host=host)


def told(person, kind: str) -> int:
    return Notification.objects.filter(event__kind=kind, subscriber__user=person).count()


def over(session, days=1):
    """As if it had been given so many days ago."""
    first = utc_today() - days * DAY
    CourseSession.objects.filter(pk=session.pk).update(starts_on=first, ends_on=first)
    session.refresh_from_db()
    return session


def certified(session, teacher, person=None, days=1):
    one = sign_up(session=session, by=person or scientist())
    over(session, days)
    record_attendance(session=session, attended={one.pk: True}, by=teacher)
    (certificate,) = issue_certificates(session=session, by=teacher)
    return certificate


# --- What a host gives


def test_host_offers_a_training_and_those_who_follow_the_center_are_told(client, host, teacher):
    center = CenterFactory(name="Center for Water")
    course_at(center, host=host, name="Other")
    reader = UserFactory()
    follow_topic(topic=resolve(f"center:{center.pk}"), by=reader)
    client.force_login(teacher)
    assert "Offer a training" in text(client.get("/desk/training/"))
    given = {"center": center.pk, "name": "Safe wells", "description": "Gas", "valid_months": "24"}
    begun = client.post("/desk/training/courses/new/", given)
    course = Course.objects.get(name="Safe wells")
    assert begun["Location"] == f"/desk/training/courses/{course.pk}/"
    days = {"starts_on": utc_today() + 9 * DAY, "ends_on": utc_today() + 10 * DAY, "place": "Gilgit", "places": "8"}
    client.post(f"{begun['Location']}sessions/", days)
    session = course.sessions.get()
    assert told(reader, "training.announced") == 1
    client.logout()
    assert "Safe wells" in text(client.get("/centers/" + center.slug + "/"))
    page = text(client.get(f"/centers/training/{session.pk}/"))
    assert "8 places are free" in page
    assert "Sign in to take part" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ends_on": utc_today()}, "A session cannot end before it begins."),
        ({"places": "0"}, "A session has at least one place."),
        ({"starts_on": "soon"}, "Enter a valid date."),
    ],
)
def test_wrong_days_are_told_and_kept(client, teacher, session, wrong, said):
    client.force_login(teacher)
    first = utc_today() + 9 * DAY
    given = {"starts_on": first, "ends_on": first, "place": "Gilgit Hall", "places": "8"} | wrong
    answer = client.post(f"/desk/training/courses/{session.course_id}/sessions/", given)
    assert answer.status_code == 422
    assert said in text(answer)
    assert "Gilgit Hall" in answer.content.decode()
    assert session.course.sessions.count() == 1


def test_two_courses_of_a_center_have_two_names(client, teacher, session):
    client.force_login(teacher)
    given = {"center": session.course.center_id, "name": session.course.name, "valid_months": ""}
    answer = client.post("/desk/training/courses/new/", given)
    assert answer.status_code == 422
    assert Course.objects.count() == 1


def test_who_hosts_nothing_gives_nothing(client, session):
    stranger = InstitutionRoleFactory(institution=InstitutionFactory()).user
    client.force_login(stranger)
    assert "Offer a training" not in text(client.get("/desk/training/"))
    assert client.get("/desk/training/courses/new/").status_code == 404
    for address in (f"courses/{session.course_id}/", f"{session.pk}/"):
        assert client.get(f"/desk/training/{address}").status_code == 403
    for act, more in ((cancel_session, {}), (record_attendance, {"attended": {}}), (issue_certificates, {})):
        with pytest.raises(PermissionDenied):
            act(session=session, by=stranger, **more)


def test_called_off_session_is_told_to_those_who_take_part_once(session, teacher):
    person = scientist()
    sign_up(session=session, by=person)
    for _again in range(2):
        cancel_session(session=session, by=teacher)
    assert told(person, "attendance.called_off") == 1
    with pytest.raises(ValidationError, match="takes no more"):
        sign_up(session=session, by=scientist())


def test_session_that_is_over_cannot_be_called_off(session, teacher):
    with pytest.raises(ValidationError, match="over already"):
        cancel_session(session=over(session), by=teacher)


# --- Who takes part


def test_places_are_given_once_each_and_given_back(client, session):
    first, second, third = (scientist() for _ in range(3))
    for person in (first, second, second):
        sign_up(session=session, by=person)
    client.force_login(third)
    assert "All places are taken" in text(client.post(f"/centers/training/{session.pk}/sign-up/", follow=True))
    sign_off(session=session, by=first)
    client.post(f"/centers/training/{session.pk}/sign-up/")
    assert set(session.participants.taking_part().values_list("person", flat=True)) == {second.pk, third.pk}
    with pytest.raises(ValidationError, match="All places"):
        sign_up(session=session, by=first)
    sign_off(session=session, by=second)
    sign_up(session=session, by=first)
    assert session.participants.count() == 3  # who comes back stays one row


def test_who_has_not_confirmed_an_address_takes_no_place(session):
    with pytest.raises(PermissionDenied):
        sign_up(session=session, by=UserFactory())


def test_nobody_signs_up_or_off_once_it_has_begun(session):
    person = scientist()
    sign_up(session=session, by=person)
    over(session, days=0)
    with pytest.raises(ValidationError, match="has begun"):
        sign_up(session=session, by=scientist())
    with pytest.raises(ValidationError, match="has begun"):
        sign_off(session=session, by=person)


def test_participants_are_known_to_the_hosts_and_to_themselves(session, teacher):
    person = scientist()
    one = sign_up(session=session, by=person)
    for user, sees in ((person, True), (teacher, True), (UserFactory(roles=["officer"]), True), (scientist(), False)):
        assert Participant.objects.visible_to(user).filter(pk=one.pk).exists() is sees


# --- Attendance and certificates


def test_attendance_is_noted_at_the_desk_and_certificates_are_issued_once(client, session, teacher):
    there, away = scientist(name="Amina Karim"), scientist(name="Boris Petrov")
    rows = [sign_up(session=session, by=person) for person in (there, away)]
    over(session)
    client.force_login(teacher)
    assert "attendance to note" in text(client.get("/desk/"))
    desk = f"/desk/training/{session.pk}/"
    client.post(desk, {f"participant-{rows[0].pk}": "yes", f"participant-{rows[1].pk}": "no"})
    assert "certificates to issue" in text(client.get("/desk/"))
    for _again in range(2):
        client.post(f"{desk}certificates/")
    certificate = Certificate.objects.get()
    assert certificate.participant == rows[0]
    assert told(there, "attendance.certified") == 1
    assert told(away, "attendance.certified") == 0
    assert "certificates to issue" not in text(client.get("/desk/"))
    # Who has a certificate was there, whatever an old page says.
    record_attendance(session=session, attended={rows[0].pk: False}, by=teacher)
    rows[0].refresh_from_db()
    assert rows[0].attended is True


def test_attendance_waits_for_the_first_day_and_certificates_for_the_last(session, teacher):
    with pytest.raises(ValidationError, match="not begun"):
        record_attendance(session=session, attended={}, by=teacher)
    with pytest.raises(ValidationError, match="last day"):
        issue_certificates(session=session, by=teacher)


def test_who_signed_off_cannot_have_attended(session):
    one = sign_up(session=session, by=(person := scientist()))
    sign_off(session=session, by=person)
    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.filter(pk=one.pk).update(attended=True)


@pytest.mark.parametrize(
    ("last_day", "months", "until"),
    [
        (datetime.date(2026, 1, 31), 1, datetime.date(2026, 2, 28)),
        (datetime.date(2024, 2, 29), 12, datetime.date(2025, 2, 28)),
        (datetime.date(2026, 6, 15), None, None),
    ],
)
def test_certificate_counts_months_from_the_last_day(session, teacher, last_day, months, until):
    one = sign_up(session=session, by=scientist())
    Course.objects.update(valid_months=months)
    CourseSession.objects.update(starts_on=last_day, ends_on=last_day)
    Participant.objects.filter(pk=one.pk).update(attended=True)
    (certificate,) = issue_certificates(session=session, by=teacher)
    assert certificate.valid_until == until


def test_certificate_is_verified_by_anybody_and_a_changed_one_is_refused(client, session, teacher):
    certificate = certified(session, teacher, scientist(name="Amina Karim"))
    address = f"/centers/certificates/{certificate.code}/"
    page = client.get(address)
    assert "A. K." in text(page)
    assert session.course.name in text(page)
    assert "Amina" not in page.content.decode()
    pdf = certificate_pdf(certificate)
    assert "The file is genuine" in text(client.post(address, {"file": SimpleUploadedFile("c.pdf", pdf)}))
    assert "is not genuine" in text(client.post(address, {"file": SimpleUploadedFile("c.pdf", pdf + b"\n")}))
    assert client.get("/centers/certificates/unknown/").status_code == 404


def test_certificate_is_taken_along_by_its_person_and_the_hosts(client, session, teacher):
    certificate = certified(session, teacher, person := scientist())
    address = f"/desk/training/certificates/{certificate.pk}.pdf"
    for user, status in ((person, 200), (teacher, 200), (scientist(), 404)):
        client.force_login(user)
        assert client.get(address).status_code == status


def test_revoked_certificate_is_told_to_who_verifies_it_and_can_be_issued_anew(client, session, teacher):
    certificate = certified(session, teacher)
    client.force_login(teacher)
    client.post(f"/desk/training/certificates/{certificate.pk}/revoke/")
    assert "not in force any more" in text(client.get(f"/centers/certificates/{certificate.code}/"))
    record_attendance(session=session, attended={certificate.participant_id: True}, by=teacher)
    (again,) = issue_certificates(session=session, by=teacher)
    assert again.serial == certificate.serial + 1
    with pytest.raises(PermissionDenied):
        revoke_certificate(certificate=again, by=certificate.participant.person)


def test_revoking_again_does_not_touch_the_certificate_that_came_after_it(session, teacher):
    first = certified(session, teacher)
    revoke_certificate(certificate=first, by=teacher)
    record_attendance(session=session, attended={first.participant_id: True}, by=teacher)
    issue_certificates(session=session, by=teacher)
    revoke_certificate(certificate=first, by=teacher)
    assert Participant.objects.get().attended is True
    assert Certificate.objects.get(revoked_at=None).pk != first.pk


def test_session_with_certificates_is_not_called_off(session, teacher):
    certified(session, teacher, days=0)
    with pytest.raises(ValidationError, match="certificates are issued"):
        cancel_session(session=session, by=teacher)


def test_person_is_reminded_once_before_a_certificate_expires(session, teacher):
    person = scientist()
    certified(session, teacher, person, days=690)  # of 24 months
    assert [remind_of_expiry(), remind_of_expiry()] == [1, 0]
    assert told(person, "attendance.expires") == 1


def test_who_took_part_again_is_not_reminded(session, teacher):
    person = scientist()
    certified(session, teacher, person, days=690)
    certified(CourseSessionFactory(course=session.course), teacher, person, days=3)
    assert remind_of_expiry() == 0


# --- People


def test_own_data_hold_trainings_and_an_erased_person_leaves_no_name(session, teacher):
    person = scientist(name="Zebediah Quux")
    certificate = certified(session, teacher, person)
    data = own_data(person)
    assert data["trainings"][0]["attended"] is True
    assert data["certificates"][0]["content"]["name"] == "Zebediah Quux"
    erase_account(user=person, by=person)
    certificate.refresh_from_db()
    assert "Quux" not in str(certificate.content)


def join(kept, closed):
    (relation,) = [one for one in relations_to(type(kept)) if one.model is Participant]
    JOINS["centers.Participant.person"](Joining(relation, kept, closed, JOINS))


@pytest.mark.parametrize("certified_as", ["kept", "closed"])
def test_who_took_part_under_two_accounts_keeps_the_certificate(session, teacher, certified_as):
    people = {"kept": scientist(), "closed": scientist()}
    for name, person in people.items():
        if name != certified_as:
            sign_up(session=session, by=person)
    certificate = certified(session, teacher, people[certified_as])
    join(**people)
    one = Participant.objects.get(session=session)
    assert one.person == people["kept"]
    assert one.attended is True
    assert one.certificates.get() == certificate


def test_of_two_certificates_of_one_person_one_stays_in_force_and_both_stay_known(client, session, teacher):
    kept, closed = scientist(), scientist()
    certificates = []
    for person in (kept, closed):
        CourseSession.objects.update(starts_on=utc_today() + DAY, ends_on=utc_today() + DAY)
        certificates.append(certified(session, teacher, person))
    join(kept, closed)
    assert [one.revoked_at is None for one in Certificate.objects.order_by("pk")] == [True, False]
    for one in certificates:
        assert client.get(f"/centers/certificates/{one.code}/").status_code == 200


def test_who_was_there_under_the_kept_account_was_there(session, teacher):
    kept, closed = scientist(), scientist()
    one = sign_up(session=session, by=kept)
    sign_up(session=session, by=closed)
    sign_off(session=session, by=closed)
    Participant.objects.filter(pk=one.pk).update(attended=True)
    join(kept, closed)
    one = Participant.objects.get()
    assert (one.attended, one.signed_off_at) == (True, None)


# --- Pages cost the same for many


def test_pages_cost_the_same_for_many(client, session, teacher):
    client.force_login(teacher)
    costs = {}
    for number in (1, 3):
        while session.course.sessions.count() < number:
            CourseSessionFactory(course=session.course)
        for one in session.course.sessions.all():
            if not one.participants.exists():
                certified(one, teacher)
        Course.objects.create(center=session.course.center, name=f"Course {number}")
        for address in ("/desk/training/", f"/desk/training/{session.pk}/", f"/centers/{session.course.center.slug}/"):
            client.get(address)
            with CaptureQueriesContext(connection) as asked:
                client.get(address)
            costs.setdefault(address, []).append(len(asked))
    assert all(one == three for one, three in costs.values()), costs


def test_own_calendar_holds_trainings_and_the_end_of_certificates(session, teacher):
    person = scientist()
    certificate = certified(session, teacher, person)
    to_come = CourseSessionFactory(course=session.course)
    sign_up(session=to_come, by=person)
    called_off = CourseSessionFactory(course=session.course)
    sign_up(session=called_off, by=person)
    cancel_session(session=called_off, by=teacher)
    entries = {entry.uid: entry for entry in dates(person)}
    assert set(entries) == {f"training-{session.pk}", f"training-{to_come.pk}", f"certificate-{certificate.pk}"}
    assert entries[f"certificate-{certificate.pk}"].at == certificate.valid_until
    assert dates(scientist()) == []


def test_desk_shows_the_latest_five_sessions_of_each_course(client, session, teacher):
    later = [CourseSessionFactory(course=session.course, days=31 + number) for number in range(6)]
    sign_up(session=later[5], by=scientist())
    other = CourseSessionFactory(course=course_at(session.course.center, name="Other"))
    client.force_login(teacher)
    shown = {course.name: course.latest for course in client.get("/desk/training/").context["courses"]}
    assert shown[session.course.name] == later[:0:-1]
    assert [one.taken for one in shown[session.course.name]] == [1, 0, 0, 0, 0]
    assert shown["Other"] == [other]
