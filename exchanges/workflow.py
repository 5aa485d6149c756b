"""The states of an offer, imported by ExchangesConfig.ready()."""

from django.core.exceptions import ValidationError
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from exchanges.models import Offer
from workflow.tables import Move, Table


def is_complete(offer: Offer) -> None:
    """Places, a first day and a deadline that the database's clock has not passed."""
    missing = [
        name
        for name, value in [
            (_("places"), offer.places),
            (_("a first day"), offer.starts_on),
            (_("a deadline"), offer.apply_by),
        ]
        if not value
    ]
    if missing:
        raise ValidationError(_("An open offer needs %(what)s.") % {"what": ", ".join(map(str, missing))})
    if not Offer.objects.filter(pk=offer.pk, apply_by__gt=Now()).exists():
        raise ValidationError(_("The deadline has passed already."))


OFFER = Table(
    Offer,
    "state",
    Move("draft", "open", by=("officer", "host"), guard=is_complete, tells="offer.opened"),
    Move("open", "closed", by=("officer", "host")),
    Move("closed", "open", by=("officer",), guard=is_complete),
)
