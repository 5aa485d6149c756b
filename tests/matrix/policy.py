"""What every rule ought to say, written down a second time, row by row and without the rules: the oracle of the tests.

A rule that is not here fails, so whoever adds one says it here again. `who` knows a person's roles by their dates.
"""

import datetime
from collections.abc import Callable
from functools import cached_property

from allauth.mfa.models import Authenticator

from tests.matrix.proposal_policy import PROPOSAL_POLICY, about_hidden
from tests.matrix.stay_policy import STAY_POLICY
from tests.matrix.trainings import TRAINING_POLICY

SPEAKERS = ("focal_point", "deputy")
UNSENT = ("draft", "unconfirmed")


class Who:
    def __init__(self, user, today: datetime.date):
        self.user, self.today, self.key = user, today, user.pk

    def _in_force(self, role) -> bool:
        ended = role.ended_at is not None or (role.ends_on is not None and role.ends_on < self.today)
        return role.starts_on <= self.today and not ended

    @cached_property
    def alliance(self) -> set[str]:
        if self.key is None or not self.user.is_active:
            return set()
        factors = Authenticator.objects.filter(user=self.user).exclude(type="recovery_codes")
        return {role.role for role in self.user.alliance_roles.all() if self._in_force(role)} if factors else set()

    @cached_property
    def _institutions(self) -> list[tuple[str, int]]:
        roles = self.user.institution_roles.all() if self.key else []
        return [(role.role, role.institution_id) for role in roles if self._in_force(role)]

    def acts(self, institution: int | None, *roles: str) -> bool:
        return any(key == institution and (not roles or role in roles) for role, key in self._institutions)

    def speaks(self, institution: int | None) -> bool:
        return self.acts(institution, *SPEAKERS)

    def leads(self, institution: int | None) -> bool:
        return self.acts(institution, "focal_point")

    def is_(self, key: int | None) -> bool:
        return self.key is not None and key == self.key

    @property
    def secretariat(self) -> bool:
        return bool(self.alliance & {"officer", "administrator"})

    @property
    def administrator(self) -> bool:
        return "administrator" in self.alliance

    @cached_property
    def addresses(self) -> set[str]:
        rows = self.user.emailaddress_set.filter(verified=True) if self.key else []
        return {row.email.lower() for row in rows}


def everyone(who: Who, row) -> bool:
    return True


def takes_part(who: Who, row, **part) -> bool:
    """In the project of this report."""
    return any(who.acts(one.institution_id) for one in row.project.participations.filter(**part))


def secretariat(who: Who, row) -> bool:
    return who.secretariat


def administrator(who: Who, row) -> bool:
    return who.administrator


# --- accounts, notifications, workflow


def own_account_or_administrator(who: Who, row) -> bool:
    return who.administrator or who.is_(row.pk)


def own_role_or_administrator(who: Who, row) -> bool:
    return who.administrator or who.is_(row.user_id)


def told(who: Who, row) -> bool:
    return who.is_(row.subscriber.user_id)


def told_or_administrator(who: Who, row) -> bool:
    return who.administrator or told(who, row)


def seen_step(who: Who, row) -> bool:
    return who.secretariat and not about_hidden(who, row.object_label, row.object_id)


def seen_event(who: Who, row) -> bool:
    return who.secretariat and not about_hidden(who, row.subject_label, row.subject_id)


def seen_delivery(who: Who, row) -> bool:
    return who.secretariat and all(seen_event(who, told.event) for told in row.notifications.all())


def own_subscription(who: Who, row) -> bool:
    return who.is_(row.user_id) or mends_subscription(who, row)


def mends_subscription(who: Who, row) -> bool:
    return who.secretariat and (row.user_id is None or row.refused_address != "" or who.is_(row.user_id))


# --- institutions and their people


def its_people_or_secretariat(who: Who, row) -> bool:
    return who.secretariat or who.acts(row.pk)


def its_speakers_or_secretariat(who: Who, row) -> bool:
    return who.secretariat or who.speaks(row.pk)


