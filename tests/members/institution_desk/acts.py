"""The desk of an institution, and who works there."""

import datetime

DESK = "/desk/institution/aw/"
PEOPLE = f"{DESK}people/"
DAY = datetime.timedelta(days=1)
ADDRESSES = [
    DESK,
    PEOPLE,
    f"{DESK}promises/",
    f"{PEOPLE}invite/",
    f"{PEOPLE}invite/many/",
    f"{PEOPLE}deputy/",
    f"{PEOPLE}roles/%(role)d/end/",
    f"{PEOPLE}roles/%(role)d/hand-over/",
]
STATES = {  # of these addresses, in their order, when they are opened
    "stranger": [404] * 8,
    "elsewhere": [404] * 8,
    "reviewer": [404] * 8,
    "editor": [200, 200, 200, 403, 403, 403, 403, 403],
    "deputy": [200, 200, 200, 200, 200, 403, 403, 403],
    "focal_point": [200, 200, 200, 200, 200, 200, 200, 403],
    "officer": [200] * 8,
    "administrator": [200] * 8,
    "anonymous": [302] * 8,
}
