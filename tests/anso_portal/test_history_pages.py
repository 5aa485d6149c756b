"""The history of records, as pages and as files: who may read it, what it says, and what it does not say to whom."""

import csv
import datetime
import io
import json

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.history import reading
from members.models import Institution, InstitutionName, InstitutionRole
from tests.desk import queries_of
from tests.factories import (
    CenterFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    MembershipFactory,
    OfferFactory,
    ProjectFactory,
    UserFactory,
)
from toolkit.history import context

pytestmark = pytest.mark.django_db

PAGES = [
    ("members:history", InstitutionFactory),
    ("centers:history", CenterFactory),
    ("projects:history", ProjectFactory),
    ("exchanges:history", OfferFactory),
]


@pytest.fixture
def officer():
    return UserFactory(roles=["officer"], name="Olive Officer")


@pytest.fixture
def desk(client, officer):
    client.force_login(officer)
    return client


@pytest.fixture
def institution():
    return InstitutionFactory(name="Academy", city="Lahore")


@pytest.fixture
def focal_point(institution):
    return InstitutionRoleFactory(institution=institution, role="focal_point").user


def own(institution):
    return reverse("members:institution_history", args=[institution.slug])


def changes(response) -> list[tuple]:
    entries = response.context["page"].entries
    return [(entry.who, str(change), change.before, change.after) for entry in entries for change in entry.changes]


# --- Who may read it


@pytest.mark.parametrize(("name", "factory"), PAGES)
def test_history_of_each_record_is_for_the_secretariat(client, name, factory):
    record = factory()
    address = reverse(name, args=[record.slug])

    assert client.get(address)["Location"].startswith("/accounts/login/")
    for roles, status in (([], 404), (["reviewer"], 404), (["officer"], 200), (["administrator"], 200)):
        client.force_login(UserFactory(roles=roles))
        assert client.get(address).status_code == status
        assert client.get(address, {"format": "csv"}).status_code == status
    assert client.get(reverse(name, args=["nothing-there"])).status_code == 404
    assert client.post(address).status_code == 405


def test_history_of_an_institution_is_for_those_who_act_for_it(client, institution, focal_point):
    address = own(institution)
    stranger = InstitutionRoleFactory().user
    former = InstitutionRoleFactory(
        institution=institution, role="editor", starts_on="2020-01-01", ends_on="2021-01-01"
    ).user

    assert client.get(address)["Location"].startswith("/accounts/login/")
    for user, status in ((stranger, 404), (former, 404), (focal_point, 200), (UserFactory(roles=["officer"]), 200)):
        client.force_login(user)
        assert client.get(address).status_code == status
        assert client.get(address, {"format": "json"}).status_code == status
    assert client.post(address).status_code == 405


def test_all_that_was_changed_in_a_period_is_for_the_secretariat(client, focal_point):
    address = reverse("anso_portal:history")
    period = {"since": "2020-01-01", "until": "2040-01-01", "format": "csv"}

    assert client.get(address, period)["Location"].startswith("/accounts/login/")
    client.force_login(focal_point)
    assert client.get(address).status_code == client.get(address, period).status_code == 404


def test_the_page_of_a_record_leads_there_for_those_who_may(client, institution, officer, focal_point):
    link = reverse("members:history", args=[institution.slug])

    assert link not in client.get(institution.get_absolute_url()).content.decode()
    client.force_login(officer)
    assert link in client.get(institution.get_absolute_url()).content.decode()
    client.force_login(focal_point)
    assert own(institution) in client.get(institution.desk_url).content.decode()


# --- What it says


def test_it_says_who_when_why_before_and_after(desk, officer, institution):
    with context(user=officer.pk, reason="They moved to the coast."):
        Institution.objects.filter(pk=institution.pk).update(city="Karachi", country="NP")

    response = desk.get(reverse("members:history", args=[institution.slug]))
    text = response.content.decode()

    assert ("Olive Officer", "City", "Lahore", "Karachi") in changes(response)
    assert ("Olive Officer", "Country", "Pakistan", "Nepal") in changes(response)
    assert "Because: They moved to the coast." in text


