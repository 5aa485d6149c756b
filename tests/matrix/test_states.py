"""Every address of a proposal × its state × role: what it answers, as written down here, and to nobody else anything."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from proposals.urls import urlpatterns
from tests.matrix.cells import SECOND_FACTOR, SIGN_IN
from tests.matrix.proposals import BOUND, GIVEN, PARTNER, WRITERS
from tests.matrix.reviews import JUDGE
from tests.matrix.roles import ANONYMOUS, ROLES
from tests.matrix.states import STATES, make


def by_state(draft, *rest):
    """One answer for each state; one for what was sent stands for all of those."""
    return (draft, *(rest * 4 if len(rest) == 1 else rest))


WRITTEN = by_state(200, 302)  # a form of the draft; later it leads to the proposal
REFUSED = by_state(404, 403)  # who works on it may know of it once it was sent
# For each address: those who write, the partner that is asked, the officers to whom the call is given.
OF_WRITERS = {
    "detail GET": (200, 200, by_state(404, 302)),
    "basics GET": (WRITTEN, 403, REFUSED),
    "basics POST": (by_state(409, 403), 403, REFUSED),
    "part GET": (WRITTEN, 403, REFUSED),
    "part POST": (by_state(409, 403), 403, REFUSED),
    "file GET": (404, 404, 404),  # there is none
    "budget GET": (WRITTEN, 403, REFUSED),
    "budget POST": (by_state(422, 403), 403, REFUSED),
    "team GET": (WRITTEN, 403, REFUSED),
    "team POST": (by_state(422, 403), 403, REFUSED),
    "plan GET": (WRITTEN, 403, REFUSED),
    "plan POST": (by_state(422, 403), 403, REFUSED),
    "partners GET": (200, 403, REFUSED),
    "partner_add GET": (WRITTEN, 403, REFUSED),
    "partner_add POST": (by_state(200, 403), 403, REFUSED),
    "institution_request GET": (WRITTEN, 403, REFUSED),
    "institution_request POST": (by_state(422, 403), 403, REFUSED),
    "institution_request_remove POST": (by_state(404, 403), 403, REFUSED),  # nothing is asked for
    "signatory_name GET": (WRITTEN, 403, REFUSED),
    "signatory_name POST": (by_state(422, 403), 403, REFUSED),
    "partners_ask POST": (by_state(302, 403), 403, REFUSED),
    "partner GET": (WRITTEN, 403, REFUSED),
    "partner POST": (by_state(422, 403), 403, REFUSED),
    "partner_remove POST": (302, 403, REFUSED),
    "sign GET": (403, 200, REFUSED),
    "sign POST": (403, 422, REFUSED),
    "revoke POST": (403, 302, REFUSED),
    "check GET": (WRITTEN, 403, REFUSED),
    "submit POST": (by_state(422, 302, 302, 422, 422), 403, REFUSED),  # sent already; decided and withdrawn
    "submitted GET": (by_state(302, 200), by_state(302, 200), by_state(404, 200)),
    "submitted_pdf GET": (404, 404, 404),  # not made yet
    "decision_letter GET": ((404, 404, 404, 200, 404), 404, (404, 404, 404, 200, 404)),
    "dossier_zip GET": (403, 403, by_state(404, 200)),
    "clarify POST": (403, 403, by_state(404, 422)),
    "clarification GET": (by_state(404, 200), 403, REFUSED),
    "clarification POST": (by_state(404, 422), 403, REFUSED),
    "late POST": (302, 403, REFUSED),
    "continue POST": (404, 403, REFUSED),  # it names no call
    "reopen POST": (302, 403, REFUSED),
    "withdraw GET": (200, 403, REFUSED),
    "withdraw POST": (302, 403, REFUSED),
}
REVIEWED = (404, 404, 200, 200, 404)  # where there is a plan of review
# For each address at the desk of the call: the officers. One without second factor is led to it, one to whom the call is not given
# is refused, whatever there is.
OF_OFFICERS = {
    "decide GET": by_state(404, 200),
    "decide POST": by_state(404, 422),
    "project_make POST": by_state(404, 302),
    "proposal_reviews GET": (404, 200, 200, 200, 404),
    "review_add POST": (404, 404, 422, 422, 404),
    "review_remove POST": (404, 404, 302, 302, 404),
    "conflict_add POST": (404, 422, 422, 422, 404),
    "office_remark POST": (404, 302, 302, 302, 404),
    "redact GET": REVIEWED,
    "redact POST": (404, 404, 409, 409, 404),
}
OF_REVIEWERS = {
    "review GET": REVIEWED,
    "review POST": (404, 404, 422, 403, 404),
    "review_reopen POST": (404, 404, 302, 403, 404),
    "review_abstain GET": (404, 404, 200, 403, 404),
    "review_abstain POST": (404, 404, 422, 403, 404),
    "review_remark POST": (404, 404, 302, 302, 404),
}
# They name a reviewer of a call, a letter of it or a request, not a proposal.
OF_THE_CALL = {"review_invitation", "dossiers", "circular", "circular_release", "circular_discard"}
OF_THE_CALL |= {"institution_answer", "signatory_answer"}
CELLS = {**OF_WRITERS, **OF_OFFICERS, **OF_REVIEWERS}


def expected(cell: str, number: int, role: str) -> int | str:
    def now(answer):
        return answer[number] if isinstance(answer, tuple) else answer

    if role == ANONYMOUS:
        return SIGN_IN
    if cell in OF_REVIEWERS:
        return now(OF_REVIEWERS[cell]) if role == JUDGE else 404
    if cell in OF_OFFICERS:
        refused = {"officer without second factor": SECOND_FACTOR, BOUND: 403}
        return now(OF_OFFICERS[cell]) if role in GIVEN else refused.get(role, 404)
    writers, partner, officers = OF_WRITERS[cell]
    answers = [(WRITERS, writers), ({PARTNER}, partner), (GIVEN, officers)]
    return next((now(answer) for roles, answer in answers if role in roles), 404)


@pytest.fixture(scope="module")
def states(browsers):
    return {state: make(browsers.world, state) for state in STATES}


def address(name: str, made) -> str:
    of_review = f"{name} POST" in OF_REVIEWERS
    values = {
        "pk": made.review if of_review else made.proposal.pk,
        "slug": made.call.slug,
        "part": made.part.pk,
        "partner": made.partner.pk,
        "review": made.review,
        "question": made.question,
        "number": 1,
        "request_pk": 0,
    }
    pattern = next(pattern for pattern in urlpatterns if pattern.name == name)
    return reverse(f"proposals:{name}", kwargs={key: values[key] for key in pattern.pattern.converters})


def test_every_address_of_a_proposal_is_here():
    of_proposals = {pattern.name for pattern in urlpatterns if "pk" in pattern.pattern.converters}
    assert {cell.partition(" ")[0] for cell in CELLS} == of_proposals - OF_THE_CALL


@pytest.mark.django_db
@pytest.mark.usefixtures("unrendered", "rare_collections")
@pytest.mark.parametrize("cell", CELLS)
def test_t6_address_answers_in_each_state_as_declared(browsers, states, cell):
    name, _space, method = cell.partition(" ")
    wrong = []
    for number, state in enumerate(STATES):
        for role in ROLES:
            cache.clear()
            given = _answer(browsers.ask(role, method, address(name, states[state])))
            if given != expected(cell, number, role):
                wrong.append(f"{state}, {role}: {given}, not {expected(cell, number, role)}")
    assert wrong == []


def _answer(response) -> int | str:
    if response.status_code == 302:
        for start, answer in (("/accounts/login/", SIGN_IN), ("/accounts/2fa/", SECOND_FACTOR)):
            if response["Location"].startswith(start):
                return answer
    return response.status_code