def its_focal_points_or_secretariat(who: Who, row) -> bool:
    return who.secretariat or who.leads(row.pk)


def its_people(who: Who, row) -> bool:
    return who.acts(row.pk)


def its_speakers(who: Who, row) -> bool:
    return who.speaks(row.pk)


def secretariat_of_others(who: Who, row) -> bool:
    return who.secretariat and not who.acts(row.pk)


def public_profile(who: Who, row) -> bool:
    return row.is_public or who.secretariat or who.is_(row.user_id)


def own_profile(who: Who, row) -> bool:
    return who.secretariat or who.is_(row.user_id)


def of_public_profile(who: Who, row) -> bool:
    return public_profile(who, row.person)


def of_own_profile(who: Who, row) -> bool:
    return own_profile(who, row.person)


def colleagues_role(who: Who, row) -> bool:
    return who.secretariat or who.is_(row.user_id) or who.acts(row.institution_id)


def role_to_end(who: Who, row) -> bool:
    editor = row.role == "editor" and who.speaks(row.institution_id)
    return who.secretariat or who.is_(row.user_id) or who.leads(row.institution_id) or editor


def invited(who: Who, row) -> bool:
    return row.email in who.addresses


def managed_invitation(who: Who, row) -> bool:
    if row.institution_id is None:
        return who.administrator
    editor = row.role == "editor" and who.speaks(row.institution_id)
    return who.secretariat or who.leads(row.institution_id) or editor


def seen_invitation(who: Who, row) -> bool:
    return managed_invitation(who, row) or invited(who, row) or who.speaks(row.institution_id)


def public_contact(who: Who, row) -> bool:
    return row.is_public or who.secretariat or who.acts(row.institution_id)


def seen_change(who: Who, row) -> bool:
    return who.acts(row.institution_id) or (who.secretariat and row.proposed_at is not None)


def own_change(who: Who, row) -> bool:
    return who.is_(row.by_id) and who.acts(row.institution_id)


def change_to_decide(who: Who, row) -> bool:
    return who.secretariat and row.proposed_at is not None and not who.is_(row.by_id)


def seen_changed_field(who: Who, row) -> bool:
    return seen_change(who, row.request)


def seen_application(who: Who, row) -> bool:
    sent = row.state not in UNSENT
    return who.is_(row.applicant_id) or (sent and (who.secretariat or who.acts(row.institution_id)))


def own_draft(who: Who, row) -> bool:
    return who.is_(row.applicant_id) and row.state == "draft"


def application_to_answer(who: Who, row) -> bool:
    return who.is_(row.applicant_id) or (row.state not in UNSENT and who.speaks(row.institution_id))


def application_to_decide(who: Who, row) -> bool:
    own = who.is_(row.applicant_id) or who.acts(row.institution_id)
    return who.secretariat and row.state not in UNSENT and not own


def request_to_confirm(who: Who, row) -> bool:
    return who.secretariat or who.acts(row.institution_id)


def recent_merge(who: Who, row) -> bool:
    age = datetime.datetime.now(datetime.UTC) - row.merged_at
    return who.secretariat and row.undone_at is None and age < datetime.timedelta(days=30)


# --- messages between people


def may_write(who: Who) -> bool:
    """With a confirmed address and a name, and not stopped by the secretariat."""
    if who.key is None or who.user.email.lower() not in who.addresses:
        return False
    return bool(who.user.name) and not who.user.blocks_against.filter(blocker=None).exists()


def reachable(who: Who, row) -> bool:
    account = row.user
    known = account is not None and account.is_active and row.is_public and row.accepts_messages
    return known and may_write(who) and account.pk != who.key


def received(who: Who, row) -> bool:
    return who.is_(row.recipient_id) and not row.withheld


def own_message(who: Who, row) -> bool:
    reported = who.secretariat and row.reported_at is not None
    return who.is_(row.sender_id) or received(who, row) or reported


