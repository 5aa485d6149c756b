"""Joining two accounts of one person: who may, what comes along, and that nobody learns who has an account."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AllianceRole, User
from anso_portal import closing
from anso_portal.joining import ask_to_join
from anso_portal.models import ClosedAccount, JoinRequest
from members.models import InstitutionRole, Person
from notifications.models import Delivery, Follow, Subscriber
from notifications.sender import drain
from tests.anso_portal.test_account_ends import signed_in
from tests.factories import PASSWORD, InstitutionFactory, InstitutionRoleFactory, PersonFactory, UserFactory
from tests.notifications.conftest import parse
from tests.pages import body, heading, words
from toolkit.personal import UndeclaredRelationsError, leave, relation_label, relations_to

pytestmark = pytest.mark.django_db

JOIN, CONFIRM, SETTINGS = "/accounts/join/", "/accounts/join/confirm/", "/accounts/settings/"
ONE, OTHER = "one@example.org", "other@example.org"


@pytest.fixture(autouse=True)
def portal(settings, tmp_path):
    cache.clear()  # of limits
    settings.PORTAL_BASE_URL = "https://portal.example"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"


def person(address, **fields):
    user = UserFactory(email=address, password=PASSWORD, **fields)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


@pytest.fixture
def one():
    return person(ONE, name="Ada Lovelace")


@pytest.fixture
def other():
    return person(OTHER, name="A. Lovelace")


@pytest.fixture
def mails(tmp_path):
    """What has come to an address since it was last asked for."""
    seen = set()

    def mails(address):
        drain()
        new = {path for path in (tmp_path / "mail").glob("*.eml") if path not in seen}
        found = {path: parse(path.read_bytes()) for path in new}
        found = {path: mail for path, mail in found.items() if mail["To"] == address}
        seen.update(found)
        return [mail.get_body(("plain",)).get_content() for mail in found.values()]

    return mails


def link_in(text) -> str:
    return re.search(r"https://portal\.example(/accounts/join/\S+/)", text)[1]


@pytest.fixture
def link(one, other, mails):
    """The link of a mail that was asked for by the one and came to the other."""
    ask_to_join(email=OTHER, by=one)
    (text,) = mails(OTHER)
    return link_in(text)


def untouched(*users) -> bool:
    active = User.objects.filter(pk__in=[user.pk for user in users], is_active=True).count() == len(users)
    return active and not ClosedAccount.objects.exists()


# --- Asking


def test_settings_lead_there(one):
    assert f'href="{JOIN}"' in body(signed_in(one).get(SETTINGS))


def test_answer_does_not_tell_whether_the_address_has_an_account(one, other):
    answers = {}
    for address in (OTHER, "nobody@example.org"):
        client = signed_in(one)
        client.get(JOIN)
        with CaptureQueriesContext(connection) as asked:
            response = client.post(JOIN, {"email": address})
        shapes = [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in asked.captured_queries]
        page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", body(client.get(JOIN)))
        answers[address] = response.status_code, response["Location"], body(response), page, shapes
        JoinRequest.objects.all().delete()

    assert answers[OTHER] == answers["nobody@example.org"]
    assert len(answers[OTHER][4]) > 5
    assert "A message is on its way" in answers[OTHER][3]


def test_mailbox_alone_learns_that_there_is_no_account(one, mails):
    signed_in(one).post(JOIN, {"email": "nobody@example.org"})

    (text,) = mails("nobody@example.org")
    assert "No account uses this address" in text
    assert "/accounts/join/" not in text


def test_secret_stands_nowhere_but_in_the_mail(link):
    secret = link.split("/")[-2]

    asked = JoinRequest.objects.get()
    assert asked.token_hash == JoinRequest.digest(secret) != secret
    delivery = Delivery.objects.get()
    assert (delivery.sensitive, delivery.body_text, delivery.context) == (True, "", {})


@pytest.mark.parametrize("address", [ONE, "One@Example.org", "second@example.org"])
def test_own_address_is_refused(one, address):
    EmailAddress.objects.create(user=one, email="second@example.org", verified=True)

    response = signed_in(one).post(JOIN, {"email": address})

    assert response.status_code == 422
    assert "This address is in your account already." in words(response)
    assert not JoinRequest.objects.exists()


@pytest.mark.parametrize("address", ["", "no address", "ä@example.org"])
def test_what_is_no_address_is_refused(one, address):
    assert signed_in(one).post(JOIN, {"email": address}).status_code == 422
    assert not Delivery.objects.exists()


def test_it_cannot_be_asked_for_without_end(one):
    client = signed_in(one)

    answers = [client.post(JOIN, {"email": f"{number}@example.org"}).status_code for number in range(6)]

    assert answers == [302] * 5 + [429]
    assert Delivery.objects.count() == 5


def test_newer_request_takes_the_place_of_the_one_before(link, one, other, mails):
    ask_to_join(email=OTHER, by=one)
    (newer,) = map(link_in, mails(OTHER))

    client = signed_in(one)
    assert client.get(link).status_code == 404
    assert client.get(newer).status_code == 302


def test_mail_that_was_overtaken_is_not_sent(one, other, mails):
    for _ in range(2):
        ask_to_join(email=OTHER, by=one)

    assert len(mails(OTHER)) == 1


# --- The link


def test_link_shows_what_would_happen_and_changes_nothing(link, one, other):
    client = signed_in(one)

    response = client.get(link, follow=True)

    assert response.redirect_chain == [(CONFIRM, 302)]
    assert heading(response) == f"Join {OTHER} to this account"
    assert link.split("/")[-2] not in body(response)
    assert client.head(CONFIRM).status_code == 200
    assert untouched(one, other)


def test_the_page_asks_once_more_who_it_is(link, one, other):
    client = signed_in(one, ago=24 * 60 * 60)
    client.get(link)

    for answer in (client.get(CONFIRM), client.post(CONFIRM)):
        assert answer["Location"].startswith("/accounts/reauthenticate/")
    assert untouched(one, other)


def test_t12_somebody_else_finds_nothing_behind_the_link(link, one, other):
    for stranger in (other, UserFactory()):
        client = signed_in(stranger)
        client.get(link)

        assert client.get(CONFIRM).status_code == client.post(CONFIRM).status_code == 404
    assert untouched(one, other)


def test_anonymous_signs_in_first_and_then_goes_on(link, one, other):
    client = Client()
    for address in (JOIN, CONFIRM):
        assert client.get(address)["Location"] == f"/accounts/login/?next={address}"
    assert client.post(JOIN, {"email": OTHER}).status_code == client.post(CONFIRM).status_code == 302

    client.get(link)
    client.post("/accounts/login/", {"login": ONE, "password": PASSWORD})

    assert client.get(CONFIRM).status_code == 200
    assert untouched(one, other)


def test_link_is_over_after_an_hour(link, one, other):
    assert JoinRequest.objects.filter(expires_at__gt=Now() + timedelta(minutes=59)).exists()
    assert not JoinRequest.objects.filter(expires_at__gt=Now() + timedelta(minutes=61)).exists()
    client = signed_in(one)
    client.get(link)
    JoinRequest.objects.update(expires_at=Now())

    assert client.post(CONFIRM).status_code == client.get(CONFIRM).status_code == client.get(link).status_code == 404
    assert untouched(one, other)


def test_link_works_once(link, one, other):
    client = signed_in(one)
    client.get(link)
    kept = client.session["joining"]

    assert client.post(CONFIRM).status_code == 302
    session = client.session
    session["joining"] = kept
    session.save()

    assert client.post(CONFIRM).status_code == client.get(link).status_code == 404
    assert ClosedAccount.objects.count() == 1


@pytest.mark.parametrize("address", ["/accounts/join/guessed/", CONFIRM])
def test_without_a_link_there_is_nothing(one, other, address):
    assert signed_in(one).get(address).status_code == 404


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(link, one, method):
    client = signed_in(one)
    for address in (JOIN, CONFIRM, link):
        assert getattr(client, method)(address).status_code == 405
    assert client.post(link).status_code == 405


@pytest.mark.parametrize("holder", [ONE, OTHER])
def test_account_with_a_role_in_the_alliance_needs_the_secretariat(link, one, other, holder):
    client = signed_in(one)
    client.get(link)
    AllianceRole.objects.create(user=User.objects.get(email=holder), role="reviewer")

    for response in (client.get(CONFIRM), client.post(CONFIRM)):
        assert f"{holder} holds a role in the alliance. Ask the secretariat." in words(response)
    assert response.status_code == 422
    assert untouched(one, other)
    assert JoinRequest.objects.count() == 1


def test_whoever_holds_a_role_in_the_alliance_cannot_ask(one, other):
    AllianceRole.objects.create(user=one, role="reviewer")

    response = signed_in(one).post(JOIN, {"email": OTHER})

    assert response.status_code == 422
    assert "Ask the secretariat" in words(response)
    assert not Delivery.objects.exists()


def test_second_factor_of_the_other_is_not_passed_by_its_mailbox(link, one, other):
    Authenticator.objects.create(user=other, type="totp", data={"secret": "x"})
    client = signed_in(one)
    client.get(link)

    assert "is protected by a second factor" in words(client.get(CONFIRM))
    assert client.post(CONFIRM).status_code == 422
    assert untouched(one, other)


def test_account_that_was_closed_meanwhile_is_not_joined(link, one, other):
    client = signed_in(one)
    client.get(link)
    User.objects.filter(pk=other.pk).update(is_active=False)

    assert client.post(CONFIRM).status_code == 404
    assert not ClosedAccount.objects.exists()


# --- What comes along


def join(link, one) -> Client:
    client = signed_in(one)
    client.get(link)
    response = client.post(CONFIRM)
    assert response["Location"] == SETTINGS
    return client


def test_nothing_names_the_closed_account_any_more(link, one, other):
    """But for what tells that it was closed. All relations of all tables are asked."""
    institution, shared = InstitutionFactory(member=True), InstitutionFactory()
    InstitutionRoleFactory(user=other, institution=institution)  # its only focal point
    for user in (one, other):
        InstitutionRoleFactory(user=user, institution=shared)
        PersonFactory(user=user, expertise=[user.email])
        subscriber = Subscriber.objects.of_users([user]).get()
        Follow.objects.create(subscriber=subscriber, topic="country:PK", label="Pakistan", address="/x/")
    JoinRequest.objects.create(user=other, email="third@example.org")

    join(link, one)

    joins = closing.all_joins()
    left = {
        relation_label(relation)
        for relation in relations_to(User)
        if joins[relation_label(relation)] is not leave
        and relation.model._base_manager.filter(**{relation.name: other}).exists()
    }
    assert left == set()
    roles = InstitutionRole.objects.filter(ends_on__isnull=True).values_list("user", "institution")
    assert sorted(roles) == sorted([(one.pk, institution.pk), (one.pk, shared.pk)])
    assert Person.objects.get().expertise == [ONE, OTHER]
    assert Follow.objects.get().subscriber.user == one


def test_other_is_closed_and_its_sessions_end(link, one, other):
    elsewhere = signed_in(other)
    assert elsewhere.get(SETTINGS).status_code == 200

    client = join(link, one)

    other.refresh_from_db()
    assert (other.is_active, other.has_usable_password()) == (False, False)
    assert OTHER not in other.email
    closed = ClosedAccount.objects.get()
    assert (closed.user, closed.kind, closed.joined_to, closed.by) == (other, "joined", one, one)
    assert elsewhere.get(SETTINGS).status_code == 302
    assert client.get(SETTINGS).status_code == 200


def test_both_addresses_sign_in_and_the_main_one_stays(link, one, other):
    EmailAddress.objects.filter(user=other).delete()  # as where an administrator made the account

    join(link, one)

    assert list(one.emailaddress_set.order_by("email").values_list("email", "primary", "verified")) == [
        (ONE, True, True),
        (OTHER, False, True),
    ]
    answer = Client().post("/accounts/login/", {"login": OTHER, "password": PASSWORD})
    assert answer["Location"] == "/desk/"


def test_session_gets_a_new_key(link, one, other):
    client = signed_in(one)
    client.get(link)
    before = client.session.session_key

    client.post(CONFIRM)

    assert client.session.session_key != before


def test_both_addresses_are_told(link, one, other, mails):
    join(link, one)

    drain()
    for address in (ONE, OTHER):
        (text,) = mails(address)
        assert f"The account {OTHER} was joined to your account {ONE}, and is closed." in text
        assert "127.0.0.1" in text


def test_relation_that_no_app_has_declared_refuses_the_whole(link, one, other, monkeypatch):
    joins = {name: how for name, how in closing.all_joins().items() if name != "members.Person.user"}
    monkeypatch.setattr(closing, "all_joins", lambda: joins)
    client = signed_in(one)
    client.get(link)

    with pytest.raises(UndeclaredRelationsError, match=r"members\.Person\.user"):
        client.post(CONFIRM)

    assert untouched(one, other)
    assert JoinRequest.objects.exists()
    assert EmailAddress.objects.get(user=other).email == OTHER
