from members.models.application import ApplicationMessage, MembershipApplication
from members.models.change import ChangeItem, ChangeRequest
from members.models.institution import (
    Institution,
    InstitutionContact,
    InstitutionIdentifier,
    InstitutionName,
    InstitutionRelation,
)
from members.models.membership import Meeting, Membership
from members.models.person import Affiliation, InstitutionRole, Person

__all__ = [
    "Affiliation",
    "ApplicationMessage",
    "ChangeItem",
    "ChangeRequest",
    "Institution",
    "InstitutionContact",
    "InstitutionIdentifier",
    "InstitutionName",
    "InstitutionRelation",
    "InstitutionRole",
    "Meeting",
    "Membership",
    "MembershipApplication",
    "Person",
]
