"""What an institution has promised."""

import datetime

import pytest

from projects.models import Report
from tests.factories import (
    AffiliationFactory,
    CenterFactory,
    InstitutionFactory,
    OfferFactory,
    ProjectFactory,
    ProposalFactory,
)
from tests.members.institution_desk.acts import DESK
from tests.pages import words
from tests.proposals.acts import sent

pytestmark = pytest.mark.django_db


def test_promises_are_what_runs_what_it_carries_and_who_works_there(client, focal_point):
    institution = focal_point.institution
    ProjectFactory(title="Runs", lead=institution)
    ProjectFactory(title="Over", lead=institution, starts_on="2018-01-01", ends_on="2019-01-01")
    ProjectFactory(title="Of others", lead=InstitutionFactory())
    center = CenterFactory(name="Its center")
    center.participations.create(role="host", name_as_given="x", institution=institution)
    OfferFactory(title="A stay", institution=institution, open=True)
    AffiliationFactory(institution=institution, person__name="Shown")
    AffiliationFactory(institution=institution, person__name="Hidden", person__is_public=False)
    client.force_login(focal_point.user)

    text = words(client.get(f"{DESK}promises/"))

    for shown in ("Runs", "Its center", "hosts it", "A stay", "Shown"):
        assert shown in text
    for hidden in ("Over", "Of others", "Hidden"):
        assert hidden not in text


def test_promises_are_the_reports_it_owes_and_the_parts_it_has_confirmed(client, focal_point):
    institution, day = focal_point.institution, datetime.date(2020, 5, 1)
    for title, fields in (("Owed", {}), ("Written", {"state": "accepted"})):
        project = ProjectFactory(title=title, lead=institution)
        Report.objects.create(project=project, kind="final", due_on=day, **fields)
    other = ProjectFactory(title="Owed by the lead", lead=InstitutionFactory(), partners=[institution])
    Report.objects.create(project=other, kind="final", due_on=day)
    sent(lead=institution, title="With the alliance")
    ProposalFactory(lead=institution, title="A draft")
    client.force_login(focal_point.user)

    text = words(client.get(f"{DESK}promises/"))

    for shown in ("final report: Owed", "late", "With the alliance", "EUR 900.00"):
        assert shown in text
    for hidden in ("final report: Written", "final report: Owed by the lead", "A draft"):
        assert hidden not in text


def test_institution_without_promises_says_so(client, focal_point):
    client.force_login(focal_point.user)

    text = words(client.get(f"{DESK}promises/"))

    for said in ("no project today", "no center", "no exchange", "No profile names it", "owes no report"):
        assert said in text
