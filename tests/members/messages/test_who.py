"""Who may not write, read or act."""

import uuid

import pytest
from allauth.account.models import EmailAddress

from members.models import Message, MessageBlock, Person
from tests.factories import PersonFactory, UserFactory
from tests.members.messages.acts import browser, write
from tests.pages import links, words

pytestmark = pytest.mark.django_db


def test_visitor_is_asked_to_sign_in_whoever_is_here(reader):
    PersonFactory(slug="private", is_public=False)
    answers = {}
    for slug in ("ayesha", "private", "nobody"):
        for client in (browser(),):
            answers[slug] = [
                client.get(f"/people/{slug}/contact/").status_code,
                client.post(f"/people/{slug}/contact/").status_code,
            ]

    assert answers == {slug: [302, 302] for slug in answers}
    for address in ("/desk/messages/", "/desk/messages/reported/", f"/desk/messages/{uuid.uuid4()}/"):
        assert browser().get(address)["Location"].startswith("/accounts/login/")


def test_private_profile_is_like_none(writer):
    PersonFactory(slug="private", is_public=False, user=UserFactory())

    assert write(writer, slug="private").status_code == write(writer, slug="nobody").status_code == 404
    assert browser(writer).get("/people/private/contact/").status_code == 404


def test_unconfirmed_address_writes_to_nobody(reader):
    user = UserFactory(name="New")
    EmailAddress.objects.create(user=user, email=user.email, verified=False, primary=True)

    response = write(user)

    assert response.status_code == 403
    assert "Confirm your e-mail address first" in words(response)
    assert browser(user).get("/people/ayesha/contact/").status_code == 403
    assert not Message.objects.exists()


def test_nobody_writes_to_themselves(reader):
    response = write(reader)

    assert response.status_code == 403
    assert "This is your own profile" in words(response)


@pytest.mark.parametrize("how", ["no account", "takes none", "inactive"])
def test_who_cannot_be_reached_is_not_written_to(writer, reader, how):
    if how == "no account":
        Person.objects.update(user=None)
    elif how == "takes none":
        browser(reader).post("/desk/profile/messages/", {"takes": "no"})
    else:
        type(reader).objects.filter(pk=reader.pk).update(is_active=False)

    response = write(writer)

    assert response.status_code == 403
    assert "This person takes no messages through the portal." in words(response)
    assert "/people/ayesha/contact/" not in links(browser(writer).get("/people/ayesha/"))
    assert not Message.objects.exists()


def test_messages_can_be_taken_again(writer, reader):
    mine = browser(reader)
    mine.post("/desk/profile/messages/", {"takes": "no"})
    mine.post("/desk/profile/messages/", {"takes": "yes"})

    assert write(writer).status_code == 302


@pytest.mark.parametrize("roles", [[], ["officer"], ["administrator"], ["reviewer"]])
def test_message_is_found_by_its_two_people_alone(message, roles):
    client = browser(UserFactory(roles=roles))

    for act in ("", "answer/", "settle/", "block/", "report/", "handle/"):
        address = f"{message.get_absolute_url()}{act}"
        assert client.post(address).status_code == (405 if act == "" else 404)
        assert client.get(address).status_code == (404 if act in ("", "report/") else 405)
    assert "Glacier lakes" not in words(client.get("/desk/messages/"))


def test_sender_may_not_do_what_the_recipient_may(message, writer):
    client = browser(writer)

    for act in ("answer", "settle", "block", "report"):
        response = client.post(f"{message.get_absolute_url()}{act}/", {"text": "x", "token": str(uuid.uuid4())})
        assert response.status_code == 403, act
        assert "Only the person to whom it was sent can do this." in words(response)
        assert client.post(f"{message.get_absolute_url()}{act}/").status_code == 403, act
    assert not MessageBlock.objects.exists()
    assert Message.objects.get().reported_at is None


def test_wrong_methods_are_refused(message, reader):
    client = browser(reader)

    for act in ("answer/", "settle/", "block/", "handle/"):
        assert client.get(f"{message.get_absolute_url()}{act}").status_code == 405
    for address in ("/desk/messages/", "/desk/messages/reported/", message.get_absolute_url()):
        assert client.post(address).status_code == 405
    assert client.delete("/people/ayesha/contact/").status_code == 405
    assert client.get("/desk/profile/messages/").status_code == 405
