"""Training that is written as sample: held with certificates, held with attendance still to note, and to come."""

from datetime import timedelta

from accounts.models import User
from anso_portal.sample.centers import Centers
from anso_portal.sample.ledger import Ledger
from anso_portal.sample.reading import document
from centers.actions.certificates import issue_certificates
from centers.actions.courses import add_session, sign_up
from centers.forms import SessionForm
from centers.models import Course, CourseSession, Participant
from exchanges.models import Offer
from toolkit.clock import database_today


def load_trainings(ledger: Ledger, users: dict[str, User], centers: Centers) -> None:
    for entry in document("trainings.json"):
        host = users.get(entry["by"])
        if host is None:
            continue
        course = ledger.create(
            Course(
                center=centers[entry["center"]],
                name=entry["name"],
                description=entry["description"],
                valid_months=entry["valid_months"],
                illustrative=True,
            )
        )
        for offer in Offer.objects.filter(illustrative=True, title=entry.get("offer", "")):
            offer.trainings.add(course)
        for given in entry["sessions"]:
            _load_session(ledger, course, given, users, host)


def _load_session(ledger: Ledger, course: Course, given: dict, users: dict[str, User], host: User) -> None:
    first = database_today() + timedelta(days=given["in_days"])
    days = {"starts_on": first, "ends_on": first + timedelta(days=given["lasts"] - 1)}
    values = {**days, "place": given["place"], "places": given["places"]}
    if given["in_days"] > 0:
        # By the same acts as in life, so that people are told.
        form = SessionForm(values, instance=CourseSession(course=course))
        session = add_session(form=form, by=host)
        ledger.note([session])
        for name in given["signed_up"]:
            if name in users:
                sign_up(session=session, by=users[name])
        return
    session = ledger.create(CourseSession(course=course, **values))
    attended = True if "certified" in given else None
    Participant.objects.bulk_create(
        Participant(session=session, person=users[name], attended=attended)
        for name in given.get("certified") or given["signed_up"]
        if name in users
    )
    if attended:
        issue_certificates(session=session, by=host)
