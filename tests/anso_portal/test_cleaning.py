"""What is kept for a time only: forgotten when the time is over, not before, and said truthfully."""

from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db.models.functions import Now
from django.test import Client

from anso_portal.cleaning import NETWORK_KEPT_FOR, PARTS, clean_up, forget_join_requests, forget_networks
from anso_portal.models import JoinRequest
from anso_portal.tasks import clean_up as clean_up_task
from anso_portal.views.about import DAYS_KEPT
from members.actions.invitations import forget_old_invitations
from members.models import Invitation
from notifications.actions import post_mail, requeue_delivery
from notifications.models import Delivery, Subscriber
from notifications.outbox import forget_old_mails
from tests.factories import PASSWORD, UserFactory
from tests.pages import words

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
A_MINUTE = timedelta(minutes=1)
EVERY_STATE = Delivery.State.values
ON_THEIR_WAY = {"pending", "retry", "leased"}


def ago(days):
    """Just over, or just not yet over, so many days: `ago(90) - A_MINUTE` is over."""
    return Now() - timedelta(days=days)


# --- Mails


def delivery(*, state="sent", at, subscriber=None, **fields):
    number = Delivery.objects.count()
    lease = {"lease": "6d2a1b0e-0000-4000-8000-000000000000", "lease_until": Now()} if state == "leased" else {}
    sent = {"sent_at": Now()} if state == "sent" else {}
    text = {
        "subject": "Subject",
        "body_text": "Text",
        "body_html": "<p>",
        "stop_url": "/x",
        "context": {"ip": "192.0.2.7"},
    }
    row = Delivery.objects.create(
        address="a@example.org",
        purpose="x",
        idem=str(number),
        message_id=f"<{number}@x>",
        state=state,
        subscriber=subscriber,
        **{**text, **lease, **sent, **fields},
    )
    Delivery.objects.filter(pk=row.pk).update(created_at=at)
    return row


@pytest.fixture
def subscriber():
    return Subscriber.objects.of_users([UserFactory()]).get()


def kept(row) -> tuple | None:
    fields = ("subject", "body_text", "body_html", "stop_url", "context")
    return Delivery.objects.filter(pk=row.pk).values_list(*fields).first()


FULL = ("Subject", "Text", "<p>", "/x", {"ip": "192.0.2.7"})


@pytest.mark.parametrize("state", EVERY_STATE)
def test_text_of_a_mail_goes_after_ninety_days_unless_it_is_on_its_way(subscriber, state):
    old = delivery(state=state, at=ago(90) - A_MINUTE, subscriber=subscriber)
    younger = delivery(state=state, at=ago(90) + A_MINUTE, subscriber=subscriber)

    numbers = [forget_old_mails(), forget_old_mails()]

    assert numbers == ([0, 0] if state in ON_THEIR_WAY else [1, 0])
    assert kept(old) == (FULL if state in ON_THEIR_WAY else ("Subject", "", "", "", {}))
    assert kept(younger) == FULL


@pytest.mark.parametrize("state", EVERY_STATE)
def test_mail_to_no_subscriber_goes_whole(state):
    old, younger = delivery(state=state, at=ago(90) - A_MINUTE), delivery(state=state, at=ago(90) + A_MINUTE)

    numbers = [forget_old_mails(), forget_old_mails()]

    assert numbers == ([0, 0] if state in ON_THEIR_WAY else [1, 0])
    assert kept(old) == (FULL if state in ON_THEIR_WAY else None)
    assert kept(younger) == FULL


@pytest.mark.parametrize("state", ["dead", "uncertain", "held", "cancelled"])
def test_mail_without_its_text_is_never_sent_again(subscriber, state):
    officer = UserFactory(roles=["officer"])
    old = delivery(state=state, at=ago(90) - A_MINUTE, subscriber=subscriber)
    younger = delivery(state=state, at=ago(90) + A_MINUTE, subscriber=subscriber)

    assert [requeue_delivery(delivery=row, by=officer) for row in (old, younger)] == [False, True]
    old.refresh_from_db()
    assert old.state == state


# --- Sessions


def session(seen_at, key):
    row = UserSession.objects.create(user=UserFactory(), ip="192.0.2.7", user_agent="Browser/1", session_key=key)
    UserSession.objects.filter(pk=row.pk).update(last_seen_at=seen_at)


