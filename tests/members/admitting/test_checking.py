"""What an officer does with an application, and the applicant's answers."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from members.actions.applications import (
    accept_application,
    admit_application,
    answer_question,
    ask_applicant,
    endorse_application,
    finish_check,
    refuse_application,
    resume_check,
)
from members.models import Institution, Membership
from notifications.models import Event
from tests.factories import (
    InstitutionFactory,
    InstitutionRoleFactory,
    MeetingFactory,
    MembershipApplicationFactory,
    UserFactory,
)
from tests.members.admitting.acts import TODAY, decisions, in_check, told, verified
from workflow.actions import NotAllowed, WrongState
from workflow.models import Step

pytestmark = pytest.mark.django_db


def test_new_institution_gets_a_record_when_it_is_accepted(officer):
    application = MembershipApplicationFactory(sent=True, new=True, acronym="IG", ror="05qrfxd25")

    accept_application(application=application, by=officer)

    made = Institution.objects.get()
    assert (made.name, made.acronym, made.slug, made.country_id, made.city, made.ror, made.scope) == (
        "Institute of Glaciers",
        "IG",
        "institute-of-glaciers",
        "TJ",
        "Dushanbe",
        "05qrfxd25",
        "national",
    )
    assert set(made.names.values_list("value", "language", "kind")) == {
        ("Institute of Glaciers", "en", "display"),
        ("IG", "", "acronym"),
    }
    assert "institute of glaciers" in made.names_folded
    application.refresh_from_db()
    assert application.institution == made


def test_name_without_latin_letters_takes_the_number_of_its_record(officer):
    application = MembershipApplicationFactory(sent=True, new=True, name="Институт ледников", language="ru")

    accept_application(application=application, by=officer)

    made = Institution.objects.get()
    assert made.slug == str(made.pk)


def test_officer_links_a_known_institution_instead(officer):
    known = InstitutionFactory()
    application = MembershipApplicationFactory(sent=True, new=True)

    accept_application(application=application, by=officer, institution=known)

    assert decisions(known) == [("candidate", TODAY, None)]
    assert list(Institution.objects.all()) == [known]


def test_known_institution_that_is_a_member_is_not_made_a_candidate(officer):
    known = InstitutionFactory(member=True)
    application = MembershipApplicationFactory(sent=True, new=True)

    with pytest.raises(ValidationError, match="member already"):
        accept_application(application=application, by=officer, institution=known)

    application.refresh_from_db()
    assert (application.state, application.institution) == ("submitted", None)


def test_question_and_answer(officer):
    applicant = verified()
    application = in_check(officer, applicant=applicant)

    ask_applicant(application=application, text="Which faculty?", by=officer)
    answer_question(application=application, text="Natural sciences.", by=applicant)
    ask_applicant(application=application, text="And who leads it?", by=officer)
    resume_check(application=application, by=officer)

    application.refresh_from_db()
    assert application.state == "checking"
    assert list(application.messages.values_list("is_question", "text")) == [
        (True, "Which faculty?"),
        (False, "Natural sciences."),
        (True, "And who leads it?"),
    ]
    assert told(applicant)[-3:] == ["membership.asked", "membership.asked", "membership.resumed"]
    assert told(officer) == ["membership.answered"]


def test_focal_points_speak_for_the_institution_and_editors_do_not(officer):
    application = in_check(officer)
    ask_applicant(application=application, text="?", by=officer)
    editor = InstitutionRoleFactory(institution=application.institution, role="editor").user
    elsewhere = InstitutionRoleFactory().user

    for other in (editor, elsewhere, officer):
        with pytest.raises(NotAllowed):
            answer_question(application=application, text="!", by=other)

    deputy = InstitutionRoleFactory(institution=application.institution, role="deputy").user
    answer_question(application=application, text="!", by=deputy)
    assert application.state == "answered"


MOVES = {
    "accept": accept_application,
    "ask": lambda **given: ask_applicant(text="?", **given),
    "resume": resume_check,
    "finish": finish_check,
    "endorse": lambda **given: endorse_application(meeting=MeetingFactory(body="board", held_on=TODAY), **given),
    "admit": lambda **given: admit_application(meeting=MeetingFactory(held_on=TODAY), **given),
    "refuse": lambda **given: refuse_application(reason="No.", **given),
}
OPEN_TO = {
    "submitted": {"accept", "refuse"},
    "checking": {"ask", "finish", "refuse"},
    "asked": {"resume", "refuse"},
    "answered": {"ask", "finish", "refuse"},
    "checked": {"resume", "endorse", "refuse"},
    "endorsed": {"admit", "refuse"},
    "admitted": set(),
    "refused": set(),
    "withdrawn": set(),
}


@pytest.mark.parametrize("state", OPEN_TO)
@pytest.mark.parametrize("name", MOVES)
def test_each_state_allows_what_follows_on_it_and_nothing_else(officer, state, name):
    application = MembershipApplicationFactory(sent=True, state=state)

    if name in OPEN_TO[state]:
        MOVES[name](application=application, by=officer)
        assert Step.objects.count() == 1
    else:
        with pytest.raises(WrongState):
            MOVES[name](application=application, by=officer)
        assert (Step.objects.count(), Membership.objects.count(), Event.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("name", MOVES)
def test_nobody_decides_in_a_matter_of_their_own(name):
    state = next(state for state, names in OPEN_TO.items() if name in names)
    application = MembershipApplicationFactory(sent=True, state=state)
    conflicted = InstitutionRoleFactory(institution=application.institution, user=UserFactory(roles=["officer"])).user
    own = MembershipApplicationFactory(sent=True, state=state, applicant=UserFactory(roles=["administrator"]))

    for record, user in [
        (application, conflicted),
        (own, own.applicant),
        (application, UserFactory()),
        (application, UserFactory(roles=["reviewer"])),
        (application, InstitutionRoleFactory(institution=application.institution).user),
    ]:
        with pytest.raises(PermissionDenied):
            MOVES[name](application=record, by=user)
    assert not Membership.objects.exists()
