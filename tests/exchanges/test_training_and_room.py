"""What keeps a stay from its place or its beginning: a training that is missing, a host that is full."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from centers.actions.certificates import issue_certificates, revoke_certificate
from centers.models import Certificate, CourseSession, Participant
from exchanges.actions.capacity import crowd_at, set_capacity
from exchanges.actions.letters import issue_letter
from exchanges.actions.stays import approve_stay
from exchanges.actions.visits import advance_stays, do_task
from exchanges.models import HostCapacity, Offer, Stay, StayTask
from exchanges.workflow import missing_courses
from notifications.models import Notification
from tests.exchanges.acts import DAY, TODAY, agreed, approved, draft, submitted
from tests.factories import (
    CenterFactory,
    CourseSessionFactory,
    InstitutionFactory,
    OfferFactory,
    UserFactory,
    course_at,
)
from tests.proposals.test_pages import text

pytestmark = pytest.mark.django_db
State = Stay.State


def told(kind: str) -> set:
    return {row.subscriber.user for row in Notification.objects.filter(event__kind=kind)}


@pytest.fixture
def session(offer, host):
    """Its offer asks for the training that is given here."""
    session = CourseSessionFactory(host=host)
    offer.trainings.add(session.course)
    return session


def certify(session, person, *, until: datetime.date | None = None) -> Certificate:
    day = TODAY - DAY
    CourseSession.objects.filter(pk=session.pk).update(starts_on=day, ends_on=day)
    session.refresh_from_db()
    Participant.objects.create(session=session, person=person, attended=True)
    (certificate,) = issue_certificates(session=session, by=UserFactory(roles=["officer"]))
    if until:
        Certificate.objects.filter(pk=certificate.pk).update(valid_until=until)
    return certificate


def on_its_first_day(stay, speakers, *, lasts=10):
    issue_letter(stay=stay, by=speakers["host"])
    Stay.objects.filter(pk=stay.pk).update(starts_on=TODAY, ends_on=TODAY + (lasts - 1) * DAY)
    stay.refresh_from_db()
    return stay


# --- Training


def test_stay_does_not_begin_without_its_training_and_says_so_once(
    client,
    offer,
    home,
    speakers,
    officer,
    session,
):
    stay = on_its_first_day(approved(offer, home, speakers, officer), speakers)
    for _hour in range(2):
        advance_stays()
    stay.refresh_from_db()
    assert stay.state == State.SCHEDULED
    assert told("stay.held_up") == {stay.applicant, *speakers.values()}
    assert Notification.objects.filter(event__kind="stay.held_up").count() == 3
    client.force_login(speakers["host"])
    assert "training is missing" in text(client.get("/desk/"))
    assert "The stay cannot begin" in text(client.get(stay.get_absolute_url()))
    certify(session, stay.applicant)
    advance_stays()
    stay.refresh_from_db()
    assert stay.state == State.UNDER_WAY


@pytest.mark.parametrize(
    ("days", "begins"), [(9, True), (8, False)], ids=["until the last day", "until the day before"]
)
def test_certificate_holds_until_the_last_day(offer, home, speakers, officer, session, days, begins):
    stay = on_its_first_day(approved(offer, home, speakers, officer), speakers, lasts=10)
    certify(session, stay.applicant, until=TODAY + days * DAY)
    advance_stays()
    stay.refresh_from_db()
    assert (stay.state == State.UNDER_WAY) is begins


def test_certificate_of_somebody_else_or_of_another_course_does_not_count(
    offer,
    home,
    speakers,
    officer,
    session,
):
    stay = on_its_first_day(approved(offer, home, speakers, officer), speakers)
    certify(session, UserFactory())
    certify(CourseSessionFactory(course=course_at(session.course.center, name="Other")), stay.applicant)
    advance_stays()
    stay.refresh_from_db()
    assert stay.state == State.SCHEDULED


def test_revoked_certificate_opens_the_task_again(offer, home, speakers, officer, session):
    stay = approved(offer, home, speakers, officer)
    task = stay.tasks.get(kind=StayTask.Kind.TRAINING)
    with pytest.raises(ValidationError, match="certificate"):
        do_task(task=task, done=True, by=stay.applicant)
    certificate = certify(session, stay.applicant)
    advance_stays()
    task.refresh_from_db()
    assert task.done_at
    revoke_certificate(certificate=certificate, by=officer)
    advance_stays()
    task.refresh_from_db()
    assert task.done_at is None


def test_stay_whose_days_passed_without_training_does_not_begin_afterwards(
    offer,
    home,
    speakers,
    officer,
    session,
):
    stay = on_its_first_day(approved(offer, home, speakers, officer), speakers)
    advance_stays()
    Stay.objects.filter(pk=stay.pk).update(starts_on=TODAY - 9 * DAY, ends_on=TODAY - DAY)
    certify(session, stay.applicant)
    advance_stays()
    stay.refresh_from_db()
    assert stay.state == State.SCHEDULED


def test_offer_without_training_asks_for_none(offer, home, speakers, officer):
    stay = approved(offer, home, speakers, officer)
    assert not stay.tasks.filter(kind=StayTask.Kind.TRAINING).exists()


def test_applicant_sees_before_applying_what_is_needed(client, offer, home, session):
    assert session.course.name in text(client.get(offer.get_absolute_url()))
    stay = draft(offer, home)
    client.force_login(stay.applicant)
    assert "no certificate until the last day" in text(client.get(stay.get_absolute_url()))
    certify(session, stay.applicant)
    assert "no certificate" not in text(client.get(stay.get_absolute_url()))


def test_host_chooses_among_the_courses_of_its_own_centers(client, host, speakers, session):
    elsewhere = course_at(CenterFactory(), host=InstitutionFactory(), name="Elsewhere")
    draft_offer = OfferFactory(institution=host)
    client.force_login(speakers["host"])
    page = client.get(f"/desk/exchanges/offers/{draft_offer.slug}/").content.decode()
    assert session.course.name in page
    assert elsewhere.name not in page


# --- Room


def test_stay_that_is_one_too_many_is_shown_to_host_and_officer(
    client,
    offer,
    home,
    host,
    speakers,
    officer,
):
    set_capacity(institution=host, guests=1, by=speakers["host"])
    approved(offer, home, speakers, officer)
    second = agreed(offer, home, speakers)
    assert crowd_at(second) == (2, 1)
    for user, shown in ((officer, True), (speakers["host"], True), (second.applicant, False)):
        client.force_login(user)
        assert ("would have 2 guests" in text(client.get(second.get_absolute_url()))) is shown
    approve_stay(stay=second, by=officer)  # who sees it may decide so


@pytest.mark.parametrize(
    ("others", "guests"),
    [
        ([(0, 4), (5, 10)], None),  # one after the other
        ([(0, 5), (5, 10)], 3),  # both on the fifth day
        ([(-20, -1), (11, 30)], None),  # before and after
        ([(-20, 30), (3, 3)], 3),
    ],
)
def test_fullest_day_counts(offer, home, host, speakers, others, guests):
    HostCapacity.objects.create(institution=host, guests=2)
    stay = submitted(offer, home)
    first = TODAY + 60 * DAY
    Stay.objects.filter(pk=stay.pk).update(starts_on=first, ends_on=first + 10 * DAY)
    stay.refresh_from_db()
    for begins, ends in others:
        other = submitted(offer, home)
        days = {"starts_on": first + begins * DAY, "ends_on": first + ends * DAY}
        Stay.objects.filter(pk=other.pk).update(state=State.SCHEDULED, **days)
    crowd = crowd_at(stay)
    assert (crowd and crowd.guests) == guests


def test_where_no_officer_approves_a_full_host_waits_for_one(offer, home, host, speakers, officer):
    Offer.objects.filter(pk=offer.pk).update(programme=None)
    offer.refresh_from_db()
    HostCapacity.objects.create(institution=host, guests=1)
    first, second = agreed(offer, home, speakers), agreed(offer, home, speakers)
    assert (first.state, second.state) == (State.APPROVED, State.AGREED)
    HostCapacity.objects.all().delete()
    advance_stays()
    second.refresh_from_db()
    assert second.state == State.APPROVED


def test_host_says_how_many_guests_it_takes(client, host, speakers):
    client.force_login(speakers["host"])
    address = f"/desk/exchanges/room/{host.slug}/"
    client.post(address, {f"{host.slug}-guests": "4"})
    assert HostCapacity.objects.get().guests == 4
    assert 'value="4"' in client.get("/desk/exchanges/offers/").content.decode()
    client.post(address, {f"{host.slug}-guests": "0"})
    assert HostCapacity.objects.get().guests == 4
    client.post(address, {f"{host.slug}-guests": ""})
    assert not HostCapacity.objects.exists()
    client.force_login(speakers["home"])
    assert client.post(address, {f"{host.slug}-guests": "9"}).status_code == 403
    with pytest.raises(PermissionDenied):
        set_capacity(institution=host, guests=9, by=speakers["home"])


def test_certificate_of_somebody_who_is_gone_counts_for_nobody(offer, home, speakers, officer, session):
    stay = approved(offer, home, speakers, officer)
    certificate = certify(session, UserFactory())
    Participant.objects.filter(pk=certificate.participant_id).update(person=None)
    Stay.objects.filter(pk=stay.pk).update(applicant=None)
    stay.refresh_from_db()
    assert list(missing_courses(stay)) == [session.course]
