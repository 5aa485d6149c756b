"""Two applications to join, written as sample, their institutions too: one waits to be accepted, one has been endorsed."""

from datetime import datetime, timedelta

from anso_portal.sample.ledger import Ledger
from anso_portal.sample.reading import document
from members.actions.applications import number_application
from members.actions.names import keep_names, name_institution
from members.models import Institution, Meeting, Membership, MembershipApplication
from toolkit.clock import database_now
from toolkit.names import slugify, unique_slug
from vocabularies.models import Source
from workflow.models import Step

State, Standing = MembershipApplication.State, Membership.Standing

ANSWERS = (
    *("name", "language", "acronym", "kind", "city"),
    *("contact_name", "contact_position", "contact_email", "focal_name", "focal_email", "motivation", "contribution"),
)
STEPS = (
    ("sent_days_ago", State.UNCONFIRMED, State.SUBMITTED),
    ("accepted_days_ago", State.SUBMITTED, State.CHECKING),
    ("checked_days_ago", State.CHECKING, State.CHECKED),
    ("endorsed_days_ago", State.CHECKED, State.ENDORSED),
)


def load_applications(ledger: Ledger, source: Source) -> None:
    now = database_now()
    for entry in document("applications.json"):
        application = MembershipApplication(
            **{name: entry.get(name, "") for name in ANSWERS},
            country_id=entry["country"],
            consents=True,
            illustrative=True,
        )
        application.save(force_insert=True)
        number_application(application)
        _go_on(ledger, application, entry, now, source)
        ledger.note([application])  # after its institution, which goes only when the application has gone


def _go_on(ledger: Ledger, application: MembershipApplication, entry: dict, now: datetime, source: Source) -> None:
    """Writes what the moves would have written in the weeks before today, and tells nobody."""
    when = {name: now - timedelta(days=entry[name]) for name, _source, _target in STEPS if name in entry}
    for name, begun, reached in STEPS:
        if name in when:
            Step.objects.create(
                object_label=MembershipApplication._meta.label_lower,
                object_id=str(application.pk),
                field="state",
                source=begun,
                target=reached,
                at=when[name],
            )
            application.state, application.changed_at = reached, when[name]
    application.submitted_at = when["sent_days_ago"]
    if "accepted_days_ago" in when:
        application.institution = _institution(ledger, application, source)
        _decide(ledger, application, Standing.CANDIDATE, when["accepted_days_ago"], source)
    if "endorsed_days_ago" in when:
        board = ledger.find_or_create(
            Meeting,
            body=Meeting.Body.BOARD,
            name=entry["board"],
            defaults={"held_on": when["endorsed_days_ago"].date(), "place": entry["place"], "source": source},
        )
        _decide(ledger, application, Standing.ENDORSED, when["endorsed_days_ago"], source, board)
    application.save()


def _institution(ledger: Ledger, application: MembershipApplication, source: Source) -> Institution:
    taken = Institution.objects.filter
    made = Institution(
        slug=unique_slug(slugify(application.name), taken=lambda slug: taken(slug=slug).exists()),
        name=application.name,
        acronym=application.acronym,
        kind=application.kind,
        country=application.country,
        city=application.city,
        source=source,
    )
    ledger.create(made)
    name_institution(institution=made, name=made.name, acronym=made.acronym)
    keep_names(institutions=[made])
    return made


def _decide(
    ledger: Ledger,
    application: MembershipApplication,
    standing: str,
    at: datetime,
    source: Source,
    meeting: Meeting | None = None,
) -> None:
    ledger.create(
        Membership(
            institution=application.institution,
            application=application,
            standing=standing,
            starts_on=at.date(),
            meeting=meeting,
            source=source,
        )
    )
