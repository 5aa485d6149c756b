"""The chain over the history, and what it finds when somebody who can do anything in the database does so."""

import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from anso_portal.history import chain
from anso_portal.history.verification import verify
from anso_portal.models import HistoryLink
from members.models import Institution, InstitutionName
from tests.factories import InstitutionFactory, MembershipFactory
from toolkit.history import context

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.owner]

EVENT = "members_institutionevent"


@pytest.fixture
def records():
    """Three acts, three links."""
    made = []
    for number in range(3):
        with context(source=f"act {number}"), transaction.atomic():
            made.append(InstitutionFactory(name=f"Institution {number}"))
    chain.seal()
    return made


def behind_the_back(statement: str, *values) -> None:
    """What only a superuser can: no trigger fires."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = 'replica'")
        cursor.execute(statement, values)


def found() -> list[str]:
    return [str(finding) for finding in verify().findings]


def event_of(record) -> int:
    return record.events.get().pgh_id


def test_each_context_has_one_link_that_continues_the_one_before(records):
    links = list(HistoryLink.objects.order_by("position"))

    assert [link.position for link in links] == list(range(1, len(links) + 1))
    assert [link.previous for link in links] == ["", *(link.hash for link in links[:-1])]
    assert len({link.context for link in links}) == len(links)
    assert found() == []


def test_sealing_again_does_nothing(records):
    assert chain.seal() == 0


def test_many_rows_of_one_statement_take_one_link(records):
    with context(source="bulk"):
        Institution.objects.bulk_create(
            Institution(name=f"Bulk {number}", slug=f"bulk-{number}", country_id="CN") for number in range(300)
        )

    assert chain.seal() == 1
    assert found() == []


def test_changes_and_removals_are_sealed_as_well(records):
    records[0].delete()
    Institution.objects.filter(pk=records[1].pk).update(city="Accra")

    assert chain.seal() >= 2
    assert found() == []


def test_what_somebody_with_all_rights_does_is_named_exactly(records):
    changed, deleted = event_of(records[0]), event_of(records[1])
    inserted = 1_000_000
    dropped = HistoryLink.objects.order_by("-position").first().position
    context_of_third = records[2].events.get().pgh_context_id
    behind_the_back(f"UPDATE {EVENT} SET city = 'Elsewhere' WHERE pgh_id = %s", changed)
    behind_the_back(f"DELETE FROM {EVENT} WHERE pgh_id = %s", deleted)
    columns = ", ".join(name for name in chain.shapes()[EVENT] if name != "pgh_id")
    behind_the_back(
        f"INSERT INTO {EVENT} (pgh_id, {columns}) SELECT %s, {columns} FROM {EVENT} WHERE pgh_id = %s",
        inserted,
        changed,
    )
    behind_the_back("DELETE FROM anso_portal_historylink WHERE position = %s", dropped)

    assert sorted(found()) == sorted(
        [
            f"changed: row {changed} of {EVENT}",
            f"taken away: row {deleted} of {EVENT}",
            f"put in: row {inserted} of {EVENT}",
            f"taken away: link {dropped}",
        ]
    )
    assert context_of_third


def test_a_link_from_the_middle_is_missed(records):
    behind_the_back("DELETE FROM anso_portal_historylink WHERE position = 2")

    assert found() == ["taken away: link 2"]


@pytest.mark.parametrize("column", ["digest", "previous", "hash"])
def test_a_changed_link_is_named(records, column):
    behind_the_back(f"UPDATE anso_portal_historylink SET {column} = repeat('0', 64) WHERE position = 2")

    assert "changed: link 2" in found()


def test_a_seal_that_was_made_to_fit_does_not_fit_its_link(records):
    changed = event_of(records[0])
    behind_the_back(f"UPDATE {EVENT} SET city = 'Elsewhere' WHERE pgh_id = %s", changed)
    position = HistoryLink.objects.get(context=records[0].events.get().pgh_context_id).position
    behind_the_back('DELETE FROM anso_portal_historyseal WHERE link_id = %s AND "table" = %s', position, EVENT)

    assert found() == [f"changed: seals of link {position}", f"put in: row {changed} of {EVENT}"]


def test_who_did_it_is_sealed_too(records):
    key = records[0].events.get().pgh_context_id
    behind_the_back("UPDATE pghistory_context SET metadata = '{\"user\": 4711}' WHERE id = %s", key)

    assert found() == [f"changed: context {key}"]


def test_an_event_outside_any_context_was_put_in(records):
    event = event_of(records[0])
    columns = ", ".join(name for name in chain.shapes()[EVENT] if name not in ("pgh_id", "pgh_context_id"))
    copy = f"INSERT INTO {EVENT} (pgh_id, pgh_context_id, {columns}) SELECT %s, %s, {columns} FROM {EVENT} WHERE pgh_id = %s"
    behind_the_back(copy, 1_000_001, None, event)
    behind_the_back(copy, 1_000_002, uuid.uuid4(), event)

    assert found() == [f"put in: row 1000001 of {EVENT}", f"put in: row 1000002 of {EVENT}"]


def test_a_row_of_a_table_that_the_context_did_not_touch_was_put_in(records):
    key = records[0].events.get().pgh_context_id
    behind_the_back(
        "INSERT INTO members_institutionidentifierevent "
        "(pgh_id, pgh_created_at, pgh_label, pgh_obj_id, pgh_context_id, id, institution_id, scheme, value) "
        "VALUES (77, now(), 'insert', 1, %s, 1, 1, 'isni', '1')",
        key,
    )

    assert found() == ["put in: row 77 of members_institutionidentifierevent"]


def test_a_head_that_was_noted_is_still_there(records):
    noted = str(chain.head())
    MembershipFactory()
    chain.seal()

    assert verify(expect=noted).findings == []


def test_a_chain_that_was_made_anew_does_not_hold_the_noted_head(records):
    noted = str(chain.head())
    behind_the_back("DELETE FROM anso_portal_historyseal")
    behind_the_back("DELETE FROM anso_portal_historylink")
    behind_the_back(f"UPDATE {EVENT} SET city = 'Elsewhere'")
    chain.seal()

    assert found() == []
    assert [str(finding) for finding in verify(expect=noted).findings] == [f"changed: the chain does not hold {noted}"]


def test_sealing_two_at_a_time_takes_turns(records):
    """The lock is held to the end of the transaction, so a link is never made twice; if it were, the database refuses."""
    link = HistoryLink.objects.order_by("-position").first()
    with pytest.raises(IntegrityError):
        HistoryLink.objects.create(
            position=link.position + 1, context=link.context, sealed_at=link.sealed_at, digest="", hash=""
        )


def test_the_commands_say_what_they_found_and_end_accordingly(records, capsys):
    call_command("seal_history", "--head")
    noted = capsys.readouterr().out.strip()
    call_command("verify_history", "--expect", noted)
    assert noted in capsys.readouterr().out
    behind_the_back(f"DELETE FROM {EVENT}")

    with pytest.raises(CommandError):
        call_command("verify_history")
    assert "taken away: row" in capsys.readouterr().out


def test_columns_that_come_do_no_harm_and_those_that_go_are_sealed_anew(records):
    with connection.cursor() as cursor:
        before = chain.shapes()
        cursor.execute(f"ALTER TABLE {EVENT} ADD COLUMN later text")
        try:
            assert (chain.reseal(before), found()) == ([], [])
            InstitutionName.objects.all().delete()
            InstitutionFactory(name="Institution with a later column")
            chain.seal()
            before = chain.shapes()
            cursor.execute(f"ALTER TABLE {EVENT} RENAME COLUMN later TO renamed")
            assert found() == [f"taken away: column later of {EVENT}"]

            assert chain.reseal(before) == [EVENT]
            assert found() == []
            behind_the_back(f"UPDATE {EVENT} SET city = 'Elsewhere' WHERE pgh_id = %s", event_of(records[0]))
            assert found() == [f"changed: row {event_of(records[0])} of {EVENT}"]
        finally:
            cursor.execute(f"ALTER TABLE {EVENT} DROP COLUMN IF EXISTS later, DROP COLUMN IF EXISTS renamed")
