"""What the portal knows of a person is declared, exported and erased, whole."""

import json

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils.html import escape

from accounts.models import AllianceRole, User
from anso_portal.closing import PARTS, all_joins, declared, erase_account, own_data, traces_of
from anso_portal.models import ClosedAccount, ErrorReport
from members.models import Affiliation, InstitutionRole, Person
from notifications.models import Delivery, Event, Follow, Subscriber
from notifications.sender import drain
from tests.factories import (
    PASSWORD,
    AffiliationFactory,
    InstitutionFactory,
    InstitutionRoleFactory,
    OfferFactory,
    PersonFactory,
    UserFactory,
)
from toolkit.personal import Traces, blot_out, free_texts, is_history, relation_label, relations_to
from workflow.models import Step

pytestmark = pytest.mark.django_db

# --- Declarations


def models_to_declare():
    """Every table with words in it, or with a relation to a person or an account."""
    about = {relation.model for relation in relations_to(User, Person, Subscriber)}
    for model in apps.get_models(include_auto_created=True):
        ours = model._meta.managed and not model._meta.proxy and not is_history(model)
        if ours and (free_texts(model) or model in about):
            yield model


def test_every_model_is_declared_once():
    """If this fails for a new model: read toolkit/personal.py and name it in the personal_data.py of its app."""
    labels = [label for label, _kind in declared()]

    assert {model._meta.label for model in models_to_declare()} - set(labels) == set()
    assert sorted(labels) == sorted(set(labels))
    assert [label for label in labels if not apps.get_model(label)] == []


def test_every_relation_to_an_account_says_how_it_is_joined():
    relations = {relation_label(relation) for relation in relations_to(User, Person, Subscriber)}

    assert relations - set(all_joins()) == set()
    assert set(all_joins()) - relations == set()


def test_history_holds_no_words_about_people():
    """Events are never changed, so what is erased must never have been in them."""
    declarations = dict(declared())
    about_people = [
        (model._meta.label, field.name)
        for model in apps.get_models()
        if is_history(model) and declarations.get(model.pgh_tracked_model._meta.label) != "FREE"
        for field in free_texts(model)
    ]

    assert about_people == []


# --- A person with marks

MARKS = {
    "name": "Zorabel O'Quintesse-Marker",
    "name in another script": "佐拉贝尔标记",
    "first address": "zorabel.marker@first.example",
    "second address": "zq-second-marker@other.example",
    "ORCID": "0000-0002-1825-0097",
    "expertise": "marker-of-glacier-optics",
    "biography": "Marker-biography grew up beside the lake.",
    "position": "Marker-Professor of Snow",
    "reason": "Marker-reason that was typed with a move",
    "error report": "Marker-report: the city is wrong",
    "network address": "203.0.113.77",
    "program": "MarkerBrowser/7.7",
}


def client_with_marks(**options) -> Client:
    return Client(REMOTE_ADDR=MARKS["network address"], headers={"user-agent": MARKS["program"]}, **options)


@pytest.fixture
def marked(settings, tmp_path):
    """Somebody who has done all that a person can do here."""
    cache.clear()  # of limits
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    user = UserFactory(email=MARKS["first address"], name=MARKS["name"], password=PASSWORD)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    EmailAddress.objects.create(user=user, email=MARKS["second address"], verified=True)
    institution = InstitutionFactory(member=True)
    InstitutionRoleFactory(user=user, institution=institution)
    InstitutionRoleFactory(institution=institution)  # a colleague, who stays
    AllianceRole.objects.create(user=user, role="reviewer")
    person = PersonFactory(
        user=user,
        name=MARKS["name"],
        translations={"zh": MARKS["name in another script"]},
        slug="zorabel-quintesse-marker",
        orcid=MARKS["ORCID"],
        expertise=[MARKS["expertise"]],
        biography=MARKS["biography"],
    )
    AffiliationFactory(person=person, institution=institution, position=MARKS["position"])
    sign_in_and_act(user)
    written_about(user, person)
    drain()
    return user


def sign_in_and_act(user):
    client = client_with_marks()
    client.post("/accounts/login/", {"login": user.email, "password": "wrong-marker"})
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    client.post("/accounts/password/reset/", {"email": user.email})
    client.post("/notifications/follow/", {"topic": "country:PK"})
    client.post("/report/", {"message": MARKS["error report"], "email": user.email})
    client.post("/accounts/email/", {"action_send": "", "email": MARKS["second address"]})
    client.get("/accounts/sessions/")


