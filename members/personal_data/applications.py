"""What a person wrote to let an institution join. The application is the institution's and stays, without the names."""

from typing import Any

from django.db.models import Q

from accounts.models import User
from members.models import ApplicationMessage, MembershipApplication
from members.models.application import new_seed
from toolkit.personal import Joining, Joins, Traces, move, rows

TEXTS = {"members.MembershipApplication", "members.ApplicationMessage"}


def export(user: User) -> dict[str, Any]:
    mine = MembershipApplication.objects.filter(Q(applicant=user) | Q(contact_email__iexact=user.email))
    written = (
        *("name", "contact_name", "contact_position", "contact_email", "focal_name", "focal_email"),
        *("motivation", "contribution", "consents", "state", "created_at", "submitted_at"),
    )
    return {
        "applications_to_join": rows(mine, "institution__name", *written),
        "questions_and_answers": rows(
            ApplicationMessage.objects.filter(by=user), "application", "is_question", "text", "at"
        ),
    }


def erase(user: User, traces: Traces) -> None:
    written = MembershipApplication.objects.filter(Q(applicant=user) | Q(contact_email__in=traces.texts))
    written.filter(state__in=MembershipApplication.UNSENT).delete()
    for (
        application
    ) in written:  # The seed is each one's own: with a new one, the link in the applicant's mails is dead.
        application.contact_name = application.contact_position = application.contact_email = ""
        application.seed, application.token_hash = new_seed(), None
        application.save()
    MembershipApplication.objects.filter(focal_email__in=traces.texts).update(focal_name="", focal_email="")


def move_applications(joining: Joining) -> None:
    """Of two drafts for one institution the kept account's goes on."""
    draft = MembershipApplication.State.DRAFT
    for application in joining.coming.filter(state=draft, institution__isnull=False):
        if joining.there.filter(state=draft, institution=application.institution_id).exists():
            application.delete()
    move(joining)


JOINS: Joins = {
    "members.MembershipApplication.applicant": move_applications,
    "members.ApplicationMessage.by": move,
}
