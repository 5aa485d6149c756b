from projects.models.parts import Output, Participation, ProjectCountry, ProjectSite
from projects.models.project import Project

__all__ = ["Output", "Participation", "Project", "ProjectCountry", "ProjectSite"]