def message_to_answer(who: Who, row) -> bool:
    stopped = who.key is not None and who.user.blocks_against.filter(blocker=None).exists()
    return received(who, row) and row.sender.is_active and not stopped


def report_to_handle(who: Who, row) -> bool:
    own = who.is_(row.sender_id) or who.is_(row.recipient_id)
    return who.secretariat and row.reported_at is not None and row.handled_at is None and not own


def own_block(who: Who, row) -> bool:
    return who.is_(row.blocker_id) or (row.blocker_id is None and who.secretariat)


# --- records that are drafts first


def published_project(who: Who, row) -> bool:
    partners = row.participations.values_list("institution", flat=True)
    return row.published_at is not None or who.secretariat or any(map(who.acts, partners))


def of_published_project(who: Who, row) -> bool:
    return published_project(who, row.project)


def hosted_offer(who: Who, row) -> bool:
    hosts = row.center.participations.filter(role="host").values_list("institution", flat=True) if row.center else []
    return who.acts(row.institution_id) or any(map(who.acts, hosts))


def published_offer(who: Who, row) -> bool:
    return row.state != "draft" or who.secretariat or hosted_offer(who, row)


# --- what visitors report


def forwarded_report(who: Who, row) -> bool:
    return row.forwarded_to_id is not None and who.acts(row.forwarded_to_id)


def seen_report(who: Who, row) -> bool:
    return who.secretariat or forwarded_report(who, row)


