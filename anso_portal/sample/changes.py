"""What an institution of the sample proposes to change in its record, so that the officer of the sample has something to decide."""

from accounts.models import User
from anso_portal.sample.institutions import Institutions
from anso_portal.sample.ledger import Ledger
from anso_portal.sample.reading import document
from members.actions.changes import save_part, send_changes, token_of, token_of_request, versions_of
from members.actions.facts import FACTS, in_order
from members.models import ChangeRequest


def load_changes(ledger: Ledger, institutions: Institutions, users: dict[str, User]) -> None:
    for entry in document("changes.json"):
        institution, by = institutions[entry["institution"]], users.get(entry["by"])
        if by is None:  # Somebody real has that address.
            continue
        values = dict(entry["values"])
        values["names"] = in_order([*FACTS["names"].read(institution), *values["names"]])
        token = token_of(versions_of(institution, values))
        change = save_part(institution=institution, values=values, token=token, by=by)
        if change is None:
            continue
        ledger.note([change])
        ChangeRequest.objects.filter(pk=change.pk).update(illustrative=True)
        send_changes(request=change, note=entry["note"], token=token_of_request(change, institution), by=by)
