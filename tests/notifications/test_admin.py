import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.urls import reverse

from exchanges.actions.offers import open_offer
from notifications.actions import cancel_delivery, requeue_delivery
from notifications.models import Delivery
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LIST = "/admin/notifications/delivery/"


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


def press(client, action: str, *rows):
    return client.post(LIST, {"action": action, "_selected_action": [row.pk for row in rows]})


@pytest.mark.parametrize("role", ["officer", "administrator"])
def test_deliveries_are_listed_for_the_secretariat(client, delivery, role):
    row = delivery(state="retry", last_error="451 busy")
    client.force_login(UserFactory(roles=[role]))

    html = client.get(LIST).content.decode()

    assert row.address in html
    assert "451 busy" in html


@pytest.mark.parametrize("roles", [[], ["reviewer"]])
def test_deliveries_are_hidden_from_others(client, delivery, roles):
    row = delivery()
    client.force_login(UserFactory(roles=roles))

    for address in [LIST, f"{LIST}{row.pk}/change/"]:
        response = client.get(address)
        assert response.status_code == 404
        assert row.address not in response.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_delivery_list_query_count_is_constant(desk, delivery, follower, count, django_assert_max_num_queries):
    for _ in range(count):
        delivery(subscriber=follower("country:PK").subscriber)

    with django_assert_max_num_queries(12):
        assert desk.get(LIST).status_code == 200


def test_delivery_page_shows_what_was_sent(desk, offer, officer, follower, mail_folder):
    from notifications.sender import drain

    follower("country:PK")
    open_offer(offer=offer, by=officer)
    drain()

    html = desk.get(f"{LIST}{Delivery.objects.get().pk}/change/").content.decode()

    assert "Two places in Gwadar" in html
    assert "250 written to" in html


@pytest.mark.parametrize("state", ["dead", "uncertain", "held", "cancelled"])
def test_what_was_given_up_is_sent_again(desk, delivery, state):
    row = delivery(state=state, attempts=9, crashes=3)

    response = press(desk, "send_again", row)

    row.refresh_from_db()
    assert (row.state, row.attempts, row.crashes) == ("pending", 0, 0)
    assert Delivery.objects.due().get() == row
    assert "1 mail waits again." in [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize("state", ["pending", "retry", "uncertain", "held"])
def test_what_waits_is_called_off(desk, delivery, state):
    row = delivery(state=state)

    press(desk, "call_off", row)

    row.refresh_from_db()
    assert row.state == "cancelled"


def test_what_was_sent_is_neither_sent_again_nor_called_off(desk, delivery):
    from django.db.models.functions import Now

    row = delivery(state="sent", sent_at=Now())

    press(desk, "send_again", row)
    press(desk, "call_off", row)

    row.refresh_from_db()
    assert row.state == "sent"


def test_actions_refuse_others(delivery):
    from django.core.exceptions import PermissionDenied

    row = delivery(state="dead")
    for act in (requeue_delivery, cancel_delivery):
        with pytest.raises(PermissionDenied):
            act(delivery=row, by=UserFactory())

    row.refresh_from_db()
    assert row.state == "dead"


def test_nothing_is_typed_into_the_log(desk, delivery):
    row = delivery()

    assert desk.get(f"{LIST}add/").status_code == 403
    assert desk.post(f"{LIST}{row.pk}/change/", {"address": "evil@example.org"}).status_code == 403
    assert desk.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.address != "evil@example.org"


@pytest.mark.parametrize("model", ["event", "subscriber", "follow", "delivery", "heartbeat"])
@pytest.mark.parametrize("query", ["", "?q=Pakistan", "?q=%25%25"])
def test_lists_open_for_the_administrator(client, offer, officer, follower, model, query):
    follower("country:PK")
    open_offer(offer=offer, by=officer)
    client.force_login(UserFactory(roles=["administrator"]))

    assert client.get(reverse(f"admin:notifications_{model}_changelist") + query).status_code == 200


def test_officer_does_not_see_who_follows_what(desk, follower):
    reader = follower("country:PK")

    response = desk.get(reverse("admin:notifications_follow_changelist"))

    assert reader.email not in response.content.decode()


def test_history_of_moves_is_listed(desk, offer, officer):
    open_offer(offer=offer, by=officer)

    assert "exchanges.offer" in desk.get(reverse("admin:workflow_step_changelist")).content.decode()


def test_what_stopped_is_found_by_an_index(officer):
    """The desk of officers asks for it at each visit."""
    stopped = Delivery.objects.visible_to(officer).filter(state__in=Delivery.STOPPED).order_by("created_at")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "delivery_stopped" in stopped.explain()
