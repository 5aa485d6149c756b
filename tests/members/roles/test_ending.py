"""Roles of institutions: given, ended, and the last focal point that is never lost."""

import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from pghistory.models import Context

from accounts.models import HistoryReason, User
from members.actions.roles import end_role, let_focal_point_go
from members.models import Institution, InstitutionRole
from notifications.models import Event
from tests.factories import InstitutionFactory, InstitutionRoleFactory, UserFactory
from tests.members.inbox import told
from tests.members.roles.acts import DAY, demand_now

pytestmark = pytest.mark.django_db


# --- Ending


def test_role_that_is_ended_ends_at_once_and_the_person_is_told(focal_point, editor, today):
    assert end_role(role=editor, by=focal_point.user, reason="The project is over.")

    assert list(focal_point.institution.roles.current()) == [focal_point]
    assert (editor.ended_by, editor.ends_on) == (focal_point.user, today)
    assert editor.ended_at is not None
    assert told(editor.user) == ["You are no longer editor of Academy of Water"]
    assert "Edda" not in str(list(Event.objects.values_list("facts", flat=True)))


def test_second_click_ends_nothing_and_tells_nobody(focal_point, editor):
    end_role(role=editor, by=focal_point.user)

    assert end_role(role=editor, by=focal_point.user) is False
    assert len(told(editor.user)) == 1


def test_role_to_come_is_called_off(focal_point, today):
    deputy = InstitutionRoleFactory(
        institution=focal_point.institution, role="deputy", starts_on=today + 5 * DAY, ends_on=today + 9 * DAY
    )

    assert end_role(role=deputy, by=focal_point.user)
    assert deputy.ends_on == today + 5 * DAY
    assert not InstitutionRole.objects.not_over().filter(pk=deputy.pk).exists()


def test_history_keeps_who_ended_a_role_and_why_and_no_name(focal_point, editor):
    end_role(role=editor, by=focal_point.user, reason="Left.")

    event = InstitutionRole.pgh_event_model.objects.filter(pgh_obj_id=editor.pk).latest("pgh_id")
    assert (event.ended_by_id, event.user_id, event.role) == (focal_point.user.pk, editor.user.pk, "editor")
    facts = Context.objects.get(pk=event.pgh_context_id).metadata
    reason = HistoryReason.objects.get(pk=facts["reason_number"])
    assert (reason.text, reason.by) == ("Left.", focal_point.user)
    assert "Left." not in str(facts)


@pytest.mark.parametrize(
    ("who", "role", "may"),
    [
        ("editor", "editor", False),
        ("editor", "focal_point", False),
        ("deputy", "editor", True),
        ("deputy", "focal_point", False),
        ("deputy", "deputy", False),
        ("focal_point", "editor", True),
        ("focal_point", "deputy", True),
        ("focal_point", "focal_point", True),
        ("stranger", "editor", False),
        ("elsewhere", "editor", False),
        ("reviewer", "editor", False),
        ("officer", "focal_point", True),
        ("administrator", "focal_point", True),
    ],
)
def test_who_may_end_whose_role(institution, focal_point, today, who, role, may):
    tomorrow = today + DAY
    user = UserFactory(roles=[who] if who in ("officer", "administrator", "reviewer") else [])
    if who in ("editor", "deputy", "focal_point"):
        InstitutionRoleFactory(
            institution=institution, user=user, role=who, ends_on=tomorrow if who == "deputy" else None
        )
    elif who == "elsewhere":
        InstitutionRoleFactory(user=user)
    target = InstitutionRoleFactory(institution=institution, role=role)

    if may:
        assert end_role(role=target, by=user)
    else:
        with pytest.raises(PermissionDenied, match="Academy of Water"):
            end_role(role=target, by=user)


def test_everybody_may_give_up_the_own_role(focal_point, editor):
    assert end_role(role=editor, by=editor.user)
    assert told(editor.user) == ["You are no longer editor of Academy of Water"]


def test_deputy_decides_only_while_in_force(focal_point, editor, today):
    deputy = InstitutionRoleFactory(
        institution=focal_point.institution, role="deputy", starts_on=today - 9 * DAY, ends_on=today - DAY
    )

    with pytest.raises(PermissionDenied):
        end_role(role=editor, by=deputy.user)


# --- The last focal point


def test_last_focal_point_cannot_be_ended_and_the_text_says_who_helps(focal_point, officer):
    for by in (focal_point.user, officer):
        with pytest.raises(
            ValidationError, match=r"Academy of Water would be without a focal point\. Name a successor"
        ):
            end_role(role=focal_point, by=by)
    assert InstitutionRole.objects.current().filter(pk=focal_point.pk).exists()