def test_network_and_program_of_a_session_go_after_thirty_days():
    session(ago(30) - A_MINUTE, "old")
    session(ago(30) + A_MINUTE, "younger")

    assert [forget_networks(), forget_networks()] == [1, 0]
    assert dict(UserSession.objects.values_list("session_key", "ip")) == {"old": "0.0.0.0", "younger": "192.0.2.7"}
    assert dict(UserSession.objects.values_list("session_key", "user_agent")) == {"old": "", "younger": "Browser/1"}


def test_session_goes_on_and_its_page_shows_no_address():
    user, client = UserFactory(email="me@example.org", password=PASSWORD), Client()
    user.emailaddress_set.create(email=user.email, primary=True, verified=True)
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    assert "from 127.0.0.1" in words(client.get("/accounts/sessions/"))
    UserSession.objects.update(last_seen_at=ago(31))

    clean_up_task()

    page = words(client.get("/accounts/sessions/"))
    assert "An unknown program" in page
    assert "from 127.0.0.1" not in page
    assert "0.0.0.0" not in page


# --- Invitations


def invitation(**fields):
    number = Invitation.objects.count()
    return Invitation.objects.create(email=f"{number}@example.org", name="Ada", role="reviewer", **fields).pk


def test_invitation_that_nobody_took_goes_after_thirty_days():
    over, not_yet = ago(30) - A_MINUTE, ago(30) + A_MINUTE
    long_ago = ago(400)
    stay = {invitation(), invitation(expires_at=not_yet)}
    for state in ("declined", "revoked"):
        invitation(state=state, answered_at=over, expires_at=long_ago)
        stay.add(invitation(state=state, answered_at=not_yet, expires_at=long_ago))
    stay.add(invitation(state="accepted", answered_at=long_ago, expires_at=long_ago))
    invitation(expires_at=over)

    assert [forget_old_invitations(), forget_old_invitations()] == [3, 0]
    assert set(Invitation.objects.values_list("pk", flat=True)) == stay


# --- Requests to join accounts


def test_request_to_join_goes_when_its_time_is_over():
    JoinRequest.objects.create(user=UserFactory(), email="a@example.org", expires_at=Now() - A_MINUTE)
    young = JoinRequest.objects.create(user=UserFactory(), email="a@example.org")

    assert [forget_join_requests(), forget_join_requests()] == [1, 0]
    assert JoinRequest.objects.get() == young


# --- All of it


def test_command_says_how_much_of_each_and_does_nothing_the_second_time(subscriber):
    delivery(at=ago(91), subscriber=subscriber)
    post_mail(address="b@example.org", purpose="account.login_code", secret="ABCD", secret_for=-A_MINUTE)
    invitation(expires_at=ago(31))
    outputs = []
    for _ in range(2):
        output = StringIO()
        call_command("clean_up", stdout=output)
        outputs.append(dict(line.rsplit(": ", 1) for line in output.getvalue().splitlines()))

    nothing = dict.fromkeys(PARTS, "0")
    assert outputs == [nothing | {"texts of mails": "1", "secrets of mails": "1", "invitations": "1"}, nothing]


def test_every_part_is_done_though_nothing_is_there():
    assert list(clean_up()) == [(name, 0) for name in PARTS]


def test_clock_does_it():
    assert "anso_portal.clean_up" in {entry["task"] for entry in django_settings.CELERY_BEAT_SCHEDULE.values()}


# --- What is said


def test_privacy_says_how_long(client, monkeypatch):
    monkeypatch.setattr("anso_portal.views.about.DAYS_KEPT", {name: 7000 + n for n, name in enumerate(DAYS_KEPT)})

    page = words(client.get("/privacy/"))

    assert {name for n, name in enumerate(DAYS_KEPT) if f"{7000 + n} days" not in page} == set()


def test_manual_says_the_same_numbers():
    section = (ROOT / "docs/operations.md").read_text().partition("## What is kept how long")[2].partition("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    about = {
        "texts_of_mails": "Texts of mails",
        "messages": "Messages between people",
        "networks": "Network address",
        "invitations": "Invitations",
        "unconfirmed_applications": "Applications",
        "sessions": "Sessions",
    }

    assert set(about) == set(DAYS_KEPT)
    assert DAYS_KEPT["networks"] == NETWORK_KEPT_FOR.days
    for name, beginning in about.items():
        (line,) = [line for line in table if line.startswith(f"| {beginning}")]
        assert f"{DAYS_KEPT[name]} days" in line
