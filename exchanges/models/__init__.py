"""Exchanges: programmes, offers, and the stays of people. One noun per file."""

from exchanges.models.capacity import HostCapacity
from exchanges.models.offer import Offer, OfferQuerySet, Status
from exchanges.models.programme import Programme
from exchanges.models.stay import InvitationLetter, Stay, StayAct, StayReport, StayTask

__all__ = [
    "HostCapacity",
    "InvitationLetter",
    "Offer",
    "OfferQuerySet",
    "Programme",
    "Status",
    "Stay",
    "StayAct",
    "StayReport",
    "StayTask",
]
