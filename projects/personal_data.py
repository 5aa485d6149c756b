"""What projects know of people: the texts of their reports, and who submitted one. See toolkit.personal."""

from toolkit.personal import Joins, leave

TEXTS = {"projects.Report", "projects.ReportVersion", "projects.Grant", "projects.Instalment", "projects.Milestone"}
JOINS: Joins = {"projects.ReportVersion.by": leave}

FREE = {
    "projects.Project",
    "projects.Participation",
    "projects.ProjectSite",
    "projects.Output",
    "projects.ProjectCountry",
}
