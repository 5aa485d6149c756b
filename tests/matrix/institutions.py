"""The rows of institutions at work: roles, invitations, changes, applications, people; and of the officers who look after them."""

from tests.matrix.administration import staff
from tests.matrix.cells import SIGN_IN, Row, desk, signed_in, who
from tests.matrix.roles import ANONYMOUS, FOCAL_POINTS, PEOPLE, PROFILED, SECRETARIAT, SPEAKERS


def own(world) -> dict:
    return {"slug": "own"}


def editors_role(world) -> dict:
    return {"slug": "own", "pk": world.people["editor"].institution_roles.get().pk}


def focal_points_role(world) -> dict:
    return {"slug": "own", "pk": world.people["focal point"].institution_roles.get().pk}


def invitation(world) -> dict:
    return {"slug": "own", "pk": world.invitation.pk}


INSTITUTIONS = {
    "members:affiliation_add": Row(get=desk((PROFILED, 200)), post=desk((PROFILED, 302))),
    "members:affiliation_edit": Row(
        get=desk(("scientist", 200)), post=desk(("scientist", 302)), path=lambda world: {"pk": world.affiliation.pk}
    ),
    "members:affiliation_remove": Row(post=desk(("scientist", 302)), path=lambda world: {"pk": world.affiliation.pk}),
    "members:alliance_invitation_resend": Row(
        post=desk(("administrator", 302)), path=lambda world: {"pk": world.alliance_invitation.pk}
    ),
    "members:alliance_invitation_revoke": Row(
        post=desk(("administrator", 302)), path=lambda world: {"pk": world.alliance_invitation.pk}
    ),
    "members:alliance_invite": Row(get=desk(("administrator", 200)), post=desk(("administrator", 422))),
    "members:alliance_invite_many": Row(get=desk(("administrator", 200)), post=desk(("administrator", 422))),
    "members:alliance_role_end": Row(
        get=desk(("administrator", 200)),
        post=desk(("administrator", 302)),
        path=lambda world: {"pk": world.people["reviewer"].alliance_roles.get().pk},
    ),
    "members:alliance_role_grant": Row(get=desk(("administrator", 200)), post=desk(("administrator", 422))),
    "members:alliance_roles": Row(get=desk(("administrator", 200))),
    "members:application_answer": Row(
        get=desk(("colleague", 302), (SECRETARIAT, 403)),
        post=desk(("colleague", 422), (SECRETARIAT, 403)),
        path=lambda world: {"pk": world.application.pk},
    ),
    "members:application_detail": Row(
        get=desk(({"administrator", "colleague", "officer", "officer and focal point"}, 200)),
        path=lambda world: {"pk": world.application.pk},
    ),
    "members:application_detail [draft]": Row(
        get=desk(("scientist", 200)), path=lambda world: {"pk": world.application_draft.pk}
    ),
    "members:application_edit": Row(
        get=desk(("scientist", 200)),
        post=desk(("scientist", 422)),
        path=lambda world: {"pk": world.application_draft.pk},
    ),
    "members:application_status": Row(get=404, path=lambda world: {"token": "guessed"}),
    "members:application_submit": Row(
        post=desk(("scientist", 302)), path=lambda world: {"pk": world.application_draft.pk}
    ),
    "members:application_token_answer": Row(get=404, post=404, path=lambda world: {"token": "guessed"}),
    "members:application_token_confirm": Row(post=404, path=lambda world: {"token": "guessed"}),
    "members:application_token_withdraw": Row(get=404, post=404, path=lambda world: {"token": "guessed"}),
    "members:application_withdraw": Row(
        get=desk(("colleague", 200), (SECRETARIAT, 403)),
        post=desk(("colleague", 302), (SECRETARIAT, 403)),
        path=lambda world: {"pk": world.application.pk},
    ),
    "members:apply": Row(get=200),
    "members:apply_form": Row(get=200, post=422),
    "members:apply_sent": Row(get=200),
    "members:change": Row(
        get=desk((PEOPLE | SECRETARIAT, 200)), path=lambda world: {"slug": "own", "pk": world.change.pk}
    ),
    "members:change [draft]": Row(
        get=desk((PEOPLE, 200)), path=lambda world: {"slug": "own", "pk": world.change_draft.pk}
    ),
    "members:change_picture": Row(
        get=signed_in(404), path=lambda world: {"slug": "own", "pk": world.change.pk, "side": "after"}
    ),
    "members:deputy_name": Row(
        get=desk(({"deputy", "editor"}, 403), (FOCAL_POINTS | SECRETARIAT, 200)),
        post=desk(({"deputy", "editor"}, 403), (FOCAL_POINTS | SECRETARIAT, 422)),
        path=own,
    ),
    "members:edit": Row(get=desk((PEOPLE, 200)), path=own),
    "members:institution_desk": Row(get=desk((PEOPLE | SECRETARIAT, 200)), path=own),
    "members:institution_own": Row(
        get=who(
            200,
            (ANONYMOUS, SIGN_IN),
            (
                {
                    "deputy",
                    "editor",
                    "focal point",
                    "focal point elsewhere",
                    "officer and focal point",
                    "reviewer and focal point",
                },
                302,
            ),
        )
    ),
    "members:institution_people": Row(get=desk((PEOPLE | SECRETARIAT, 200)), path=own),
    "members:endpoints": Row(get=desk((SPEAKERS, 200)), post=desk((SPEAKERS, 404)), path=own),
    "members:endpoints [ask]": Row(
        get=desk((SPEAKERS, 200)), post=desk((SPEAKERS, 422)), path=own, data=lambda world: {"ask": "1"}
    ),
    "members:endpoints_waiting": Row(get=desk(("administrator", 200))),
    "members:endpoint_decide": Row(post=desk(("administrator", 302)), path=lambda world: {"pk": world.endpoint.pk}),
    "members:institution_promises": Row(get=desk((PEOPLE | SECRETARIAT, 200)), path=own),
    "members:invitation": Row(get=404, path=lambda world: {"token": "guessed"}),
    "members:invitation_accept": Row(post=desk(("scientist", 302)), path=lambda world: {"pk": world.invitation.pk}),
    "members:invitation_answer": Row(get=desk(("scientist", 200)), path=lambda world: {"pk": world.invitation.pk}),
    "members:invitation_decline": Row(post=desk(("scientist", 302)), path=lambda world: {"pk": world.invitation.pk}),
    "members:invitation_offer": Row(get=404),
    "members:invitation_resend": Row(post=desk((SPEAKERS | SECRETARIAT, 302)), path=invitation),
    "members:invitation_revoke": Row(post=desk((SPEAKERS | SECRETARIAT, 302)), path=invitation),
    "members:invite": Row(
        get=desk(("editor", 403), (SPEAKERS | SECRETARIAT, 200)),
        post=desk(("editor", 403), (SPEAKERS | SECRETARIAT, 422)),
        path=own,
    ),
    "members:invite_many": Row(
        get=desk(("editor", 403), (SPEAKERS | SECRETARIAT, 200)),
        post=desk(("editor", 403), (SPEAKERS | SECRETARIAT, 422)),
        path=own,
    ),
    "members:logo": Row(get=404, path=lambda world: {"slug": "own", "name": "0" * 32 + ".png"}),
    "members:membership_detail": Row(
        get=staff((SECRETARIAT, 200), rest=404), path=lambda world: {"pk": world.application.pk}
    ),
    "members:membership_detail [draft]": Row(
        get=staff(rest=404), path=lambda world: {"pk": world.application_draft.pk}
    ),
    "members:membership_step": Row(
        get=staff((SECRETARIAT, 200), rest=404),
        post=staff((SECRETARIAT, 302), rest=404),
        path=lambda world: {"pk": world.application.pk, "state": "checking"},
    ),
    "members:memberships": Row(get=staff((SECRETARIAT, 200), rest=404)),
    "members:moderate": Row(
        get=staff((SECRETARIAT, 200), rest=404),
        post=staff((SECRETARIAT, 409), rest=404),
        path=lambda world: {"pk": world.change.pk},
    ),
    "members:moderate [draft]": Row(
        get=staff(rest=404), post=staff(rest=404), path=lambda world: {"pk": world.change_draft.pk}
    ),
    "members:part": Row(
        get=desk((PEOPLE, 200)), post=desk((PEOPLE, 422)), path=lambda world: {"slug": "own", "part": "description"}
    ),
    "members:people": Row(get=200),
    "members:person": Row(get=200, path=lambda world: {"slug": "profile"}),
    "members:person [hidden]": Row(
        get=who(404, (SECRETARIAT | {"deputy to come"}, 200)), path=lambda world: {"slug": "hidden-profile"}
    ),
    "members:person_lookup": Row(get=signed_in(400)),
    "members:profile": Row(get=signed_in(), post=signed_in(422)),
    "members:profile_hide": Row(post=desk((PROFILED, 302))),
    "members:profile_preview": Row(get=desk((PROFILED, 200))),
    "members:profile_show": Row(post=desk((PROFILED, 302))),
    "members:role_end": Row(
        get=desk((PEOPLE | SECRETARIAT, 200)), post=desk((PEOPLE | SECRETARIAT, 302)), path=editors_role
    ),
    "members:role_end [focal point]": Row(
        get=desk(({"deputy", "editor"}, 403), (FOCAL_POINTS | SECRETARIAT, 200)),
        post=desk(({"deputy", "editor"}, 403), (FOCAL_POINTS | SECRETARIAT, 302)),
        path=focal_points_role,
    ),
    "members:role_hand_over": Row(
        get=desk(
            ({"deputy", "editor", "reviewer and focal point"}, 403),
            ({"administrator", "focal point", "officer", "officer and focal point"}, 200),
        ),
        post=desk(
            ({"deputy", "editor", "reviewer and focal point"}, 403),
            ({"administrator", "focal point", "officer", "officer and focal point"}, 422),
        ),
        path=focal_points_role,
    ),
    "members:send": Row(
        get=desk(
            ({"editor", "officer and focal point"}, 200), ({"deputy", "focal point", "reviewer and focal point"}, 302)
        ),
        post=desk(
            ({"editor", "officer and focal point"}, 409), ({"deputy", "focal point", "reviewer and focal point"}, 302)
        ),
        path=own,
    ),
    "members:standing": Row(
        get=staff((SECRETARIAT, 200), rest=404),
        post=staff(({"administrator", "officer"}, 422), ("officer and focal point", 403), rest=404),
        path=own,
    ),
    "members:withdraw": Row(post=desk((PEOPLE, 302)), path=own),
}

