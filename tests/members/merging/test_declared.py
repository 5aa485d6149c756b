"""A relation that nobody declared refuses a merge."""

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.test.utils import isolate_apps

from members.merging import Key, declared, plan_merge, relations, rules, undeclared
from members.merging.fields import unknown_columns
from members.models import Institution
from tests.factories import ParticipationFactory
from tests.members.merging.acts import merge

pytestmark = pytest.mark.django_db


def test_every_relation_of_every_model_is_declared():
    assert undeclared() == []
    assert unknown_columns() == []


def test_nothing_is_declared_that_there_is_not():
    assert set(declared()) - set(relations()) == set()


def test_walk_finds_keys_and_texts_that_may_name_an_institution():
    found = set(relations())

    assert {
        Key("members.institutionrole", "institution"),
        Key("members.institution_themes", "institution"),
        Key("members.institutionrelation", "other"),
        Key("projects.participation", "institution"),
        Key("notifications.follow", "topic"),
        Key("notifications.event", "topics"),
        Key("notifications.event", "subject_id"),
        Key("workflow.step", "object_id"),
        Key("admin.logentry", "object_id"),
        Key("anso_portal.samplerecord", "key"),
    } <= found


@isolate_apps("members")
def test_model_that_nobody_declared_is_found():
    class Prize(models.Model):
        institution = models.ForeignKey(Institution, models.CASCADE, related_name="+")
        others = models.ManyToManyField(Institution, related_name="+")
        topic = models.CharField(max_length=10)
        subject_label = models.CharField(max_length=10)
        subject_id = models.CharField(max_length=10)

        class Meta:
            app_label = "members"

    registry = Prize._meta.apps

    assert undeclared(registry) == [
        Key("members.prize", "institution"),
        Key("members.prize", "subject_id"),
        Key("members.prize", "topic"),
        Key("members.prize_others", "institution"),
    ]


def test_relation_that_nobody_declared_refuses_the_merge_and_is_named(monkeypatch, kept, gone, officer):
    monkeypatch.delitem(rules._rules, Key("projects.participation", "institution"))

    plan = plan_merge(kept, gone)
    assert len(plan.refusals) == 1
    assert "lead and partners” (projects.participation.institution)" in plan.refusals[0]
    with pytest.raises(ValidationError, match=r"projects\.participation\.institution"):
        merge(kept, gone, officer)
    assert Institution.objects.count() == 2


def test_row_that_the_walk_missed_stops_the_merge_in_the_database(monkeypatch, kept, gone, officer):
    """Even where a declaration lies: the database knows what refers to the record that would go."""
    key = Key("projects.participation", "institution")
    ParticipationFactory(institution=gone)
    monkeypatch.setitem(rules._rules, key, rules.Keep("a lie"))

    with pytest.raises(ValidationError, match="The database still knows something"):
        merge(kept, gone, officer)
