"""Deputies for an absence, and who comes after."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from members.actions.roles import give_role, hand_over, name_deputy
from tests.factories import InstitutionRoleFactory, UserFactory
from tests.members.inbox import told
from tests.members.roles.acts import DAY, demand_now, in_force

pytestmark = pytest.mark.django_db


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
