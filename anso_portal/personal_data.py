"""What the portal itself knows of a person: reports that were sent in, and what the administration wrote down."""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from accounts.models import User
from anso_portal.models import ErrorReport, JoinRequest
from members.models import Person
from toolkit.personal import Joins, Traces, drop, leave, move, relations_to, rows

OWN = {"anso_portal.JoinRequest"}
TEXTS = {"anso_portal.ErrorReport", "anso_portal.SavedSearch", "admin.LogEntry"}
FREE = {
    "anso_portal.Branding",
    "anso_portal.AboutFact",
    "anso_portal.SampleRecord",
    "anso_portal.ClosedAccount",
    "pghistory.Context",
    "anso_portal.HistoryLink",
    "anso_portal.HistorySeal",
}


def export(user: User) -> dict[str, Any]:
    reports = ErrorReport.objects.filter(email__in=addresses_of(user))
    entries = LogEntry.objects.filter(user=user)
    return {
        "error_reports": rows(reports, "address", "record", "message", "email", "state", "created_at"),
        "changes_in_the_administration": rows(
            entries, "action_time", "content_type__model", "object_id", "object_repr", "change_message"
        ),
        "accounts_to_join": rows(JoinRequest.objects.filter(user=user), "email", "expires_at"),
    }


def addresses_of(user: User) -> list[str]:
    addresses = [user.email, *EmailAddress.objects.filter(user=user).values_list("email", flat=True)]
    return list({spelled for address in addresses for spelled in (address, address.lower())})


def erase(user: User, traces: Traces) -> None:
    ErrorReport.objects.filter(email__in=traces.texts).delete()
    JoinRequest.objects.filter(Q(user=user) | Q(email__in=traces.texts)).delete()
    entries = LogEntry.objects.filter(_about(user))
    entries.update(object_repr=traces.pseudonym, change_message="")


def _about(user: User) -> Q:
    """Entries about the person's own rows, by their numbers: nobody else's name is touched."""
    person = Person.objects.filter(user=user).first()
    about = Q(content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk))
    if person:
        about |= Q(content_type=ContentType.objects.get_for_model(Person), object_id=str(person.pk))
    for relation in relations_to(User, Person):
        owner = user if relation.related_model is User else person
        if owner is None or relation.model in (LogEntry, Person):
            continue
        keys = relation.model._base_manager.filter(**{relation.name: owner}).values_list("pk", flat=True)
        kind = ContentType.objects.get_for_model(relation.model)
        about |= Q(content_type=kind, object_id__in=[str(key) for key in keys])
    return about


JOINS: Joins = {
    "admin.LogEntry.user": move,
    "anso_portal.ClosedAccount.user": leave,
    "anso_portal.ClosedAccount.joined_to": move,
    "anso_portal.ClosedAccount.by": move,
    "anso_portal.JoinRequest.user": drop,
}
