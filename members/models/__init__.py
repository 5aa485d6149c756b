from members.models.institution import Institution, InstitutionIdentifier, InstitutionName, InstitutionRelation
from members.models.membership import Meeting, Membership
from members.models.person import Affiliation, InstitutionRole, Person

__all__ = [
    "Affiliation",
    "Institution",
    "InstitutionIdentifier",
    "InstitutionName",
    "InstitutionRelation",
    "InstitutionRole",
    "Meeting",
    "Membership",
    "Person",
]
