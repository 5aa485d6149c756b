"""Roles in the alliance, and access in an emergency."""

import io
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from pghistory.models import Context

from accounts.models import AllianceRole, HistoryReason, User
from members.actions import roles
from members.actions.roles import end_alliance_role, grant_alliance_role
from tests.factories import UserFactory
from tests.members.inbox import told
from tests.members.roles.acts import DAY

pytestmark = pytest.mark.django_db


# --- The alliance


def test_administrator_gives_and_ends_a_role_in_the_alliance(administrator):
    user = UserFactory()

    role = grant_alliance_role(user=user, role="officer", by=administrator)
    assert User.objects.get(pk=user.pk).current_roles == {"officer"}
    assert end_alliance_role(role=role, by=administrator)
    assert end_alliance_role(role=role, by=administrator) is False

    assert User.objects.get(pk=user.pk).current_roles == set()
    assert [line.partition(" of ")[0] for line in told(user)] == [
        "You are now programme officer",
        "You are no longer programme officer",
    ]


@pytest.mark.parametrize("roles", [[], ["officer"], ["reviewer"]])
def test_nobody_else_gives_roles_in_the_alliance(administrator, roles):
    user = UserFactory(roles=roles)

    with pytest.raises(PermissionDenied, match="Administrators"):
        grant_alliance_role(user=user, role="administrator", by=user)
    with pytest.raises(PermissionDenied, match="Administrators"):
        end_alliance_role(role=administrator.alliance_roles.get(), by=user)


def test_nobody_ends_the_own_role_as_administrator(administrator):
    with pytest.raises(PermissionDenied, match="You cannot take this from yourself"):
        end_alliance_role(role=administrator.alliance_roles.get(), by=administrator)


@pytest.mark.django_db(transaction=True)
def test_two_administrators_cannot_end_each_other(monkeypatch):
    pair = [UserFactory(roles=["administrator"]) for _ in range(2)]
    held = [user.alliance_roles.get() for user in pair]
    barrier, outcomes = threading.Barrier(2), []
    asked = roles.demand_administrator

    def demand_together(user):
        asked(user)
        barrier.wait(10)

    monkeypatch.setattr(roles, "demand_administrator", demand_together)

    def go(role, by):
        try:
            end_alliance_role(role=role, by=User.objects.get(pk=by.pk))
            outcomes.append("ended")
        except PermissionDenied:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [
        threading.Thread(target=go, args=[held[0], pair[1]]),
        threading.Thread(target=go, args=[held[1], pair[0]]),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(outcomes) == ["ended", "refused"]
    assert AllianceRole.objects.current().count() == 1


# --- Emergency access


def grant(email, *options):
    output = io.StringIO()
    call_command("grant_administrator", email, *options, stdout=output)
    return output.getvalue()


def test_emergency_access_is_told_and_kept(administrator, today):
    user = UserFactory(email="help@example.org")

    said = grant("HELP@example.org", "--reason", "Everybody is away.", "--days", "3")

    role = user.alliance_roles.get()
    assert (role.role, role.given_by, role.ends_on) == ("administrator", None, today + 3 * DAY)
    assert str(role.ends_on) in said
    assert "You are now administrator" in told(user)[0]
    assert "A new administrator of" in told(administrator)[0]
    event = AllianceRole.pgh_event_model.objects.get(pgh_obj_id=role.pk)
    facts = Context.objects.get(pk=event.pgh_context_id).metadata
    assert facts["source"] == "grant_administrator"
    assert HistoryReason.objects.get(pk=facts["reason_number"]).text == "Everybody is away."


def test_emergency_access_asks_for_an_open_account_and_a_reason(administrator):
    closed = UserFactory(is_active=False)

    with pytest.raises(CommandError, match="No account has the address"):
        grant("nobody@example.org", "--reason", "x")
    with pytest.raises(CommandError, match="is closed"):
        grant(closed.email, "--reason", "x")
    with pytest.raises(CommandError, match="administrator already"):
        grant(administrator.email, "--reason", "x")
    with pytest.raises(CommandError, match="--reason"):
        grant(UserFactory().email, "--reason", " ")
    with pytest.raises(CommandError, match="--days"):
        grant(UserFactory().email, "--reason", "x", "--days", "0")
    assert AllianceRole.objects.count() == 1
