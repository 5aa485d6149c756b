"""People written as sample, those of them who can sign in, and what they follow."""

import json
import os
import secrets
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings

from accounts.models import AllianceRole, User
from accounts.permissions import ADMINISTRATOR, OFFICER, REVIEWER
from anso_portal.models import SampleRecord
from anso_portal.sample.centers import Centers
from anso_portal.sample.illustrative import Themes
from anso_portal.sample.institutions import Institutions
from anso_portal.sample.ledger import Ledger
from anso_portal.sample.reading import document
from members.actions.messages import send_message
from members.models import Affiliation, InstitutionRole, Invitation, Person
from members.models.invitation import VALID
from members.permissions import DEPUTY
from notifications import topics
from notifications.following import choose, follow_topic
from notifications.models import Event, Notification, Preference, Subscriber
from toolkit.clock import database_now, database_today
from toolkit.names import slugify, unique_slug

ALLIANCE_ROLES = (ADMINISTRATOR, OFFICER, REVIEWER)

ABSENCE = timedelta(days=20)  # of the focal point who has a deputy

Logins = dict[str, str]


def load_people(ledger: Ledger, institutions: Institutions, themes: Themes) -> tuple[dict[str, User], Logins]:
    """The users by e-mail address, and their passwords. An address that somebody real has already is left alone."""
    users: dict[str, User] = {}
    passwords: Logins = {}
    for entry in document("people.json"):
        user = None
        if email := entry.get("email"):
            if User.objects.of_address(email):
                ledger.say(f"{email} belongs to somebody here already: no sample account is made.")
                continue
            if entry.get("signs_in", True):
                passwords[email] = secrets.token_urlsafe(12)
            user = users[email] = _user(ledger, entry, passwords.get(email))
        if "institution" in entry:
            _person(ledger, entry, user, institutions, themes)
    return users, passwords


def _user(ledger: Ledger, entry: dict, password: str | None) -> User:
    user = User.objects.create_user(entry["email"], password, name=entry["name"], time_zone=entry["zone"])
    ledger.note([user])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    if entry["role"] in ALLIANCE_ROLES:
        AllianceRole.objects.create(user=user, role=entry["role"], starts_on=database_today())
    return user


def _person(ledger: Ledger, entry: dict, user: User | None, institutions: Institutions, themes: Themes) -> None:
    institution = institutions[entry["institution"]]
    person = ledger.create(
        Person(
            slug=unique_slug(slugify(entry["name"]), taken=lambda text: Person.objects.filter(slug=text).exists()),
            name=entry["name"],
            translations=entry.get("translations", {}),
            user=user,
            expertise=entry["expertise"],
            languages=entry["languages"],
            biography=entry.get("biography", ""),
            is_public=True,
            illustrative=True,
        )
    )
    person.themes.set([themes[slug] for slug in entry["themes"]])
    Affiliation.objects.create(person=person, institution=institution, position=entry["position"])
    if user and entry["role"] in InstitutionRole.Role.values:
        today = database_today()
        ends_on = today + ABSENCE if entry["role"] == DEPUTY else None
        InstitutionRole.objects.create(
            user=user, institution=institution, role=entry["role"], starts_on=today, ends_on=ends_on
        )


def load_invitations(ledger: Ledger, users: dict[str, User], institutions: Institutions) -> None:
    """As if the mail had gone out nine days ago; none does, since nobody is there to read it."""
    posted_at = database_now() - timedelta(days=9)
    for entry in document("people.json"):
        if (invited := entry.get("invites")) and entry["email"] in users:
            ledger.create(
                Invitation(
                    email=invited["email"],
                    name=invited["name"],
                    role=invited["role"],
                    institution=institutions[entry["institution"]],
                    invited_by=users[entry["email"]],
                    created_at=posted_at,
                    posted_at=posted_at,
                    expires_at=posted_at + VALID,
                )
            )


def load_follows(users: dict[str, User], themes: Themes, centers: Centers) -> None:
    for entry in document("people.json"):
        for text in entry.get("follows", []):
            kind, _colon, name = text.partition(":")
            key = themes[name].pk if kind == "theme" else centers[name].pk if kind == "center" else name
            topic = topics.resolve(f"{kind}:{key}")
            if topic is None:
                raise ValueError(f"Nobody can follow {text!r}.")
            if entry["email"] in users:
                follow_topic(topic=topic, by=users[entry["email"]])
        if (rhythm := entry.get("offers")) and entry["email"] in users:
            (subscriber,) = Subscriber.objects.of_users([users[entry["email"]]])
            choose(subscriber=subscriber, email={"offers": rhythm})


def let_a_day_pass() -> None:
    """What waits for tomorrow's digests is of yesterday, so that the first ones are in the mail at once."""
    waiting = Notification.objects.filter(mail__in=Preference.COLLECTED)
    Event.objects.filter(pk__in=waiting.values("event")).update(created_at=database_now() - timedelta(days=1))


def load_messages(ledger: Ledger, users: dict[str, User]) -> None:
    """What one sample scientist wrote to another through their profile."""
    for entry in document("messages.json"):
        sender, recipient = users.get(entry["from"]), users.get(entry["to"])
        if sender and recipient:
            to = Person.objects.get(user=recipient)
            message = send_message(to=to, by=sender, subject=entry["subject"], text=entry["text"], token=uuid.uuid4())
            ledger.note([message])


def first_officer(users: dict[str, User]) -> User | None:
    emails = [entry["email"] for entry in document("people.json") if entry.get("role") == OFFICER]
    return next((users[email] for email in emails if email in users), None)


def logins_file() -> Path:
    return settings.STATE_DIR / "sample-logins.json"


def write_logins(passwords: Logins) -> None:
    """Only the person who runs the portal may read it."""
    logins = [
        {"role": entry["role"], "name": entry["name"], "email": entry["email"], "password": passwords[entry["email"]]}
        for entry in document("people.json")
        if entry.get("email") in passwords
    ]
    file = logins_file()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=file.name)  # made with mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as output:
        json.dump(logins, output, ensure_ascii=False, indent=1)
    os.replace(temporary, file)


def renew_logins() -> int:
    """New passwords for the accounts of the sample, where the file that told them is gone."""
    keys = SampleRecord.objects.filter(label=User._meta.label_lower).values_list("key", flat=True)
    passwords = {}
    for user in User.objects.filter(pk__in=list(keys)):
        if not user.has_usable_password():
            continue  # one of those that nobody signs in as
        passwords[user.email] = secrets.token_urlsafe(12)
        user.set_password(passwords[user.email])
        user.save(update_fields=["password"])
    write_logins(passwords)
    return len(passwords)
