"""Stays that are written as sample: one to be answered, one to be approved, and one of which the report is to be confirmed."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import User
from anso_portal.sample.institutions import Institutions
from anso_portal.sample.ledger import Ledger
from anso_portal.sample.reading import document
from exchanges.actions.letters import issue_letter
from exchanges.actions.stays import answer_stay, approve_stay, begin_stay, save_stay, submit_stay
from exchanges.actions.visits import write_report
from exchanges.models import Offer, Stay, StayAct
from members.actions.standings import speakers_of
from toolkit.clock import database_today
from workflow.actions import move


def load_stays(ledger: Ledger, institutions: Institutions, users: dict[str, User], *, officer: User) -> None:
    """By the same acts as in life, so that people are told; where nobody speaks for a home institution, its word stands alone."""
    offers = {offer.title: offer for offer in Offer.objects.filter(illustrative=True).select_related("programme")}
    for entry in document("stays.json"):
        person, offer = users.get(entry["person"]), offers.get(entry["offer"])
        if person is None or offer is None or not Offer.objects.open().filter(pk=offer.pk).exists():
            continue
        stay = begin_stay(offer=offer, home=institutions[entry["home"]], by=person)
        ledger.note([stay])
        values = {"purpose": entry["purpose"], "asks": Decimal(entry.get("asks", 0))}
        save_stay(stay=stay, values=values, by=person)
        submit_stay(stay=stay, by=person)
        if entry["until"] != "submitted":
            _go_on(Stay.objects.get(pk=stay.pk), entry, officer)


def _go_on(stay: Stay, entry: dict, officer: User) -> None:
    host = next(iter(speakers_of(stay.host)), None)
    if host is None:
        return
    StayAct.objects.create(stay=stay, kind=StayAct.Kind.HOME, agrees=True)
    answer_stay(stay=stay, kind=StayAct.Kind.HOST, agrees=True, by=host)
    stay.refresh_from_db()
    if entry["until"] != "report_due":
        return
    approve_stay(stay=stay, by=officer)
    issue_letter(stay=stay, by=host)
    first = database_today() - timedelta(days=entry["days_ago"])
    days = {"starts_on": first, "ends_on": first + timedelta(days=entry["lasts"] - 1)}
    Stay.objects.filter(pk=stay.pk).update(**days)
    stay.tasks.update(done_at=stay.submitted_at)
    stay.refresh_from_db()
    for state in (Stay.State.UNDER_WAY, Stay.State.REPORT_DUE):
        move(stay, state, by=None, context={"title": str(stay), "person": str(stay.applicant)})
    if stay.applicant:
        write_report(stay=stay, text=entry["report"], submit=True, by=stay.applicant)