REGISTRY = {
    "members:registry": Row(get=staff((SECRETARIAT, 200), rest=404)),
    "members:merge_new": Row(get=staff((SECRETARIAT, 200), rest=404), post=staff((SECRETARIAT, 302), rest=404)),
    "members:merge": Row(get=staff((SECRETARIAT, 200), rest=404), path=lambda world: {"pk": world.merge.pk}),
    "members:merge_undo": Row(post=staff((SECRETARIAT, 422), rest=404), path=lambda world: {"pk": world.merge.pk}),
    "members:confirm": Row(
        get=who(403, (ANONYMOUS, SIGN_IN), (SPEAKERS, 200)),
        post=who(403, (ANONYMOUS, SIGN_IN), (SPEAKERS, 302)),
        path=own,
    ),
    "members:confirm_by_link": Row(get=404, post=404, path=lambda world: {"token": "guessed"}),
}


def message(world) -> dict:
    return {"key": world.message.key}


def reported(world) -> dict:
    return {"key": world.reported.key}


RECIPIENT_ONLY = ("colleague", 403)  # who sent it
# Nobody writes without a confirmed address, to oneself, or after the secretariat has said no.
CANNOT_WRITE = {"unverified", "scientist", "focal point elsewhere"}
MESSAGES = {
    "members:person_contact": Row(
        get=who(200, (ANONYMOUS, SIGN_IN), (CANNOT_WRITE, 403)),
        post=who(422, (ANONYMOUS, SIGN_IN), (CANNOT_WRITE, 403)),
        path=lambda world: {"slug": "profile"},
    ),
    "members:messages": Row(get=signed_in()),
    "members:messages_reported": Row(get=staff((SECRETARIAT, 200), rest=404)),
    "members:message": Row(get=desk(({"scientist", "colleague"}, 200)), path=message),
    "members:message [reported]": Row(get=desk(({"scientist", "colleague"} | SECRETARIAT, 200)), path=reported),
    "members:message_answer": Row(post=desk(("scientist", 422), RECIPIENT_ONLY), path=message),
    "members:message_settle": Row(post=desk(("scientist", 302), RECIPIENT_ONLY), path=message),
    "members:message_block": Row(post=desk(("scientist", 302), RECIPIENT_ONLY), path=message),
    "members:message_report": Row(
        get=desk(("scientist", 200), RECIPIENT_ONLY), post=desk(("scientist", 302), RECIPIENT_ONLY), path=message
    ),
    "members:message_handle": Row(post=desk(({"scientist", "colleague"}, 403), (SECRETARIAT, 302)), path=reported),
    "members:message_unblock": Row(post=desk(("scientist", 302)), path=lambda world: {"pk": world.block.pk}),
    "members:profile_messages": Row(post=desk((PROFILED, 302))),
}