def test_removed_parts_say_what_they_were(desk, officer, institution):
    name = InstitutionName.objects.create(institution=institution, value="The Academy", language="en", kind="alias")
    with context(user=officer.pk):
        name.delete()

    found = changes(desk.get(reverse("members:history", args=[institution.slug])))

    assert [(who, what, "The Academy" in before, after) for who, what, before, after in found if "removed" in what] == [
        ("Olive Officer", "Name removed", True, "")
    ]


def test_what_happened_to_others_is_not_told(desk, institution):
    InstitutionFactory(name="Other", city="Elsewhere", names=[("Somewhere", "en", "alias")])

    text = desk.get(reverse("members:history", args=[institution.slug])).content.decode()

    assert "Elsewhere" not in text
    assert "Somewhere" not in text


def test_markup_in_a_record_stays_text(desk, institution):
    Institution.objects.filter(pk=institution.pk).update(city="<script>alert(1)</script>")

    text = desk.get(reverse("members:history", args=[institution.slug])).content.decode()

    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_people_of_the_institution_read_names_of_colleagues_only(client, institution, focal_point, officer):
    colleague = InstitutionRoleFactory(institution=institution, role="editor", user__name="Cleo Colleague").user
    stranger, gone = UserFactory(name="Sam Stranger"), UserFactory(name="Gail Gone")
    for number, user in enumerate((colleague, officer, stranger, gone, focal_point)):
        with context(user=user.pk):
            Institution.objects.filter(pk=institution.pk).update(city=f"City {number}")
    gone.delete()
    client.force_login(focal_point)

    response = client.get(own(institution))

    told = {after: who for who, _what, _before, after in changes(response) if after.startswith("City")}
    assert list(told.items())[::-1] == [
        ("City 0", "Cleo Colleague"),
        ("City 1", "a programme officer"),
        ("City 2", "somebody else"),
        ("City 3", "somebody whose account is gone"),
        ("City 4", focal_point.name),
    ]
    assert "Olive Officer" not in response.content.decode()
    assert "Sam Stranger" not in response.content.decode()


def test_roles_are_told_by_number_in_the_events_and_by_name_to_those_who_may_know(
    client, desk, institution, focal_point
):
    stranger = UserFactory(name="Sam Stranger")
    role = InstitutionRole.objects.create(user=stranger, institution=institution, role="editor")
    role.delete()

    assert "Sam Stranger" in desk.get(reverse("members:history", args=[institution.slug])).content.decode()
    client.force_login(focal_point)
    assert "Sam Stranger" not in client.get(own(institution)).content.decode()


def test_programs_are_told_by_what_they_are(desk, institution):
    with context(source="ROR import", file="v1.json"):
        Institution.objects.filter(pk=institution.pk).update(city="Karachi")

    assert changes(desk.get(reverse("members:history", args=[institution.slug])))[0][0] == "ROR import · v1.json"


# --- Pages


def test_pages_follow_each_other_without_a_gap_or_a_double(desk, institution, monkeypatch):
    monkeypatch.setattr(reading.history_page, "__kwdefaults__", {"after": "", "size": 7})
    for number in range(30):
        with context(source=f"act {number}"):
            Institution.objects.filter(pk=institution.pk).update(city=f"City {number}")
            InstitutionName.objects.create(institution=institution, value=f"Alias {number}", kind="alias")
    address, seen = reverse("members:history", args=[institution.slug]), []
    while address:
        response = desk.get(address)
        seen += [after for _who, _what, _before, after in changes(response)]
        older = response.context["page"].older
        address = (
            reverse("members:history", args=[institution.slug]) + f"?after={older.replace('+', '%2B')}" if older else ""
        )

    cities = [text for text in seen if text.startswith("City")]
    names = [text for text in seen if text.startswith("Alias")]
    assert cities == [f"City {number}" for number in reversed(range(30))]
    assert len(names) == 30 == len(set(names))


@pytest.mark.parametrize("after", ["x", "2026-01-01", "2026-01-01T00:00:00+00:00~1~x", "~~", "2026-01-01T00:00:00~1~2"])
def test_a_place_that_is_none_is_refused(desk, institution, after):
    response = desk.get(reverse("members:history", args=[institution.slug]), {"after": after})

    assert response.status_code == 400
    assert "after" in response.content.decode()


def test_a_format_that_is_none_is_refused(desk, institution):
    assert desk.get(reverse("members:history", args=[institution.slug]), {"format": "xml"}).status_code == 400


