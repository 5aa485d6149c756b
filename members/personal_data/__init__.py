"""What the registry knows of a person, one noun per file; see toolkit.personal."""

# Records of institutions: what they say is public, and about nobody.
FREE = {
    "members.Meeting",
    "members.Membership",
    "members.Institution",
    "members.InstitutionName",
    "members.InstitutionIdentifier",
}
