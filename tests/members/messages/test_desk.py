"""What the pages cost."""

import uuid

import pytest

from members.actions.messages import answer_message, send_message
from members.models import MessageBlock
from tests.factories import UserFactory
from tests.members.messages.acts import browser
from tests.pages import statements

pytestmark = pytest.mark.django_db


def test_statements_stay_within_the_budget(message, writer, reader):
    client = browser(reader)
    pages = ("/desk/messages/", message.get_absolute_url(), "/desk/", "/people/ayesha/")
    costs = [statements(client, page) for page in pages]
    contact = statements(browser(writer), "/people/ayesha/contact/")
    for number in range(12):
        send_message(to=reader.person, by=writer, subject=str(number), text="x", token=uuid.uuid4())
        answer_message(message=message, by=reader, text="x", token=uuid.uuid4())
        MessageBlock.objects.create(blocker=reader, blocked=UserFactory())

    assert [statements(client, page) for page in pages] == costs
    assert costs[0] <= 12
    assert max(costs[1], costs[3], contact) <= 24
    assert costs[2] <= 27  # the desk asks each app that it joins
