import re
from pathlib import Path

import pghistory.core
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models

from accounts.models import AllianceRole, User
from members.models import Affiliation, InstitutionRole, Person
from tests.factories import (
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    MembershipFactory,
    OfferFactory,
    ProjectFactory,
    UserFactory,
)
from toolkit.history import is_personal, track

ROOT = Path(__file__).resolve().parents[2]
EVENTS = pghistory.core.event_models()


def labels(record) -> list[str]:
    events = pghistory.core.event_models(tracks_model=type(record))[0]
    return list(events.objects.filter(pgh_obj_id=record.pk).order_by("pgh_id").values_list("pgh_label", flat=True))


def editor():
    """The last focal point would not go."""
    return InstitutionRoleFactory(role="editor")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "factory",
    [InstitutionFactory, MembershipFactory, editor, CenterFactory, ProjectFactory, OfferFactory],
)
def test_coming_changing_and_going_are_recorded_whoever_writes(factory):
    record = factory()
    kept = type(record)(pk=record.pk)
    field = next(
        f for f in record._meta.concrete_fields if (isinstance(f, models.DateField) and f.null) or f.name == "city"
    )
    type(record).objects.filter(pk=record.pk).update(**{field.name: "Accra" if field.name == "city" else "2031-01-31"})
    record.delete()

    assert labels(kept) == ["insert", "update", "delete"]


@pytest.mark.django_db
def test_roles_keep_numbers_only():
    user = UserFactory(roles=["officer"])
    role = AllianceRole.objects.get(user=user)
    user.delete()

    event = AllianceRole.pgh_event_model.objects.get(pgh_label="delete")

    assert (event.pgh_obj_id, event.user_id, event.role) == (role.pk, role.user_id, "officer")


@pytest.mark.parametrize("events", EVENTS, ids=lambda events: events.__name__)
def test_every_history_has_all_three_events_and_nothing_personal(events):
    labels = sorted(tracker.label for tracker in events.pgh_trackers)
    fields = [field for field in events._meta.concrete_fields if not field.name.startswith("pgh_")]

    assert labels == ["delete", "insert", "update"]
    assert not [field.name for field in fields if is_personal(field)]
    assert events.pgh_tracked_model not in (User, Person, Affiliation)


def test_roles_are_tracked():
    assert {AllianceRole, InstitutionRole} <= {events.pgh_tracked_model for events in EVENTS}


@pytest.mark.django_db
@pytest.mark.parametrize("events", EVENTS, ids=lambda events: events.__name__)
def test_triggers_fire_once_per_statement(events):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgtype & 1 = 0",
            [events.pgh_tracked_model._meta.db_table],
        )
        found = sorted(name.split("_")[1] for (name,) in cursor.fetchall())

    assert found == ["delete", "insert", "update"]


@pytest.mark.parametrize("name", ["email", "contact_email", "phone", "token", "orcid", "message", "family_name", "ip"])
def test_a_personal_field_cannot_be_tracked(name):
    with pytest.raises(ImproperlyConfigured, match=name):
        track()(model_with(name, models.CharField()))


def test_an_address_cannot_be_tracked_under_any_name():
    with pytest.raises(ImproperlyConfigured, match="reply_to"):
        track()(model_with("reply_to", models.EmailField()))


def model_with(name, field):
    class Meta:
        app_label = "toolkit"
        abstract = True

    return type("Tried", (models.Model,), {name: field, "__module__": __name__, "Meta": Meta})


def test_models_are_tracked_through_our_decorator_only():
    apps = [
        "accounts",
        "anso_portal",
        "centers",
        "exchanges",
        "members",
        "notifications",
        "projects",
        "vocabularies",
        "workflow",
    ]
    files = [path for app in apps for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts]

    assert not [path for path in files if re.search(r"pghistory\.(track|create_event_model)\b", path.read_text())]
    assert [path.name for path in files if re.search(r"pghistory\.context\(", path.read_text())] == ["middleware.py"]