HISTORIES = {
    "anso_portal:history": Row(get=staff((SECRETARIAT, 200), rest=404)),
    "members:history": Row(get=staff((SECRETARIAT, 200), rest=404), path=own),
    "members:institution_history": Row(get=desk((PEOPLE | SECRETARIAT, 200)), path=own),
    "centers:history": Row(get=staff((SECRETARIAT, 200), rest=404), path=lambda world: {"slug": "center"}),
    "projects:history": Row(get=staff((SECRETARIAT, 200), rest=404), path=lambda world: {"slug": "project"}),
    "exchanges:history": Row(get=staff((SECRETARIAT, 200), rest=404), path=lambda world: {"slug": "offer"}),
}

MODERATION = {
    "anso_portal:moderation": Row(get=staff((SECRETARIAT, 200), rest=404)),
    "anso_portal:moderation_report": Row(get=desk((SECRETARIAT, 200)), path=lambda world: {"pk": world.report.pk}),
    "anso_portal:moderation_report [forwarded]": Row(
        get=desk((PEOPLE | SECRETARIAT, 200)), path=lambda world: {"pk": world.forwarded.pk}
    ),
    "anso_portal:report_close": Row(post=desk((SECRETARIAT, 302)), path=lambda world: {"pk": world.report.pk}),
    "anso_portal:report_forward": Row(post=desk((SECRETARIAT, 302)), path=lambda world: {"pk": world.report.pk}),
    "anso_portal:report_reply": Row(
        post=desk((PEOPLE | SECRETARIAT, 422)), path=lambda world: {"pk": world.forwarded.pk}
    ),
}
