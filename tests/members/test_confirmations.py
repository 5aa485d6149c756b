"""The yearly “is this still right?”."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models.functions import Now
from django.utils import timezone

from members.actions.confirmations import ask_for_confirmations, confirm_record, remind_of_confirmations
from members.emails.confirmations import token_of
from members.models import ConfirmationRequest, InstitutionConfirmation, InstitutionRole
from members.tasks import confirmations
from notifications import emails
from notifications.following import stop_mail
from notifications.models import Delivery, Event, Notification, Subscriber
from tests.factories import InstitutionFactory, InstitutionRoleFactory, MembershipFactory, UserFactory
from tests.pages import body, heading, links, statements, words

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)


@pytest.fixture
def member():
    return InstitutionFactory(name="Institute of Physics", slug="iop", city="Lahore", member=True)


@pytest.fixture
def focal_point(member):
    return InstitutionRoleFactory(institution=member).user


def confirmed(institution, days: int) -> InstitutionConfirmation:
    return InstitutionConfirmation.objects.create(institution=institution, confirmed_at=Now() - days * DAY)


def told(kind="institution.confirm") -> set[int]:
    return set(Notification.objects.filter(event__kind=kind).values_list("subscriber__user", flat=True))


def link_of(user) -> str:
    row = Delivery.objects.filter(subscriber__user=user).latest("pk")
    text = emails.write(row)["body_text"]
    return next(word for word in text.split() if "/members/confirm/" in word).split("/", 3)[3].join(["/", ""])


# --- Asking


def test_speakers_of_a_member_are_asked_once_a_year(member, focal_point):
    deputy = InstitutionRoleFactory(institution=member, role="deputy").user
    InstitutionRoleFactory(institution=member, role="editor")
    InstitutionRoleFactory(institution=InstitutionFactory())  # a partner

    for _time in range(2):
        confirmations()

    assert told() == {focal_point.pk, deputy.pk}
    assert ConfirmationRequest.objects.count() == Event.objects.filter(kind="institution.confirm").count() == 1


@pytest.mark.parametrize(("days", "asked"), [(364, 0), (366, 1)])
def test_nobody_is_asked_within_a_year_of_a_confirmation(member, focal_point, days, asked):
    confirmed(member, days)

    assert ask_for_confirmations() == asked


def test_nobody_is_asked_in_the_first_year_of_membership_or_without_a_focal_point(member):
    fresh = InstitutionFactory()
    MembershipFactory(institution=fresh, starts_on=timezone.localdate() - 300 * DAY)
    InstitutionRoleFactory(institution=fresh)
    left = InstitutionFactory(member=True)
    MembershipFactory(institution=left, standing="left", starts_on=datetime.date(2020, 1, 1))
    InstitutionRoleFactory(institution=left)

    assert ask_for_confirmations() == 0


def test_reminder_comes_once_after_thirty_days_and_not_to_those_who_answered(member, focal_point):
    other = InstitutionFactory(member=True)
    answered_by = InstitutionRoleFactory(institution=other).user
    ask_for_confirmations()
    assert remind_of_confirmations() == 0

    ConfirmationRequest.objects.update(asked_at=Now() - 31 * DAY)
    confirm_record(institution=other, by=answered_by)
    assert [remind_of_confirmations(), remind_of_confirmations()] == [1, 0]
    assert told("institution.confirm_again") == {focal_point.pk}


def test_next_year_it_is_asked_again(member, focal_point):
    ask_for_confirmations()
    ConfirmationRequest.objects.update(asked_at=Now() - 366 * DAY, year=2020)

    assert ask_for_confirmations() == 1


def test_mail_shows_the_facts_can_be_stopped_and_holds_no_person(member, focal_point):
    ask_for_confirmations()

    row = Delivery.objects.get(subscriber__user=focal_point)
    content = emails.write(row)
    assert content["subject"] == "Is this still right? Institute of Physics"
    assert "Lahore, Pakistan" in content["body_text"]
    assert "/members/confirm/" in content["body_text"]
    assert content["stop_url"]
    assert focal_point.name not in str(Event.objects.get().facts)


def test_whoever_stopped_this_mail_finds_it_in_the_inbox(member, focal_point):
    (subscriber,) = Subscriber.objects.of_users([focal_point])
    stop_mail(kind="institution.confirm", subscriber=subscriber)

    ask_for_confirmations()

    assert told() == {focal_point.pk}
    assert not Delivery.objects.exists()


# --- Answering by the link


def test_link_shows_the_record_and_one_click_confirms_it_without_signing_in(client, member, focal_point):
    ask_for_confirmations()
    address = link_of(focal_point)

    page = client.get(address)
    assert heading(page) == "Is this still right?"
    assert "Place Lahore, Pakistan" in words(page)
    assert '<meta name="robots" content="noindex">' in body(page)
    assert "no-store" in page["Cache-Control"]
    client.head(address)
    assert not InstitutionConfirmation.objects.exists()  # looking changes nothing

    assert client.post(address)["Location"] == address
    made = InstitutionConfirmation.objects.get()
    assert (made.institution, made.by) == (member, focal_point)
    done = client.get(address)
    assert heading(done) == "This record is confirmed"
    assert "Yes, all of this is right" not in words(done)
    client.post(address)
    assert InstitutionConfirmation.objects.count() == 1


def test_link_needs_its_csrf_token(member, focal_point):
    from django.test import Client

    ask_for_confirmations()

    assert Client(enforce_csrf_checks=True).post(link_of(focal_point)).status_code == 403


def test_link_of_somebody_who_no_longer_speaks_for_it_is_worth_nothing(client, member, focal_point):
    ask_for_confirmations()
    address = link_of(focal_point)
    InstitutionRoleFactory(institution=member)
    InstitutionRole.objects.filter(user=focal_point).update(role="editor")

    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert not InstitutionConfirmation.objects.exists()


def test_link_holds_for_its_institution_its_reader_and_its_year_alone(client, member, focal_point):
    ask_for_confirmations()
    (subscriber,) = Subscriber.objects.of_users([focal_point])
    (stranger,) = Subscriber.objects.of_users([UserFactory()])
    year = ConfirmationRequest.objects.get().year
    other = InstitutionFactory(member=True)

    def answer(*parts) -> int:
        return client.get(f"/members/confirm/{token_of(*parts)}/").status_code

    assert answer(member.pk, subscriber, year) == 200
    assert answer(other.pk, subscriber, year) == 404
    assert answer(member.pk, stranger, year) == 404
    assert answer(member.pk, subscriber, year - 1) == 404
    for token in ("x", "x:y", "%00", token_of(member.pk, subscriber, year)[:-1]):
        assert client.get(f"/members/confirm/{token}/").status_code == 404


# --- Answering at the desk


def test_focal_point_confirms_at_the_desk(client, member, focal_point):
    ask_for_confirmations()
    client.force_login(focal_point)
    address = "/desk/institution/iop/confirm/"
    assert address in links(client.get("/desk/"))
    assert "/desk/institution/iop/edit/" in links(client.get(address))

    client.post(address)

    assert "This record is confirmed" in words(client.get(address))
    assert address not in links(client.get("/desk/"))
    assert "Confirmed by the institution" in words(client.get(member.get_absolute_url()))


def test_others_cannot_confirm(client, member, focal_point):
    address = "/desk/institution/iop/confirm/"
    assert client.get(address)["Location"].startswith("/accounts/login/")
    people = [
        InstitutionRoleFactory(institution=member, role="editor").user,
        InstitutionRoleFactory().user,
        UserFactory(roles=["officer"]),
    ]
    for user in people:
        client.force_login(user)
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403
        with pytest.raises(PermissionDenied):
            confirm_record(institution=member, by=user)
    assert client.get("/desk/institution/nobody/confirm/").status_code == 404
    assert not InstitutionConfirmation.objects.exists()


def test_page_asks_as_often_for_much_as_for_little(client, member, focal_point):
    client.force_login(focal_point)
    before = statements(client, "/desk/institution/iop/confirm/")
    for days in (400, 800, 1200):
        confirmed(member, days)

    assert statements(client, "/desk/institution/iop/confirm/") == before <= 24


def test_gaps_of_the_own_record_stand_on_the_desk_with_the_way_to_mend_them(client, member, focal_point):
    client.force_login(focal_point)

    found = links(client.get("/desk/"))

    assert "/desk/institution/iop/edit/place/" in found
    assert "/report/?about=%2Fmembers%2Fiop%2F" in found
