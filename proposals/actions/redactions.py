"""What an officer puts in place of texts that would tell reviewers who the applicants are."""

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from proposals.actions.dossiers import redactable, version_of
from proposals.models import Proposal, Redaction
from toolkit.saving import ChangedMeanwhile


@transaction.atomic
def save_redactions(*, proposal: Proposal, texts: Mapping[str, str | None], version: str, by: User) -> None:
    """By field: a text, perhaps an empty one, or None where what was submitted is shown."""
    demand(by, "decide", proposal, _("An officer of the call without a conflict of interest can do this."))
    Proposal.objects.select_for_update(no_key=True).get(pk=proposal.pk)
    if version != version_of(proposal):
        raise ChangedMeanwhile
    known = {key for key, _label, _text in redactable(proposal)}
    wanted = {key: text for key, text in texts.items() if text is not None and key in known}
    Redaction.objects.filter(proposal=proposal).exclude(field__in=wanted).delete()
    Redaction.objects.bulk_create(
        [Redaction(proposal=proposal, field=key, text=text) for key, text in wanted.items()],
        update_conflicts=True,
        unique_fields=["proposal", "field"],
        update_fields=["text"],
    )
