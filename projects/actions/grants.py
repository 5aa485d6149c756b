"""The grant agreement of a project and its instalments, as an officer records them: both are saved as a whole."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from projects.models import Grant, Instalment, Project
from toolkit.saving import ChangedMeanwhile

FIELDS = ("number", "signed_on", "amount", "currency", "note")


@transaction.atomic
def save_grant(
    *, project: Project, values: Mapping[str, Any], instalments: Iterable[Mapping[str, Any]], revision: int, by: User
) -> Grant:
    """Each instalment has due_on, amount, condition, paid_on. ChangedMeanwhile where `revision` is not the one that stands."""
    demand(by, "edit", project, _("Officers can do this."))
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    grant = Grant.objects.filter(project=project).first() or Grant(project=project)
    if grant.revision != revision:
        raise ChangedMeanwhile
    rows = list(instalments)
    total = sum((row["amount"] for row in rows), Decimal(0))
    if total > values["amount"]:
        told = {"total": f"{total:,.2f}", "amount": f"{values['amount']:,.2f}"}
        raise ValidationError(
            _("The instalments are %(total)s together, more than the grant of %(amount)s.") % told, code="too_much"
        )
    for name in FIELDS:
        setattr(grant, name, values[name])
    grant.revision += 1
    grant.full_clean()
    grant.save()
    grant.instalments.all().delete()
    Instalment.objects.bulk_create(Instalment(grant=grant, **row) for row in rows)
    return grant
