"""The rows of the administrator's desk: one line a model says who may see, add, change and delete."""

from collections.abc import Callable
from typing import Any, NamedTuple

from tests.matrix.cells import SECOND_FACTOR, SIGN_IN, Answer, Row, who
from tests.matrix.roles import ANONYMOUS, SECRETARIAT

BOTH, ADMINISTRATOR, NOBODY = SECRETARIAT, {"administrator"}, set()


class Model(NamedTuple):
    """Who sees it, who changes it, who adds one, who deletes one; and a row of it in the world."""

    row: Callable[[Any], Any]
    sees: set[str] = BOTH
    changes: set[str] = BOTH
    adds: set[str] = BOTH
    deletes: set[str] = BOTH
    lists: set[str] = BOTH  # may open the list, which then holds what they see
    unseen: Answer = 404  # the page of a row, for those of the secretariat who do not see it
    lists_as: Answer = 200
    kept_as: Answer = 200  # what a form answers that holds nothing: 200 shows what is missing, 302 that nothing is


def read_only(row: Callable[[Any], Any], sees: set[str] = BOTH) -> Model:
    return Model(row, sees, NOBODY, NOBODY, NOBODY)


def administrators_only(row: Callable[[Any], Any], deletes: set[str] = ADMINISTRATOR) -> Model:
    return Model(row, ADMINISTRATOR, ADMINISTRATOR, ADMINISTRATOR, deletes, ADMINISTRATOR, 403)


def of_the_call(row: Callable[[Any], Any]) -> Model:
    """What the officer to whom the call is given sees, and not the one with a conflict of interest."""
    return read_only(row, {"officer", "administrator"})._replace(lists=BOTH)


MODELS = {
    "accounts/user": administrators_only(lambda world: world.people["scientist"], deletes=NOBODY),
    # Given and ended at the desk, so that the person is told.
    "accounts/alliancerole": Model(
        lambda world: world.people["reviewer"].alliance_roles.get(),
        *[ADMINISTRATOR, NOBODY, NOBODY, NOBODY, ADMINISTRATOR, 403],
    ),
    "pghistory/context": read_only(lambda world: world.context),
    # There is one, to which the list leads.
    "anso_portal/branding": Model(
        lambda world: world.branding, BOTH, ADMINISTRATOR, NOBODY, NOBODY, lists_as=302, kept_as=302
    ),
    "anso_portal/aboutfact": Model(lambda world: world.fact),
    "anso_portal/errorreport": read_only(lambda world: world.report),
    "vocabularies/theme": Model(lambda world: world.theme),
    "vocabularies/source": Model(lambda world: world.source),
    "vocabularies/country": Model(lambda world: world.own.country, adds=NOBODY, deletes=NOBODY, kept_as=302),
    "vocabularies/sdg": Model(lambda world: world.sdg, adds=NOBODY, deletes=NOBODY),
    "exchanges/programme": Model(lambda world: world.programme),
    "exchanges/offer": Model(lambda world: world.offer, deletes=NOBODY),  # It was published, and mails lead to it.
    "exchanges/hostcapacity": Model(lambda world: world.room),
    "exchanges/stay": read_only(lambda world: world.stay),
    "exchanges/invitationletter": read_only(lambda world: world.letter),
    # Made at the desk, where it is given to its officer.
    "proposals/call": Model(
        lambda world: world.call, changes={"officer", "administrator"}, adds=NOBODY, deletes=NOBODY
    ),
    "proposals/question": read_only(lambda world: world.call_question),
    "proposals/proposal": read_only(lambda world: world.sent_proposal),
    "proposals/partner": read_only(lambda world: world.sent_proposal.partners.get()),
    "proposals/signoff": read_only(lambda world: world.sign_off),
    "proposals/submission": read_only(lambda world: world.sent_proposal.submissions.get()),
    "proposals/decision": of_the_call(lambda world: world.decision),
    "proposals/institutionrequest": read_only(lambda world: world.requested),
    "proposals/signatory": read_only(lambda world: world.signatory),
    "proposals/clarification": read_only(lambda world: world.clarification),
    "proposals/circular": of_the_call(lambda world: world.circular),
    "proposals/reviewplan": read_only(lambda world: world.review_plan),
    "proposals/callreviewer": of_the_call(lambda world: world.call_reviewer),
    "proposals/review": of_the_call(lambda world: world.review),
    "proposals/declaredconflict": of_the_call(lambda world: world.declared_conflict),
    "proposals/panel": of_the_call(lambda world: world.panel),
    "projects/project": Model(lambda world: world.project),
    "projects/grant": read_only(lambda world: world.grant),
    "projects/report": read_only(lambda world: world.report_due),
    "centers/center": Model(lambda world: world.center),
    "centers/course": Model(lambda world: world.course),
    "centers/participant": read_only(lambda world: world.certificate.participant),
    "centers/certificate": read_only(lambda world: world.certificate),
    "members/institution": Model(lambda world: world.own),
    "members/meeting": Model(lambda world: world.meeting),
    "members/membership": Model(lambda world: world.own.memberships.get()),
    "members/person": Model(lambda world: world.profile),
    "members/institutionrole": read_only(lambda world: world.people["editor"].institution_roles.get()),
    "members/invitation": read_only(lambda world: world.invitation),
    "members/membershipapplication": read_only(lambda world: world.application),
    "members/changerequest": read_only(lambda world: world.change),
    "members/institutionmerge": read_only(lambda world: world.merge),
    "workflow/step": read_only(lambda world: world.step),
    "notifications/delivery": read_only(lambda world: world.delivery),
    "notifications/event": read_only(lambda world: world.event),
    "notifications/subscriber": read_only(lambda world: world.alone),
    "notifications/follow": read_only(lambda world: world.follow, ADMINISTRATOR),
    "news/newsitem": read_only(lambda world: world.news),
    "notifications/heldkind": read_only(lambda world: world.held_kind),
    "notifications/kindtext": read_only(lambda world: world.kind_text),
    "notifications/heartbeat": read_only(lambda world: world.heartbeat),
}