def test_officer_may_take_the_last_focal_point_away_with_a_reason(focal_point, officer):
    with pytest.raises(ValidationError, match="Say why"):
        end_role(role=focal_point, by=officer, last_too=True, reason=" ")

    assert end_role(role=focal_point, by=officer, last_too=True, reason="The academy was closed.")
    demand_now()


def test_focal_point_may_not_override(focal_point):
    with pytest.raises(PermissionDenied, match="Officers and administrators"):
        end_role(role=focal_point, by=focal_point.user, last_too=True, reason="I want to.")


def test_one_of_two_focal_points_may_go(focal_point):
    other = InstitutionRoleFactory(institution=focal_point.institution)

    assert end_role(role=other, by=other.user)
    demand_now()


def test_focal_point_of_a_closed_account_may_be_cleared_away(focal_point, officer):
    with transaction.atomic():
        let_focal_point_go()
        User.objects.filter(pk=focal_point.user.pk).update(is_active=False)
    focal_point.user.refresh_from_db()

    assert end_role(role=focal_point, by=officer)


CHANGES = {
    "ended": lambda role, today: role.__class__.objects.filter(pk=role.pk).update(
        ends_on=today, ended_at="2026-01-01T00:00Z"
    ),
    "given an end": lambda role, today: role.__class__.objects.filter(pk=role.pk).update(ends_on=today + 9 * DAY),
    "put off": lambda role, today: role.__class__.objects.filter(pk=role.pk).update(starts_on=today + 9 * DAY),
    "made editor": lambda role, today: role.__class__.objects.filter(pk=role.pk).update(role="editor"),
    "moved": lambda role, today: role.__class__.objects.filter(pk=role.pk).update(institution=InstitutionFactory()),
    "deleted": lambda role, today: role.delete(),
    "account closed": lambda role, today: User.objects.filter(pk=role.user_id).update(is_active=False),
    "account deleted": lambda role, today: role.user.delete(),
    "account closed and role ended": lambda role, today: (
        User.objects.filter(pk=role.user_id).update(is_active=False),
        role.__class__.objects.filter(pk=role.pk).update(ends_on=today, ended_at="2026-01-01T00:00Z"),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_database_refuses_what_takes_the_last_focal_point(focal_point, editor, today, change):
    CHANGES[change](focal_point, today)

    with pytest.raises(IntegrityError, match="would lose its last focal point"):
        demand_now()


@pytest.mark.parametrize("change", CHANGES)
def test_database_allows_it_where_another_one_stays(focal_point, today, change):
    InstitutionRoleFactory(institution=focal_point.institution)

    CHANGES[change](focal_point, today)
    demand_now()


@pytest.mark.parametrize("change", CHANGES)
def test_database_allows_it_by_the_explicit_act(focal_point, today, change):
    let_focal_point_go()

    CHANGES[change](focal_point, today)
    demand_now()


def test_focal_point_with_an_end_needs_another_without(institution, today):
    InstitutionRoleFactory(institution=institution, ends_on=today + 9 * DAY)

    with pytest.raises(IntegrityError):
        demand_now()


def test_focal_point_of_the_past_may_be_written_down(institution):
    InstitutionRoleFactory(institution=institution, starts_on="2020-01-01", ends_on="2021-01-01")
    demand_now()


def test_institution_that_goes_takes_its_focal_point_along(focal_point):
    focal_point.institution.delete()
    demand_now()


def test_withdrawn_record_needs_no_focal_point(focal_point):
    Institution.objects.filter(pk=focal_point.institution_id).update(record_status="withdrawn")
    focal_point.delete()
    demand_now()


@pytest.mark.django_db(transaction=True)
def test_two_last_focal_points_cannot_go_at_the_same_time():
    """Each counts on the other, and only one may."""
    institution = InstitutionFactory()
    pair = [InstitutionRoleFactory(institution=institution) for _ in range(2)]
    barrier, outcomes = threading.Barrier(2), []

    def go(role):
        try:
            with transaction.atomic():
                InstitutionRole.objects.filter(pk=role.pk).update(role="editor")
                barrier.wait(10)
            outcomes.append("gone")
        except IntegrityError:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=go, args=[role]) for role in pair]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(outcomes) == ["gone", "refused"]
    assert institution.roles.lasting_focal_points().count() == 1
