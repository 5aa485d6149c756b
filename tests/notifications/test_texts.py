"""Officers write in their own words; placeholders are filled in, and nothing is evaluated (T22)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from exchanges.actions.offers import open_offer
from notifications import kinds, texts
from notifications.emails import write
from notifications.models import Delivery, KindText
from notifications.texts import check, save_text
from tests.factories import OfferFactory, UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/desk/notifications/texts/offer.opened/"
OFFER = "offer.opened"


def test_officer_puts_a_text_in_the_words_of_the_alliance(
    client, officer, follower, django_capture_on_commit_callbacks
):
    reader = follower("country:PK")
    open_offer(offer=OfferFactory(title="Wells"), by=officer)
    client.force_login(officer)
    assert "An exchange offer opens" in client.get("/desk/notifications/texts/").content.decode()
    page = client.get(PAGE).content.decode()
    assert "New exchange offer: Wells" in page  # the last event
    assert "%(host)s" in page

    words = {"subject": "Off you go: %(title)s", "sentence": "100 %% paid by %(host)s."}
    shown = client.post(PAGE, {**words, "show": "1"}).content.decode()
    assert "Off you go: Wells" in shown
    assert "100 % paid by" in shown
    assert not KindText.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(PAGE, {**words, "save": "1"}).status_code == 302

    assert "own words" in client.get("/desk/notifications/texts/").content.decode()
    content = write(Delivery.objects.get())
    assert content["subject"] == "Off you go: Wells"
    assert "100 % paid by" in content["body_text"]
    client.force_login(reader)
    assert "Off you go: Wells" in client.get("/desk/inbox/").content.decode()

    client.force_login(officer)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(PAGE, {"reset": "1"})
    assert write(Delivery.objects.get())["subject"] == "New exchange offer: Wells"


@pytest.mark.parametrize(
    "text",
    [
        "{{ 7*7 }}",
        "{% load x %}",
        "{title.__class__}",
        "${title}",
        "%%(title)s",
        "<script>alert(1)</script>",
        "{0.__init__}",
    ],
)
def test_t22_templates_of_staff_are_filled_in_and_never_evaluated(client, officer, follower, text):
    follower("country:PK")
    open_offer(offer=OfferFactory(title="Wells"), by=officer)
    client.force_login(officer)
    given = text.replace("{% load x %}", "{%% load x %%}")
    client.post(PAGE, {"subject": given, "sentence": given, "save": "1"})
    texts.forget()

    content = write(Delivery.objects.get())

    plain = given.replace("%%", "%")
    assert content["subject"] == plain
    assert plain in content["body_text"]
    assert "49" not in content["subject"]
    assert "<script>" not in content["body_html"]
    assert "<script>alert(1)" not in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "text",
    ["%(secret)s", "%(title)d", "%s", "%(title", "100 %", "%(title).50s", "%(__class__)s", "%*s", "%(title)"],
)
def test_placeholder_that_does_not_exist_is_refused_beside_the_field(client, officer, text):
    client.force_login(officer)

    response = client.post(PAGE, {"subject": text, "sentence": "", "save": "1"})

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()
    assert not KindText.objects.exists()
    with pytest.raises(ValidationError):
        check(kinds.get(OFFER), text)


def test_event_without_a_fact_that_the_words_name_is_told_all_the_same(officer):
    save_text(kind=kinds.get(OFFER), language="en", subject="%(title)s in %(place)s", sentence="", by=officer)
    texts.forget()

    assert kinds.get(OFFER).headline({"title": "Wells"}) == "Wells in "


def test_what_is_announced_must_still_have_the_facts_of_the_code():
    with pytest.raises(KeyError):
        kinds.get(OFFER).check({"title": "Wells"})


def test_every_text_of_the_code_passes_the_check_of_officers():
    for kind in kinds._kinds.values():
        for text in (str(kind.subject), str(kind.sentence)):
            check(kind, text)
        assert kind.area is not kinds.OTHER, kind.name


@pytest.mark.parametrize("address", ["no.such/", "offer.opened/?language=xx"])
def test_what_there_is_not_is_not_found(client, officer, address):
    client.force_login(officer)
    assert client.get(f"/desk/notifications/texts/{address}").status_code == 404


def test_only_officers_write(client):
    user = UserFactory()
    client.force_login(user)
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, {"subject": "x", "save": "1"}).status_code == 404
    with pytest.raises(PermissionDenied):
        save_text(kind=kinds.get(OFFER), language="en", subject="x", sentence="", by=user)


@pytest.mark.parametrize("count", [1, 3])
def test_list_asks_as_much_for_one_own_text_as_for_three(client, officer, count, django_assert_max_num_queries):
    for name in [OFFER, "call.opened", "stay.task"][:count]:
        save_text(kind=kinds.get(name), language="en", subject="Own", sentence="", by=officer)
    client.force_login(officer)
    client.get("/desk/notifications/texts/")

    with django_assert_max_num_queries(8):
        assert client.get("/desk/notifications/texts/").content.decode().count("own words") == count
