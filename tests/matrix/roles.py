"""Who asks: each role that a person can have, and the combinations that one person can hold."""

ANONYMOUS = "anonymous"
SECRETARIAT = {"officer", "administrator", "officer and focal point"}
SPEAKERS = {"focal point", "deputy", "officer and focal point", "reviewer and focal point"}
FOCAL_POINTS = SPEAKERS - {"deputy"}
SECURED = SECRETARIAT | {"reviewer", "reviewer and focal point"}  # who has a second factor
PEOPLE = SPEAKERS | {"editor"}  # who act for the institution that the cells ask about
PROFILED = {
    "scientist",
    "colleague",
    "deputy to come",
    "reviewer",
}  # who have a profile; those of the last two are not public
ROLES = [
    ANONYMOUS,
    "unverified",
    "scientist",
    "colleague",  # works at the institution, without a role there
    "editor",
    "deputy",
    "focal point",
    "focal point elsewhere",
    "former focal point",
    "deputy to come",
    "reviewer",
    "officer",
    "officer without second factor",
    "administrator",
    "reviewer and focal point",
    "officer and focal point",
]
