from projects.models.grant import Grant, Instalment
from projects.models.milestone import Milestone
from projects.models.parts import Output, Participation, ProjectCountry, ProjectSite
from projects.models.project import Project
from projects.models.report import Report, ReportVersion

__all__ = [
    "Grant",
    "Instalment",
    "Milestone",
    "Output",
    "Participation",
    "Project",
    "ProjectCountry",
    "ProjectSite",
    "Report",
    "ReportVersion",
]
