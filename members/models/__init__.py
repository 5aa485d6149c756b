from members.models.application import ApplicationMessage, MembershipApplication
from members.models.change import ChangeItem, ChangeRequest
from members.models.confirmation import ConfirmationRequest, InstitutionConfirmation
from members.models.contact import InstitutionContact
from members.models.endpoint import Endpoint
from members.models.identifier import InstitutionIdentifier
from members.models.institution import Institution, InstitutionName
from members.models.invitation import Invitation
from members.models.membership import Meeting, Membership
from members.models.merge import InstitutionMerge, InstitutionRedirect, MergeEntry
from members.models.message import Message, MessageBlock
from members.models.person import Affiliation, Person
from members.models.relation import InstitutionRelation
from members.models.role import InstitutionRole

__all__ = [
    "Affiliation",
    "ApplicationMessage",
    "ChangeItem",
    "ChangeRequest",
    "ConfirmationRequest",
    "Endpoint",
    "Institution",
    "InstitutionConfirmation",
    "InstitutionContact",
    "InstitutionIdentifier",
    "InstitutionMerge",
    "InstitutionName",
    "InstitutionRedirect",
    "InstitutionRelation",
    "InstitutionRole",
    "Invitation",
    "Meeting",
    "Membership",
    "MembershipApplication",
    "MergeEntry",
    "Message",
    "MessageBlock",
    "Person",
]
