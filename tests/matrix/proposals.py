"""The rows of calls and proposals. The call is given to the officer alone; the proposals are led by the own institution."""

from tests.matrix.administration import staff
from tests.matrix.cells import SIGN_IN, Row, desk, signed_in, who
from tests.matrix.roles import ANONYMOUS, PEOPLE, SECRETARIAT

WRITERS = PEOPLE | {"scientist"}
PARTNER = "focal point elsewhere"  # asked to confirm, so reads and does not write
GIVEN = {"officer", "administrator"}
BOUND = "officer and focal point"  # of the lead institution


def draft(world) -> dict:
    return {"pk": world.proposal.pk}


def sent(world) -> dict:
    return {"pk": world.sent_proposal.pk}


def part(world) -> dict:
    return {"pk": world.proposal.pk, "partner": world.proposal_partner.pk}


def call(world) -> dict:
    return {"slug": "call"}


def letter(world) -> dict:
    return {"slug": "call", "pk": world.circular.pk}


def decided(world) -> dict:
    return {"slug": "call-over", "pk": world.proposal_to_decide.pk}


def written(get=405, post=405, path=draft) -> Row:
    """For those who write it; its partner may know of it and is refused."""
    answers = [desk((WRITERS, answer), (PARTNER, 403)) if answer != 405 else 405 for answer in (get, post)]
    return Row(*answers, path=path)


def given(get=405, post=405, path=call) -> Row:
    answers = [staff((GIVEN, answer), (BOUND, 403), rest=404) if answer != 405 else 405 for answer in (get, post)]
    return Row(*answers, path=path)


def answered(world_row: str) -> Row:
    """For officers of the call without a conflict of interest."""
    answers = [staff((GIVEN, answer), (BOUND, 403), rest=404) for answer in (200, 302)]
    return Row(*answers, path=lambda world: {"slug": "call", "pk": getattr(world, world_row).pk})


PROPOSALS = {
    "proposals:list": Row(get=200),
    "proposals:call": Row(get=200, path=call),
    "proposals:call [draft]": Row(get=who(404, (SECRETARIAT, 200)), path=lambda world: {"slug": "call-draft"}),
    "proposals:call_calendar": Row(get=200, path=call),
    "proposals:call_history": Row(get=staff((SECRETARIAT, 200), rest=404), path=call),
    "proposals:start": Row(
        get=who(200, (ANONYMOUS, SIGN_IN), ("unverified", 403)),
        post=who(200, (ANONYMOUS, SIGN_IN), ("unverified", 403)),
        path=call,
    ),
    "proposals:proposals": Row(get=signed_in()),
    "proposals:detail": Row(get=desk((WRITERS | {PARTNER}, 200)), path=draft),
    "proposals:detail [sent]": Row(get=desk((WRITERS, 200), (GIVEN, 302)), path=sent),
    "proposals:basics": written(200, 409),
    "proposals:part": written(200, 409, lambda world: {"pk": world.proposal.pk, "part": world.call_part.pk}),
    "proposals:budget": written(200, 422),
    "proposals:team": written(200, 422),
    "proposals:plan": written(200, 422),
    "proposals:dossier_zip": Row(get=desk((WRITERS, 403), (GIVEN, 200)), path=sent),
    "proposals:clarify": Row(post=desk((WRITERS, 403), (GIVEN, 422)), path=sent),
    "proposals:clarification": Row(
        get=desk((WRITERS, 200), (GIVEN, 403)),
        post=desk((WRITERS, 422), (GIVEN, 403)),
        path=lambda world: {"pk": world.sent_proposal.pk, "question": world.clarification.pk},
    ),
    "proposals:late": written(post=302),
    "proposals:late_codes": given(200, 422),
    "proposals:continue": written(post=404),  # it names no call
    "proposals:partners": written(200),
    "proposals:partner_add": written(200, 200),
    "proposals:partners_ask": written(post=302),
    "proposals:partner": written(200, 422, part),
    "proposals:partner_remove": written(post=302, path=part),
    "proposals:sign": Row(
        get=desk((WRITERS, 403), (PARTNER, 200)), post=desk((WRITERS, 403), (PARTNER, 422)), path=part
    ),
    "proposals:revoke": Row(post=desk((WRITERS, 403), (PARTNER, 302)), path=part),
    "proposals:check": written(200),
    "proposals:submit": written(post=422),
    "proposals:submitted": Row(get=desk((WRITERS | GIVEN, 200)), path=sent),
    "proposals:decision_letter": Row(get=who(404, (ANONYMOUS, SIGN_IN)), path=sent),  # not decided; see test_states.py
    "proposals:submitted_pdf": Row(get=desk((WRITERS | GIVEN, 200)), path=sent),
    "proposals:reopen": written(post=302),
    "proposals:withdraw": written(200, 302),
    "proposals:desk_calls": Row(get=staff((SECRETARIAT, 200), rest=404)),
    "proposals:call_new": Row(get=staff((SECRETARIAT, 200), rest=404), post=staff((SECRETARIAT, 422), rest=404)),
    "proposals:desk_call": given(200),
    "proposals:call_edit": given(200, 422),
    "proposals:part_new": given(200, 422),
    "proposals:part_form": given(200, 422, lambda world: {"slug": "call", "part": world.call_part.pk}),
    "proposals:call_publish": given(post=302),
    "proposals:call_deadline": given(200, 422),
    "proposals:paper": given(200, 200),  # no institution is chosen yet
    "proposals:institution_request": written(200, 422),
    "proposals:institution_request_remove": written(
        post=302, path=lambda world: {"pk": world.proposal.pk, "request_pk": world.requested.pk}
    ),
    "proposals:signatory_name": written(200, 422, part),
    "proposals:requests": given(200),
    "proposals:institution_answer": answered(world_row="requested"),
    "proposals:signatory_answer": answered(world_row="signatory"),
    "proposals:officers": Row(
        *[staff(("administrator", answer), (SECRETARIAT - {"administrator"}, 403), rest=404) for answer in (200, 422)],
        path=call,
    ),
    "proposals:officer_remove": Row(post=staff((SECRETARIAT - {"administrator"}, 403), rest=404), path=call),
    "proposals:partners_remind": given(200, 302),
    "proposals:decide_many": given(200, 422),
    "proposals:circulars": given(200, 422),
    "proposals:circular": given(200, 422, letter),
    "proposals:circular_release": given(post=302, path=letter),
    "proposals:circular_discard": given(post=302, path=letter),
    "proposals:call_copy": Row(post=staff((SECRETARIAT, 302), rest=404), path=call),
    "proposals:decide": given(200, 422, decided),
    "proposals:decisions_apply": given(post=302, path=lambda world: {"slug": "call-over"}),
    "proposals:project_make": given(post=302, path=decided),
}
