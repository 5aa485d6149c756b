"""Nothing of people stands here: see toolkit.personal."""

FREE = {
    "exchanges.Programme",
    "exchanges.Offer",
}