Oracle = Callable[[Who, object], bool]
PUBLIC_RECORDS = {
    "vocabularies": ["theme", "sdg", "country", "source"],
    "centers": ["center", "centersite", "centerinstitution", "facility", "course", "coursesession"],
    "members": [
        "institution",
        "institutionname",
        "institutionidentifier",
        "institutionrelation",
        "membership",
        "meeting",
    ],
    "exchanges": ["programme"],
    "anso_portal": ["aboutfact"],
}
POLICY: dict[str, Oracle] = {
    **{f"{app}.view_{name}": everyone for app, names in PUBLIC_RECORDS.items() for name in names},
    **{f"{app}.edit_{name}": secretariat for app, names in PUBLIC_RECORDS.items() for name in names},
    "accounts.view_user": own_account_or_administrator,
    "accounts.edit_user": administrator,
    "accounts.erase_user": administrator,
    "accounts.view_alliancerole": own_role_or_administrator,
    "accounts.edit_alliancerole": administrator,
    "accounts.view_historyreason": secretariat,
    "workflow.view_step": seen_step,
    "notifications.view_notification": told,
    "notifications.read_notification": told,
    "notifications.view_follow": told_or_administrator,
    "notifications.view_preference": told,
    "notifications.view_subscriber": own_subscription,
    "notifications.edit_event": seen_event,
    "notifications.view_heldkind": secretariat,
    "notifications.edit_heldkind": secretariat,
    "notifications.trust_subscriber": mends_subscription,
    "notifications.edit_subscriber": administrator,
    "notifications.view_event": seen_event,
    "notifications.view_delivery": seen_delivery,
    "notifications.edit_delivery": seen_delivery,
    "news.view_newsitem": lambda who, row: row.state == "published" or who.secretariat or who.acts(row.institution_id),
    "news.write_newsitem": lambda who, row: who.acts(row.institution_id),
    "news.edit_newsitem": secretariat,
    "notifications.view_kindtext": secretariat,
    "notifications.edit_kindtext": secretariat,
    "notifications.view_heartbeat": secretariat,
    "members.act_institution": its_people_or_secretariat,
    "members.connect_institution": lambda who, row: who.speaks(row.pk),
    "members.view_endpoint": lambda who, row: who.administrator or who.speaks(row.institution_id),
    "members.remove_endpoint": lambda who, row: who.administrator or who.speaks(row.institution_id),
    "members.renew_endpoint": lambda who, row: who.speaks(row.institution_id),
    "members.approve_endpoint": administrator,
    "members.staff_institution": its_speakers_or_secretariat,
    "members.lead_institution": its_focal_points_or_secretariat,
    "members.propose_institution": its_people,
    "members.decide_institution": secretariat_of_others,
    "members.view_institutioncontact": public_contact,
    "members.edit_institutioncontact": secretariat,
    "members.view_person": public_profile,
    "members.edit_person": own_profile,
    "members.view_affiliation": of_public_profile,
    "members.edit_affiliation": of_own_profile,
    "members.view_institutionrole": colleagues_role,
    "members.edit_institutionrole": secretariat,
    "members.end_institutionrole": role_to_end,
    "members.view_invitation": seen_invitation,
    "members.manage_invitation": managed_invitation,
    "members.accept_invitation": invited,
    "members.view_changerequest": seen_change,
    "members.send_changerequest": own_change,
    "members.decide_changerequest": change_to_decide,
    "members.view_changeitem": seen_changed_field,
    "members.view_membershipapplication": seen_application,
    "members.write_membershipapplication": own_draft,
    "members.answer_membershipapplication": application_to_answer,
    "members.decide_membershipapplication": application_to_decide,
    "members.edit_membershipapplication": application_to_decide,
    "members.confirm_institution": its_speakers,
    "members.view_institutionconfirmation": everyone,
    "members.view_confirmationrequest": request_to_confirm,
    "members.merge_institution": secretariat,
    "members.view_institutionmerge": secretariat,
    "members.undo_institutionmerge": recent_merge,
    "members.view_mergeentry": secretariat,
    "members.view_institutionredirect": everyone,
    "members.contact_person": reachable,
    "members.view_message": own_message,
    "members.receive_message": received,
    "members.answer_message": message_to_answer,
    "members.handle_message": report_to_handle,
    "members.view_messageblock": own_block,
    "members.lift_messageblock": own_block,
    "projects.view_project": published_project,
    "projects.edit_project": secretariat,
    "projects.tend_project": lambda who, row: (
        who.secretariat or any(who.acts(one.institution_id) for one in row.participations.filter(role="lead"))
    ),
    "projects.view_milestone": lambda who, row: who.secretariat or takes_part(who, row),
    "projects.edit_milestone": secretariat,
    "projects.view_grant": lambda who, row: who.secretariat or takes_part(who, row, role="lead"),
    "projects.view_instalment": lambda who, row: who.secretariat or takes_part(who, row.grant, role="lead"),
    "projects.view_report": lambda who, row: (
        who.secretariat or takes_part(who, row) or (row.state == "accepted" and row.project.published_at is not None)
    ),
    "projects.write_report": lambda who, row: takes_part(who, row, role="lead"),
    "projects.judge_report": lambda who, row: who.secretariat and not takes_part(who, row),
    "projects.view_reportversion": lambda who, row: (
        takes_part(who, row.report) or (who.secretariat and row.submitted_at is not None)
    ),
    **{f"projects.view_{name}": of_published_project for name in ("participation", "projectsite", "output")},
    **{f"projects.edit_{name}": secretariat for name in ("participation", "projectsite", "output")},
    "exchanges.view_offer": published_offer,
    "exchanges.host_offer": hosted_offer,
    "exchanges.edit_offer": secretariat,
    "exchanges.write_offer": lambda who, row: who.secretariat or hosted_offer(who, row),
    "exchanges.view_hostcapacity": lambda who, row: who.secretariat or who.acts(row.institution_id),
    "exchanges.edit_hostcapacity": secretariat,
    **STAY_POLICY,
    **TRAINING_POLICY,
    **PROPOSAL_POLICY,
    "anso_portal.view_savedsearch": everyone,
    "anso_portal.view_branding": everyone,
    "anso_portal.edit_branding": administrator,
    "anso_portal.view_closedaccount": administrator,
    "anso_portal.view_errorreport": seen_report,
    "anso_portal.edit_errorreport": secretariat,
    "anso_portal.reply_errorreport": forwarded_report,
}
