"""T20: what asks "really?" and what says "done" shows names as text; each is a page of its own, never a box of a script."""

import pytest
from django.urls import reverse
from django.utils.html import escape

from members.models import MessageBlock
from tests.factories import CenterFactory, InstitutionFactory, ProjectFactory, SourceFactory, ThemeFactory, UserFactory

pytestmark = pytest.mark.django_db

NAME = "O'Neil <img src=x onerror=x7351()> & <script>x7351()</script>"


def shown_as_text(response) -> bool:
    page = response.content.decode()
    assert NAME not in page
    assert "<img src=x" not in page
    assert "<script>x7351" not in page
    return escape(NAME) in page


@pytest.mark.parametrize("make", [CenterFactory, InstitutionFactory, ProjectFactory, SourceFactory, ThemeFactory])
def test_t20_the_desk_asks_and_tells_in_text(client, make):
    client.force_login(UserFactory(roles=["administrator"]))
    row = make()
    title = "title" if make is ProjectFactory else "name"
    type(row).objects.filter(pk=row.pk).update(**{title: NAME})
    address = reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_delete", args=[row.pk])

    assert shown_as_text(client.get(address))
    done = client.post(address, {"post": "yes"}, follow=True)
    assert not type(row).objects.filter(pk=row.pk).exists()
    assert "deleted successfully" in done.content.decode()
    assert shown_as_text(done)


def test_t20_pages_tell_in_text(client):
    reader = UserFactory()
    block = MessageBlock.objects.create(blocker=reader, blocked=UserFactory(name=NAME))
    client.force_login(reader)

    done = client.post(reverse("members:message_unblock", args=[block.pk]), follow=True)

    assert "can write again" in done.content.decode()
    assert shown_as_text(done)