def written_about(user, person):
    """What others and the portal wrote: moves, what officers were told, the log of the administration."""
    officer = UserFactory(roles=["administrator"])
    follower = UserFactory()
    Follow.objects.create(
        subscriber=Subscriber.objects.of_users([follower]).get(), topic="country:PK", label="Pakistan", address="/x/"
    )
    offer = OfferFactory(open=True)
    Step.objects.create(
        object_label="exchanges.offer",
        object_id=str(offer.pk),
        field="state",
        source="draft",
        target="open",
        by=user,
        reason=MARKS["reason"],
    )
    facts = {"title": f"{MARKS['name']}: focal point", "address": person.get_absolute_url(), "mail": user.email}
    event = Event.objects.create(
        kind="role.given", actor=officer, subject_label="x", subject_id="1", facts=facts, topics=[]
    )
    told = Subscriber.objects.of_users([follower]).get().notifications.create(event=event, reason=MARKS["name"])
    for number, subject in enumerate((f"{MARKS['name']} is a focal point", f"<b>{MARKS['name']}</b>")):
        delivery = Delivery.objects.create(
            address=follower.email,
            purpose="role.given",
            idem=f"idem-{number}",
            message_id=f"<{number}@example.org>",
            state="sent",
            sent_at="2026-01-01T00:00Z",
            subject=subject,
            body_text=f"{subject} ({user.email})",
            body_html=f"<p>{escape(subject)}</p>",
            smtp_reply=f"250 ok {user.email}",
        )
        delivery.notifications.add(told)
    for obj in (user, person, *person.affiliations.all(), *user.institution_roles.all()):
        LogEntry.objects.create(
            user=officer,
            content_type=ContentType.objects.get_for_model(obj),
            object_id=str(obj.pk),
            object_repr=str(obj)[:200],
            action_flag=CHANGE,
            change_message=json.dumps([{"changed": {"fields": ["Name"], "object": str(obj)}}]),
        )