def test_an_empty_history_says_so(desk, institution, monkeypatch):
    monkeypatch.setattr(reading, "events_of", lambda *args, **kwargs: iter(()))

    assert "Nothing is recorded yet" in desk.get(reverse("members:history", args=[institution.slug])).content.decode()


def test_many_changes_ask_as_often_as_one(desk, institution, officer):
    address = reverse("members:history", args=[institution.slug])

    def change(number):
        with context(user=UserFactory().pk):
            Institution.objects.filter(pk=institution.pk).update(
                city=f"City {number}", country="NP" if number % 2 else "LK"
            )
            MembershipFactory(institution=institution, starts_on=f"20{number:02}-01-01")
            InstitutionRoleFactory(institution=institution)

    change(1)
    one = queries_of(desk, address)
    for number in range(2, 12):
        change(number)

    assert queries_of(desk, address) == one <= 24


# --- Files


def rows_of(response) -> list[dict]:
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


def test_the_file_of_a_record_holds_each_field_that_changed(desk, officer, institution):
    with context(user=officer.pk, reason="=HYPERLINK(1)"):
        Institution.objects.filter(pk=institution.pk).update(city="=1+1")

    response = desk.get(reverse("members:history", args=[institution.slug]), {"format": "csv"})
    first = rows_of(response)[0]

    assert response["Content-Disposition"] == f'attachment; filename="history-{institution.slug}.csv"'
    assert {name: first[name] for name in ("who", "reason", "record", "number", "act", "what", "before", "after")} == {
        "who": "Olive Officer",
        "reason": "'=HYPERLINK(1)",
        "record": "institution",
        "number": str(institution.pk),
        "act": "update",
        "what": "city",
        "before": "Lahore",
        "after": "'=1+1",
    }


def test_the_file_says_no_more_than_the_page(client, institution, focal_point, officer):
    with context(user=officer.pk):
        Institution.objects.filter(pk=institution.pk).update(city="Karachi")
    client.force_login(focal_point)

    records = json.loads(b"".join(client.get(own(institution), {"format": "json"}).streaming_content))

    assert records[0]["who"] == "a programme officer"
    assert "Olive" not in json.dumps(records)


def test_the_file_of_a_period_holds_what_is_gone_too(desk, institution):
    today = timezone.localdate()
    institution.delete()
    period = {"since": today, "until": today, "format": "csv"}

    rows = rows_of(desk.get(reverse("anso_portal:history"), period))

    assert ("institution", str(institution.pk or rows[0]["number"]), "delete") in {
        (row["record"], row["number"], row["act"]) for row in rows
    }
    yesterday = today - datetime.timedelta(days=1)
    assert rows_of(desk.get(reverse("anso_portal:history"), {**period, "since": yesterday, "until": yesterday})) == []


def test_an_empty_file_is_one(desk):
    period = {"since": "2020-01-01", "until": "2020-01-02", "format": "json"}

    assert json.loads(b"".join(desk.get(reverse("anso_portal:history"), period).streaming_content)) == []


@pytest.mark.parametrize(
    "period",
    [
        {"since": "2026-01-02", "until": "2026-01-01", "format": "csv"},
        {"since": "x", "until": "2026-01-01", "format": "csv"},
        {"since": "2026-01-01", "until": "2026-01-01", "format": "xlsx"},
        {"since": "2026-01-01"},
    ],
)
def test_a_period_that_is_none_is_told_beside_the_field(desk, period):
    response = desk.get(reverse("anso_portal:history"), period)

    assert response.status_code == 400
    assert response.context["form"].errors


def test_the_end_of_time_is_a_day_too(desk):
    period = {"since": "0001-01-01", "until": "9999-12-31", "format": "csv"}

    assert desk.get(reverse("anso_portal:history"), period).status_code == 200


def test_a_long_file_is_read_in_chunks(desk, institution, monkeypatch):
    from accounts.history import files

    monkeypatch.setattr(files, "CHUNK", 3)
    for number in range(10):
        Institution.objects.filter(pk=institution.pk).update(city=f"City {number}")

    rows = rows_of(desk.get(reverse("members:history", args=[institution.slug]), {"format": "csv"}))

    assert [row["after"] for row in rows if row["what"] == "city"][:10] == [
        f"City {number}" for number in reversed(range(10))
    ]
