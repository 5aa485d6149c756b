"""The way of an application, without pages: who may, in which order, and what is written and told."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from members.actions.applications import (
    accept_application,
    admit_application,
    answer_question,
    apply_without_account,
    ask_applicant,
    confirm_application,
    endorse_application,
    finish_check,
    key_of,
    refuse_application,
    resume_check,
    submit_application,
    withdraw_application,
)
from members.models import Institution, Membership, MembershipApplication
from members.tasks import forget_applications
from notifications.models import Delivery, Event, Notification
from tests.at_once import at_once
from tests.factories import (
    InstitutionFactory,
    InstitutionRoleFactory,
    MeetingFactory,
    MembershipApplicationFactory,
    MembershipFactory,
    UserFactory,
)
from workflow.actions import NotAllowed, WrongState
from workflow.models import Step

pytestmark = pytest.mark.django_db

TODAY = datetime.datetime.now(datetime.UTC).date()


@pytest.fixture
def officer(db):
    return UserFactory(roles=["officer"])


@pytest.fixture
def board(db):
    return MeetingFactory(body="board", name="Board 9", held_on=TODAY + datetime.timedelta(days=10))


@pytest.fixture
def assembly(db):
    return MeetingFactory(name="General Assembly 9", held_on=TODAY + datetime.timedelta(days=40))


def verified(**fields):
    user = UserFactory(**fields)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    return user


def in_check(officer, **fields):
    return accept_application(application=MembershipApplicationFactory(sent=True, **fields), by=officer)


def told(user) -> list[str]:
    return list(Notification.objects.filter(subscriber__user=user).order_by("pk").values_list("event__kind", flat=True))


def decisions(institution) -> list[tuple]:
    return list(institution.memberships.order_by("pk").values_list("standing", "starts_on", "meeting__name"))


def test_application_goes_its_way_to_membership(officer, board, assembly):
    applicant = verified()
    application = MembershipApplicationFactory(applicant=applicant)

    submit_application(application=application, by=applicant)
    accept_application(application=application, by=officer)
    finish_check(application=application, by=officer)
    endorse_application(application=application, meeting=board, by=officer)
    admit_application(application=application, meeting=assembly, by=officer)

    application.refresh_from_db()
    assert application.state == "admitted"
    assert decisions(application.institution) == [
        ("candidate", TODAY, None),
        ("endorsed", board.held_on, "Board 9"),
        ("member", assembly.held_on, "General Assembly 9"),
    ]
    assert set(application.decisions.all()) == set(application.institution.memberships.all())
    assert list(Step.objects.of(application).values_list("target", flat=True)) == [
        "submitted",
        "checking",
        "checked",
        "endorsed",
        "admitted",
    ]
    assert told(officer) == ["membership.applied"]
    assert told(applicant) == [
        f"membership.{kind}" for kind in ("received", "checking", "checked", "endorsed", "welcomed")
    ]
    standing_on = Institution.objects.with_standing(assembly.held_on).get()
    assert (standing_on.standing, standing_on.standing_since) == ("member", assembly.held_on)
    assert Institution.objects.with_standing().get().standing == "candidate"


def test_applicant_without_account_hears_by_mail_alone(officer):
    application = apply_without_account(
        application=MembershipApplicationFactory.build(
            institution=InstitutionFactory(), contact_email="amina@example.org"
        ),
        key="x",
    )
    confirm_application(application=application)
    accept_application(application=application, by=officer)

    mails = Delivery.objects.filter(address="amina@example.org").order_by("pk")
    assert [mail.purpose for mail in mails] == ["membership.confirm", "membership.progress", "membership.progress"]
    assert [mail.context.get("kind") for mail in mails] == [None, "membership.received", "membership.checking"]
    assert all(mail.sensitive for mail in mails)


def test_numbers_count_from_one_each_year_without_a_gap():
    first, second = (MembershipApplicationFactory(applicant=verified()) for _ in range(2))
    MembershipApplicationFactory(sent=True, year=2020, serial=7)
    blocked = MembershipApplicationFactory(applicant=verified(), institution__member=True)

    submit_application(application=first, by=first.applicant)
    with pytest.raises(ValidationError):
        submit_application(application=blocked, by=blocked.applicant)
    submit_application(application=second, by=second.applicant)

    references = MembershipApplication.objects.filter(state="submitted", year=TODAY.year).order_by("serial")
    assert [one.reference for one in references] == [f"ANSO-M-{TODAY.year}-0001", f"ANSO-M-{TODAY.year}-0002"]
    blocked.refresh_from_db()
    assert (blocked.state, blocked.reference) == ("draft", "")


@pytest.mark.parametrize("standing", ["member", "suspended"])
def test_who_is_a_member_cannot_apply(standing):
    application = MembershipApplicationFactory(applicant=verified())
    MembershipFactory(institution=application.institution, standing=standing)

    with pytest.raises(ValidationError):
        submit_application(application=application, by=application.applicant)


@pytest.mark.parametrize("standing", ["observer", "left"])
def test_observers_and_those_who_left_can_apply(standing):
    application = MembershipApplicationFactory(applicant=verified())
    MembershipFactory(institution=application.institution, standing=standing)

    submit_application(application=application, by=application.applicant)

    application.refresh_from_db()
    assert application.state == "submitted"


def test_a_second_application_of_an_institution_is_refused():
    open_one = MembershipApplicationFactory(sent=True)
    application = MembershipApplicationFactory(applicant=verified(), institution=open_one.institution)

    with pytest.raises(ValidationError, match="open already"):
        submit_application(application=application, by=application.applicant)
    withdraw_application(application=open_one, by=None)
    submit_application(application=application, by=application.applicant)


@pytest.mark.parametrize("field", ["motivation", "contact_name", "contact_position", "consents"])
def test_what_lacks_an_answer_is_not_sent(field):
    application = MembershipApplicationFactory(applicant=verified(), **{field: False if field == "consents" else ""})

    with pytest.raises(ValidationError, match="missing"):
        submit_application(application=application, by=application.applicant)


def test_sending_takes_a_confirmed_address():
    application = MembershipApplicationFactory(applicant=UserFactory())

    with pytest.raises(PermissionDenied):
        submit_application(application=application, by=application.applicant)


def test_only_the_applicant_sends(officer):
    application = MembershipApplicationFactory(applicant=verified())

    for other in (verified(), officer):
        with pytest.raises(PermissionDenied):
            submit_application(application=application, by=other)


def test_same_form_twice_is_one_application_and_one_mail():
    def again():
        return apply_without_account(
            application=MembershipApplicationFactory.build(institution=None, name="X"), key=key_of("form", "X")
        )

    assert again() == again()
    assert Delivery.objects.count() == 1


def test_confirming_twice_says_that_it_is_done():
    application = MembershipApplicationFactory(state="unconfirmed")
    confirm_application(application=application)

    with pytest.raises(WrongState):
        confirm_application(application=application)

    assert Step.objects.count() == 1


def test_what_nobody_confirms_is_forgotten_after_a_week():
    old, young = (MembershipApplicationFactory(state="unconfirmed") for _ in range(2))
    draft = MembershipApplicationFactory(applicant=UserFactory())
    week_ago = timezone.now() - datetime.timedelta(days=7, minutes=1)
    MembershipApplication.objects.exclude(pk=young.pk).update(created_at=week_ago)

    for _ in range(2):
        forget_applications()
    assert set(MembershipApplication.objects.all()) == {young, draft}
    assert not MembershipApplication.objects.filter(pk=old.pk).exists()


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


def test_decisions_come_in_the_order_of_their_days(officer):
    application = in_check(officer)
    finish_check(application=application, by=officer)
    early = MeetingFactory(body="board", name="Earlier", held_on=TODAY - datetime.timedelta(days=1))

    with pytest.raises(ValidationError, match="cannot be earlier"):
        endorse_application(application=application, meeting=early, by=officer)
    application.refresh_from_db()
    assert application.state == "checked"

    late = MeetingFactory(body="board", name="Later", held_on=TODAY + datetime.timedelta(days=60))
    endorse_application(application=application, meeting=late, by=officer)
    with pytest.raises(ValidationError, match="cannot be earlier"):
        admit_application(application=application, meeting=MeetingFactory(held_on=TODAY), by=officer)


def test_board_endorses_and_assembly_admits(officer, board, assembly):
    application = in_check(officer)
    finish_check(application=application, by=officer)

    with pytest.raises(ValidationError, match="Governing Board"):
        endorse_application(application=application, meeting=assembly, by=officer)
    endorse_application(application=application, meeting=board, by=officer)
    with pytest.raises(ValidationError, match="General Assembly"):
        admit_application(application=application, meeting=board, by=officer)


@pytest.mark.parametrize(
    ("proposed", "invited"),
    [
        ({}, ("amina@example.org", "Amina Rahmani")),
        ({"focal_name": "Bo Li", "focal_email": "bo@example.org"}, ("bo@example.org", "Bo Li")),
    ],
)
def test_admission_invites_the_focal_point_who_was_proposed(officer, proposed, invited):
    application = MembershipApplicationFactory(
        sent=True, state="endorsed", contact_email="amina@example.org", **proposed
    )

    admit_application(application=application, meeting=MeetingFactory(held_on=TODAY), by=officer)

    (invitation,) = application.institution.invitations.all()
    assert (invitation.email, invitation.name) == invited
    assert (invitation.role, invitation.state, invitation.invited_by) == ("focal_point", "waiting", officer)


def test_admission_invites_nobody_who_acts_for_the_institution_already(officer):
    application = MembershipApplicationFactory(sent=True, state="endorsed", contact_email="AMINA@example.org")
    InstitutionRoleFactory(institution=application.institution, user__email="amina@example.org")

    admit_application(application=application, meeting=MeetingFactory(held_on=TODAY), by=officer)

    assert not application.institution.invitations.exists()


@pytest.mark.parametrize("before", [None, "observer", "left"])
@pytest.mark.parametrize("end", ["refuse", "withdraw"])
def test_after_the_end_the_institution_is_what_it_was(officer, before, end):
    application = MembershipApplicationFactory(sent=True)
    if before:
        MembershipFactory(institution=application.institution, standing=before, starts_on=datetime.date(2020, 1, 1))
    accept_application(application=application, by=officer)

    if end == "refuse":
        refuse_application(application=application, reason="Not yet.", by=officer)
    else:
        withdraw_application(application=application, by=None)

    institution = Institution.objects.with_standing().get()
    assert institution.standing == before
    assert not Event.objects.filter(kind__in=["membership.observer", "membership.left"]).exists()
    MembershipApplicationFactory(institution=institution, sent=True)


def test_only_admission_is_news_for_followers(officer, board, assembly):
    from notifications.following import follow_topic
    from notifications.topics import resolve

    application = MembershipApplicationFactory(sent=True)
    follower = UserFactory()
    follow_topic(topic=resolve(f"institution:{application.institution.pk}"), by=follower)

    accept_application(application=application, by=officer)
    finish_check(application=application, by=officer)
    endorse_application(application=application, meeting=board, by=officer)
    assert told(follower) == []
    admit_application(application=application, meeting=assembly, by=officer)

    assert told(follower) == ["membership.admitted"]


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_decides():
    application = MembershipApplicationFactory(sent=True)
    officers = [UserFactory(roles=["officer"]) for _ in range(2)]

    def accept(officer):
        return lambda: accept_application(application=MembershipApplication.objects.get(pk=application.pk), by=officer)

    results = at_once(*map(accept, officers), told=(WrongState,))
    outcomes = ["too late" if isinstance(result, WrongState) else "accepted" for result in results]

    assert sorted(outcomes) == ["accepted", "too late"]
    assert Membership.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_applications_for_one_institution_sent_at_once_one_passes():
    institution = InstitutionFactory()
    drafts = [MembershipApplicationFactory(state="unconfirmed", institution=institution) for _ in range(2)]

    def send(draft):
        return lambda: confirm_application(application=MembershipApplication.objects.get(pk=draft.pk))

    results = at_once(*map(send, drafts), told=(ValidationError,))
    outcomes = ["refused" if isinstance(result, ValidationError) else "sent" for result in results]

    assert sorted(outcomes) == ["refused", "sent"]
