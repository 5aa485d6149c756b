from centers.models.center import Center, CenterInstitution, CenterQuerySet, CenterSite, Facility, countries_of
from centers.models.training import Certificate, Course, CourseSession, Participant

__all__ = [
    "Center",
    "CenterInstitution",
    "CenterQuerySet",
    "CenterSite",
    "Certificate",
    "Course",
    "CourseSession",
    "Facility",
    "Participant",
    "countries_of",
]
