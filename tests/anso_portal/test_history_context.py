"""What the history says of who wrote, from where and why."""

import runpy
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.test import RequestFactory
from django.urls import resolve, reverse
from pghistory.models import Context

from anso_portal.celery import app
from anso_portal.history.middleware import HistoryMiddleware
from members.models import Institution
from tests.desk import send
from tests.factories import InstitutionFactory, UserFactory
from toolkit.history import context

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.django_db


def facts_of(record) -> list[dict]:
    """What each event says, oldest first; but for the number of the act."""
    events = record.events.order_by("pgh_id").select_related("pgh_context")
    return [{name: value for name, value in event.pgh_context.metadata.items() if name != "act"} for event in events]


def test_a_request_is_told_by_user_and_pattern_never_by_its_address(client):
    officer = UserFactory(roles=["officer"])
    institution = InstitutionFactory(city="Lahore")
    client.force_login(officer)

    send(
        client,
        reverse("admin:members_institution_change", args=[institution.pk]) + "?secret=token",
        {"city": "Karachi"},
    )

    assert facts_of(institution)[-1] == {
        "user": officer.pk,
        "route": "/admin/members/institution/<path:object_id>/change/",
    }


def answered(address: str, act, user=None):
    """A request through the middleware alone, whose view does what a test wants to have recorded."""

    def view(request):
        middleware.process_view(request, view, (), {})
        act(request)

    middleware = HistoryMiddleware(view)
    request = RequestFactory().post(address)
    request.user = user or AnonymousUser()
    request.resolver_match = resolve(urlsplit(address).path)
    middleware(request)


def test_a_secret_in_an_address_is_no_part_of_its_pattern():
    institution = InstitutionFactory()
    address = reverse("welcome", args=["a-secret-key"])

    answered(f"{address}?token=a-secret-key", lambda request: Institution.objects.update(city="Accra"))

    assert facts_of(institution)[-1].keys() == {"user", "route"}
    assert facts_of(institution)[-1]["user"] is None
    assert not Context.objects.filter(metadata__icontains="a-secret-key").exists()


def test_who_signs_in_is_told_from_then_on():
    institution, user = InstitutionFactory(), UserFactory()

    def sign_in(request):
        Institution.objects.update(city="Accra")
        request.user = user
        Institution.objects.update(city="Tema")

    answered("/accounts/login/", sign_in)

    assert [facts["user"] for facts in facts_of(institution)[1:]] == [None, user.pk]


def test_a_reason_holds_where_it_was_given_and_no_further():
    institution = InstitutionFactory(city="Lahore")
    with context(user=7):
        with context(reason="They moved."):
            Institution.objects.update(city="Karachi")
        Institution.objects.update(city="Quetta")

    assert facts_of(institution)[1:] == [{"user": 7, "reason": "They moved."}, {"user": 7}]


def test_one_act_has_one_number_whatever_was_said_in_it():
    institution = InstitutionFactory(city="Lahore")
    with context(user=7):
        Institution.objects.update(city="Karachi")
        with context(reason="They moved."):
            Institution.objects.update(city="Quetta")
    contexts = [event.pgh_context for event in institution.events.order_by("pgh_id").select_related("pgh_context")][1:]

    assert len({one.pk for one in contexts}) == 2
    assert len({one.metadata["act"] for one in contexts}) == 1


@pytest.mark.django_db(transaction=True)
def test_each_transaction_of_an_act_has_a_context_of_its_own():
    institution = InstitutionFactory(city="Lahore")
    with context(source="import"):
        for city in ("Karachi", "Quetta"):
            with transaction.atomic():
                Institution.objects.update(city=city)

    contexts = [event.pgh_context for event in institution.events.order_by("pgh_id").select_related("pgh_context")][1:]
    assert len({one.pk for one in contexts}) == 2
    assert len({one.metadata["act"] for one in contexts}) == 1


def test_a_task_tells_its_name():
    institution = InstitutionFactory(city="Lahore")

    @app.task(name="tests.move")
    def move():
        Institution.objects.update(city="Karachi")

    move.apply()

    assert facts_of(institution)[-1] == {"source": "tests.move"}


@pytest.mark.django_db(transaction=True)
def test_a_command_is_told_unless_it_only_changes_tables(monkeypatch):
    told = runpy.run_path(str(ROOT / "manage.py"))["_told"]
    institution = InstitutionFactory(city="Lahore")
    for arguments in (["manage.py", "appoint"], ["manage.py", "migrate"]):
        monkeypatch.setattr(sys, "argv", arguments)
        with told():
            Institution.objects.update(city=arguments[1])

    assert facts_of(institution)[1:] == [{"source": "manage.py appoint"}, {"database": "anso_app"}]
