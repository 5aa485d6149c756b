"""Nothing of people stands here: see toolkit.personal."""

FREE = {
    "centers.Center",
    "centers.CenterSite",
    "centers.CenterInstitution",
    "centers.Facility",
}
