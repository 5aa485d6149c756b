"""Nothing of people stands here: see toolkit.personal."""

FREE = {
    "vocabularies.Country",
    "vocabularies.Theme",
    "vocabularies.Sdg",
    "vocabularies.Source",
}
