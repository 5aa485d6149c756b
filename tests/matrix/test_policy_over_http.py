"""Rules broken on purpose are seen from outside too: some address answers somebody otherwise than the table declares."""

import itertools

import pytest

from tests.matrix.mutants import MUTANTS, Mutant
from tests.matrix.table import ROWS

pytestmark = [pytest.mark.long, pytest.mark.django_db, pytest.mark.time_limit(240)]

# What these open or close stands in lists, or behind a rule that refuses first: no address answers otherwise.
NOT_BY_AN_ADDRESS = {
    "accounts.secretariat lets whoever has signed in in",
    "notifications.read_notification is open to all",
    "members.view_affiliation forgets who is not public",
    "members.decide_institution decides on one's own",
    "members.view_institutioncontact shows what is not public",
    "members.accept_invitation takes addresses that nobody confirmed",
    "members.send_changerequest lets colleagues send",
    "members.send_changerequest outlives the role",
    "members.decide_changerequest decides on the own proposal",
    "members.answer_membershipapplication lets editors answer",
    "members.decide_membershipapplication decides on the own application",
    "projects.view_participation shows those of drafts",
    "projects.view_report shows what is not accepted",
    "projects.view_reportversion shows drafts to the secretariat",
    "exchanges.host_offer forgets the hosts of centers",
    "anso_portal.reply_errorreport is open to the secretariat",
    # What is in the pages differs then, not the answer: test_two_worlds.py sees that. Or the world holds nobody whom it concerns.
    "notifications.view_delivery tells of what a conflict hides",
    "notifications.view_event tells of what a conflict hides",
    "proposals._reviewed_file shows reviewers what an officer has redacted, and what is not for them",
    "proposals.answer_call forgets the first stage",
    "proposals.conflicting forgets all of them",
    "proposals.conflicting forgets projects",
    "proposals.conflicting forgets the own proposal",
    "proposals.conflicting forgets what was declared",
    "proposals.conflicting forgets where somebody works",
    "proposals.discuss_proposal forgets the phase",
    "proposals.sign_partner lets editors sign",
    "proposals.sign_partner signs before it is asked",
    "proposals.view_question shows those of drafts",
    "proposals.view_rank forgets conflicts",
    "proposals.view_redaction forgets conflicts",
    "proposals.view_remark is open to all reviewers of the proposal",
    "proposals.view_review shows those of others before the own is in",
    "proposals.view_score is open to the secretariat",
    "proposals.view_submission shows it to all",
    "proposals.write_review forgets the phase",
    "proposals.write_review lets officers write",
    "workflow.view_step tells of what a conflict hides",
}


def test_most_are_seen():
    assert {mutant.name for mutant in MUTANTS} > NOT_BY_AN_ADDRESS
    assert len(MUTANTS) - len(NOT_BY_AN_ADDRESS) >= 25


def nearest(mutant: Mutant) -> list[str]:
    """All rows, those first whose address speaks of what the rule is about."""
    app, _dot, rule = mutant.target.partition(".")
    about = [word.removeprefix("membership") for word in rule.split("_")]

    def distance(key: str) -> tuple:
        return (not any(word in key for word in about), not key.startswith(f"{app}:"), f":{app}_" not in key, key)

    return sorted(ROWS, key=distance)


@pytest.mark.usefixtures("unrendered", "rare_collections")
@pytest.mark.parametrize(
    "mutant", [one for one in MUTANTS if one.name not in NOT_BY_AN_ADDRESS], ids=lambda mutant: mutant.name
)
def test_broken_rule_changes_an_answer(mutant, browsers, monkeypatch):
    mutant.apply(monkeypatch)
    seen = itertools.chain.from_iterable(browsers.differences(key, ("GET", "POST")) for key in nearest(mutant))
    assert next(seen, None) is not None
