"""Roles in institutions and in the alliance: who gives and ends them, and that a focal point always stays."""

import datetime
import io
import threading

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from pghistory.models import Context

from accounts.models import AllianceRole, HistoryReason, User
from members.actions import roles
from members.actions.roles import (
    end_alliance_role,
    end_role,
    give_role,
    grant_alliance_role,
    hand_over,
    let_focal_point_go,
    name_deputy,
)
from members.models import Institution, InstitutionRole
from notifications.models import Event, Notification
from tests.factories import InstitutionFactory, InstitutionRoleFactory, UserFactory
from toolkit.clock import database_today

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def today(db):
    return database_today()


@pytest.fixture
def institution(db):
    return InstitutionFactory(name="Academy of Water")


@pytest.fixture
def focal_point(institution):
    return InstitutionRoleFactory(institution=institution, user__name="Fatima")


@pytest.fixture
def editor(institution):
    return InstitutionRoleFactory(institution=institution, role="editor", user__name="Edda")


@pytest.fixture
def officer(db):
    return UserFactory(roles=["officer"])


@pytest.fixture
def administrator(db):
    return UserFactory(roles=["administrator"])


def told(user) -> list[str]:
    return [row.event.headline for row in Notification.objects.filter(subscriber__user=user).order_by("pk")]


def in_force(institution) -> set[tuple[str, str]]:
    return {(role.user.name, role.role) for role in institution.roles.current()}


def demand_now():
    """What the database asks at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


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


# --- Absence and succession


def test_deputy_is_named_for_an_absence_and_told(focal_point, editor, today):
    deputy = name_deputy(
        institution=focal_point.institution,
        colleague=editor.user,
        starts_on=today,
        ends_on=today + 5 * DAY,
        by=focal_point.user,
    )

    assert (deputy.role, deputy.given_by, deputy.ends_on) == ("deputy", focal_point.user, today + 5 * DAY)
    assert told(editor.user) == ["You stand in for the focal point of Academy of Water"]


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [(5, 4, "before the first"), (-9, -1, "has passed"), (0, 400, "a year at most")],
)
def test_absence_that_makes_no_sense_is_refused(focal_point, editor, today, first, last, words):
    with pytest.raises(ValidationError, match=words):
        name_deputy(
            institution=focal_point.institution,
            colleague=editor.user,
            starts_on=today + first * DAY,
            ends_on=today + last * DAY,
            by=focal_point.user,
        )


def test_deputy_is_a_colleague(focal_point, today):
    with pytest.raises(ValidationError, match="Choose a colleague"):
        name_deputy(
            institution=focal_point.institution,
            colleague=UserFactory(),
            starts_on=today,
            ends_on=today,
            by=focal_point.user,
        )


def test_deputy_or_editor_names_no_deputy(focal_point, editor, today):
    deputy = InstitutionRoleFactory(institution=focal_point.institution, role="deputy", ends_on=today + DAY)
    for by in (editor.user, deputy.user):
        with pytest.raises(PermissionDenied):
            name_deputy(
                institution=focal_point.institution, colleague=editor.user, starts_on=today, ends_on=today, by=by
            )


def test_same_deputy_for_the_same_days_is_named_once(focal_point, editor, today):
    days = {"starts_on": today, "ends_on": today + DAY}
    first, second = (
        name_deputy(institution=focal_point.institution, colleague=editor.user, by=focal_point.user, **days)
        for _ in range(2)
    )

    assert first == second
    assert len(told(editor.user)) == 1


def test_focal_point_hands_over_to_a_colleague_at_once(focal_point, editor):
    hand_over(role=focal_point, successor=editor.user, by=focal_point.user)

    assert in_force(focal_point.institution) == {("Edda", "editor"), ("Edda", "focal_point")}
    assert told(editor.user) == ["You are now focal point of Academy of Water"]
    assert told(focal_point.user) == ["You are no longer focal point of Academy of Water"]
    demand_now()


def test_hand_over_is_refused_to_oneself_to_strangers_and_by_editors(focal_point, editor):
    for successor in (focal_point.user, UserFactory()):
        with pytest.raises(ValidationError):
            hand_over(role=focal_point, successor=successor, by=focal_point.user)
    with pytest.raises(PermissionDenied):
        hand_over(role=focal_point, successor=editor.user, by=editor.user)
    with pytest.raises(ValidationError, match="Only who is focal point"):
        hand_over(role=editor, successor=focal_point.user, by=focal_point.user)
    assert in_force(focal_point.institution) == {("Edda", "editor"), ("Fatima", "focal_point")}


def test_role_that_somebody_holds_is_not_given_twice(focal_point):
    again = give_role(user=focal_point.user, institution=focal_point.institution, role="focal_point", by=None)

    assert again == focal_point
    assert told(focal_point.user) == []


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