def staff(*allowed: tuple[set[str], Answer], rest: Answer = 403) -> dict[str, Answer]:
    """404 outside of the secretariat; within it `rest`, unless a pair says better."""
    return who(
        404, (ANONYMOUS, SIGN_IN), ("officer without second factor", SECOND_FACTOR), (SECRETARIAT, rest), *allowed
    )


def administration() -> dict[str, Row]:
    rows = dict(PAGES)
    for folder, model in MODELS.items():
        rows |= _rows_of(folder, model)
    return rows


def _rows_of(folder: str, model: Model) -> dict[str, Row]:
    name = folder.replace("/", "_")

    def record(world) -> dict:
        return {"object_id": model.row(world).pk}

    lists, sees = staff((model.lists, model.lists_as)), staff((model.sees, 200), rest=model.unseen)
    return {
        f"admin:{name}_changelist": Row(get=lists, post=lists),
        f"admin:{name}_add": Row(get=staff((model.adds, 200)), post=staff((model.adds, 200))),
        f"admin:{name}_change": Row(get=sees, post=staff((model.changes, model.kept_as)), path=record),
        f"admin:{name}_history": Row(
            get=staff((model.sees, 200), rest=404), post=staff((model.sees, 200), rest=404), path=record
        ),
        f"admin:{name}_delete": Row(get=staff((model.deletes, 200)), post=staff((model.deletes, 200)), path=record),
        f"admin:(admin/{folder}/<path:object_id>/)": Row(
            get=staff((SECRETARIAT, 302)), post=staff((SECRETARIAT, 302)), path=record
        ),
    }


ALL = staff((SECRETARIAT, 200))
PAGES = {
    "admin:index": Row(get=ALL, post=ALL),
    "admin:login": Row(get=staff((SECRETARIAT, 302)), post=staff((SECRETARIAT, 302))),
    "admin:logout": Row(post=staff((SECRETARIAT, 302))),
    "admin:password_change": Row(get=staff((SECRETARIAT, 302)), post=staff((SECRETARIAT, 302))),
    "admin:password_change_done": Row(get=ALL, post=staff((SECRETARIAT, 405))),
    "admin:autocomplete": Row(
        get=ALL, query="?app_label=members&model_name=membership&field_name=institution&term=own"
    ),
    "admin:jsi18n": Row(get=ALL),
    "admin:auth_user_password_change": Row(
        get=staff((ADMINISTRATOR, 200)),
        post=staff((ADMINISTRATOR, 422)),
        path=lambda world: {"id": world.people["scientist"].pk},
    ),
    "admin:accounts_user_join": Row(
        get=staff((ADMINISTRATOR, 200), rest=404),
        post=staff((ADMINISTRATOR, 422), rest=404),
        path=lambda world: {"pk": world.people["scientist"].pk},
    ),
    "admin:accounts_user_erase": Row(
        get=staff((ADMINISTRATOR, 200), rest=404),
        post=staff((ADMINISTRATOR, 422), rest=404),
        path=lambda world: {"pk": world.people["scientist"].pk},
    ),
    "admin:members_institution_import": Row(get=ALL, post=ALL),
    "admin:members_institution_process_import": Row(post=ALL),
    "admin:members_institution_export": Row(get=ALL, post=ALL),
    "admin:app_list": Row(get=ALL, post=ALL, path=lambda world: {"app_label": "members"}),
    "admin:(admin/(?P<url>.*)$)": Row(get=staff(rest=404), post=staff(rest=404), path=lambda world: {"url": "nothing"}),
}
