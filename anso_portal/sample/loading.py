"""Puts the sample alliance in, as a whole or not at all."""

from django.db import connection, transaction

from anso_portal.context import forget_branding
from anso_portal.models import SampleRecord
from anso_portal.sample import (
    alliance,
    applications,
    calls,
    centers,
    changes,
    illustrative,
    institutions,
    news,
    people,
    registers,
    stays,
    trainings,
)
from anso_portal.sample.ledger import LOCK, Ledger, Say
from anso_portal.sample.matching import Matcher
from toolkit.history import context


@transaction.atomic
def load(say: Say) -> bool:
    """Whether anything was loaded. What is there already (a real institution with the same ROR id) is used, not changed."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK)
    if SampleRecord.objects.exists():
        if not people.logins_file().exists():
            say(f"{people.logins_file().name} was gone: {people.renew_logins()} sample accounts have new passwords.")
        return False
    with context(source="load_sample"):
        _load(Ledger(say))
    with connection.cursor() as cursor:  # A planner that takes full tables for empty ones needs minutes for one list.
        cursor.execute("SELECT collect_statistics()")
    transaction.on_commit(forget_branding)
    return True


def _load(ledger: Ledger) -> None:
    sources = alliance.load_sources(ledger)
    pages, sample = sources["alliance-pages"], sources["sample"]
    themes = alliance.load_themes(ledger, pages)
    programmes = alliance.load_programmes(ledger, pages)
    meetings = alliance.load_meetings(ledger, pages)
    alliance.load_facts(ledger)

    known = institutions.load_institutions(ledger, pages)
    members = institutions.load_memberships(ledger, known, meetings, pages)
    ledger.say(f"{len(known)} institutions, {len(members)} of them members.")
    applications.load_applications(ledger, sample)  # before all that refers to institutions, or it could not go

    places = centers.load_centers(ledger, known, themes, sources["centers-xinhua"])
    ledger.say(f"{len(places)} centers.")

    registers.load_registers(ledger, Matcher(known.values()), sources)
    illustrative.load_projects(ledger, known, places, themes, sample)
    ledger.say(f"{ledger.counts['projects.project']} projects.")

    users, passwords = people.load_people(ledger, known, themes)
    people.load_invitations(ledger, users, known)
    ledger.say(f"{ledger.counts['members.person']} people, {len(users)} of them with an account.")

    changes.load_changes(ledger, known, users)
    calls.load_calls(ledger, known, themes, users, sample)
    ledger.say(f"{ledger.counts['proposals.call']} calls.")

    waiting = illustrative.load_offers(ledger, known, places, themes, programmes, sample)
    people.load_follows(users, themes, places)
    people.load_messages(ledger, users)
    if officer := people.first_officer(users):
        illustrative.announce_offers(waiting, by=officer)
        trainings.load_trainings(ledger, users, places)
        news.load_news(ledger, users, themes, officer=officer)
        people.let_a_day_pass()
        stays.load_stays(ledger, known, users, officer=officer)
    ledger.say(
        f"{ledger.counts['exchanges.offer']} exchange offers, {len(waiting)} of them announced to those who follow."
    )

    ledger.save()
    people.write_logins(passwords)
