"""Nothing of people stands here: see toolkit.personal."""

FREE = {
    "projects.Project",
    "projects.Participation",
    "projects.ProjectSite",
    "projects.Output",
    "projects.ProjectCountry",
}