def dump() -> dict[str, str]:
    """The text of all rows of all tables of the database, whoever made them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "
            "WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        tables = [row[0] for row in cursor.fetchall()]
        texts = {}
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM {table} t")
            texts[table] = cursor.fetchone()[0]
    return texts


def found(texts: dict[str, str]) -> dict[str, list[str]]:
    return {
        place: hits
        for place, text in texts.items()
        if (hits := [name for name, mark in MARKS.items() if mark.casefold() in text.casefold()])
    }


def test_the_marks_are_there_before(marked):
    """Else the next test would prove nothing."""
    everywhere = {name for hits in found(dump()).values() for name in hits}

    assert everywhere == set(MARKS)


def test_of_an_erased_person_no_mark_is_left_in_any_table_or_file(marked, settings):
    folder = settings.EMAIL_FILE_PATH
    assert list(folder.glob("*.eml"))

    erase_account(user=marked, by=marked)

    assert found(dump()) == {}
    assert found({str(path): path.read_text(errors="replace") for path in folder.glob("*.eml")}) == {}
    assert "zorabel" not in json.dumps(dump()).casefold()


def test_mails_of_others_stay(marked, settings):
    other = UserFactory(email="other@example.org", password=PASSWORD)
    Client().post("/accounts/password/reset/", {"email": other.email})
    drain()

    erase_account(user=marked, by=marked)

    assert len(list(settings.EMAIL_FILE_PATH.glob("*.eml"))) == 1
    assert Delivery.objects.filter(address=other.email).count() == 1


def test_what_others_need_names_a_pseudonym(marked):
    pseudonym = f"Former user {marked.pk}"
    erase_account(user=marked, by=marked)

    marked.refresh_from_db()
    assert (str(marked), marked.is_active, marked.has_usable_password()) == (pseudonym, False, False)
    assert [role.ends_on is not None for role in InstitutionRole.objects.filter(user=marked)] == [True]
    assert Step.objects.get().by == marked
    assert Event.objects.get(kind="role.given").facts["title"] == f"{pseudonym}: focal point"
    assert Delivery.objects.filter(subject=f"{pseudonym} is a focal point").exists()
    assert set(LogEntry.objects.values_list("object_repr", flat=True)) == {pseudonym}
    assert ClosedAccount.objects.values("user", "kind", "by").get() == {
        "user": marked.pk,
        "kind": "erased",
        "by": marked.pk,
    }


def test_erased_account_cannot_be_used(marked):
    client = Client()
    client.force_login(marked)
    assert client.get("/desk/").status_code == 200

    erase_account(user=marked, by=marked)

    assert client.get("/desk/").status_code == 302
    answer = Client().post("/accounts/login/", {"login": MARKS["first address"], "password": PASSWORD})
    assert answer.status_code == 422
    assert "sessionid" not in answer.cookies


def test_address_is_free_again(marked):
    erase_account(user=marked, by=marked)

    assert UserFactory(email=MARKS["first address"]).pk != marked.pk


def test_erasing_twice_is_as_erasing_once(marked):
    for _ in range(2):
        erase_account(user=marked, by=marked)

    assert ClosedAccount.objects.count() == 1


def test_namesake_keeps_the_name(marked):
    namesake = PersonFactory(name=MARKS["name"])
    entry = LogEntry.objects.create(
        user=UserFactory(),
        content_type=ContentType.objects.get_for_model(Person),
        object_id=str(namesake.pk),
        object_repr=namesake.name,
        action_flag=CHANGE,
    )

    erase_account(user=marked, by=marked)

    entry.refresh_from_db()
    namesake.refresh_from_db()
    assert namesake.name == entry.object_repr == MARKS["name"]


def test_person_is_in_no_index(marked):
    """Search finds people by their folded names."""
    erase_account(user=marked, by=marked)

    assert not Person.objects.filter(names_folded__contains="zorabel").exists()
    assert not Affiliation.objects.filter(position__contains="Marker").exists()
    assert not ErrorReport.objects.exists()


# --- Who may, and what comes first


def test_others_cannot_erase(marked):
    for other in (UserFactory(), UserFactory(roles=["officer"]), UserFactory(roles=["reviewer"])):
        with pytest.raises(PermissionDenied):
            erase_account(user=marked, by=other)
    marked.refresh_from_db()
    assert marked.is_active


def test_administrator_erases_on_request_even_the_last_focal_point(marked):
    administrator = UserFactory(roles=["administrator"])
    InstitutionRole.objects.exclude(user=marked).delete()

    erase_account(user=marked, by=administrator)

    marked.refresh_from_db()
    assert not marked.is_active


def test_last_focal_point_is_told_what_to_do_first():
    role = InstitutionRoleFactory(institution=InstitutionFactory(name="The Academy"))

    with pytest.raises(ValidationError) as refusal:
        erase_account(user=role.user, by=role.user)

    assert refusal.value.messages == [
        "You are the only focal point of The Academy. Hand this role over to a colleague first."
    ]
    role.user.refresh_from_db()
    assert role.user.is_active


def test_last_administrator_is_told_what_to_do_first():
    administrator = UserFactory(roles=["administrator"])
    UserFactory(roles=["administrator"], is_active=False)

    with pytest.raises(ValidationError, match="only administrator"):
        erase_account(user=administrator, by=administrator)

    UserFactory(roles=["administrator"])
    erase_account(user=administrator, by=administrator)


# --- The words by which a person is found


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("By Ann Lee.", "By X."),
        ("Ann Leeds", "Ann Leeds"),
        ("Joann Lee", "Joann Lee"),
        ("ann lee", "ann lee"),
        ("由李娜提出", "由X提出"),
        ("a+b@x.org, a.b@x.org", "X, a.b@x.org"),
        ('Ann "A\\" Lee', 'Ann "A\\" Lee'),
        ('the "Q\\q" one', "the X one"),
    ],
)
def test_a_text_is_blotted_out_where_it_stands_alone(text, after):
    traces = Traces(texts=("Ann Lee", "李娜", "a+b@x.org", '"Q\\q"', "x", ""), pseudonym="X")
    step = Step.objects.create(object_label="x", object_id="1", field="f", source="a", target="b", reason=text)
    event = Event.objects.create(kind="x", subject_label="x", subject_id="1", facts={"title": text}, topics=[])

    blot_out(Step, traces)
    blot_out(Event, traces)

    step.refresh_from_db()
    event.refresh_from_db()
    assert (step.reason, event.facts) == (after, {"title": after})
    assert traces.found_in(text) is (text != after)


def test_nothing_to_look_for_changes_nothing():
    step = Step.objects.create(object_label="x", object_id="1", field="f", source="a", target="b", reason="text")

    assert blot_out(Step, Traces(texts=("", "x"), pseudonym="X")) == 0
    step.refresh_from_db()
    assert step.reason == "text"


# --- Export


def test_export_holds_every_mark_of_the_person(marked):
    text = json.dumps(own_data(marked), default=str, ensure_ascii=False)

    assert [name for name, mark in MARKS.items() if mark not in text] == []
    assert marked.password not in text
    assert Subscriber.objects.get(user=marked).token not in text


def test_export_holds_nothing_of_others(marked):
    other = UserFactory(name="Somebody Else", email="else@example.org")
    Subscriber.objects.of_users([other])

    assert "else@example.org" not in json.dumps(own_data(marked), default=str)
    assert MARKS["first address"] not in json.dumps(own_data(other), default=str)


def test_export_keeps_secrets_in(marked):
    from allauth.mfa.models import Authenticator

    Authenticator.objects.create(user=marked, type="totp", data={"secret": "hidden-seed"})

    data = own_data(marked)

    assert data["second_factors"][0]["type"] == "totp"
    assert "hidden-seed" not in json.dumps(data, default=str)


def test_no_two_apps_export_under_one_name(marked):
    names = [name for part in PARTS if hasattr(part, "export") for name in part.export(marked)]

    assert sorted(names) == sorted(set(names))


def test_traces_are_what_the_person_is_called(marked):
    assert set(traces_of(marked).texts) == {
        MARKS["name"],
        escape(MARKS["name"]),
        MARKS["name in another script"],
        MARKS["first address"],
        MARKS["second address"],
        MARKS["ORCID"],
        "/people/zorabel-quintesse-marker/",
    }


def test_nothing_is_left_of_those_who_have_no_profile():
    user = UserFactory(email="bare@example.org", name="")

    erase_account(user=user, by=user)

    assert "bare@example.org" not in json.dumps(dump())
    call_command("check")
