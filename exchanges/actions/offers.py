from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from exchanges.models import Offer
from workflow.actions import move


def facts(offer: Offer) -> dict:
    """What the announcement of an offer freezes."""
    return {
        "host": str(offer.host),
        "place": ", ".join(filter(None, [offer.city, offer.country.name])),
        "starts_on": offer.starts_on,
        "ends_on": offer.ends_on,
        "places": offer.places,
        "apply_by": offer.apply_by.date() if offer.apply_by else None,
    }


@transaction.atomic
def open_offer(*, offer: Offer, by: User) -> Offer:
    """Publish an offer; those who follow its themes, country, center or institution are told."""
    opened = move(offer, "open", by=by, about=offer.topics(), context=facts(offer))
    Offer.objects.filter(pk=opened.pk, opened_at__isnull=True).update(opened_at=Now())
    return opened


def close_offer(*, offer: Offer, by: User, reason: str = "") -> Offer:
    return move(offer, "closed", by=by, reason=reason)
