"""A profile as its page saves it."""

import datetime

from tests.desk import fields

PAGE = "/desk/profile/"
LONG_AGO = datetime.date(2020, 1, 1)


def save(client, **changes):
    """What stands on the page is sent back, but for the changes."""
    return client.post(PAGE, fields(client.get(PAGE)) | changes)
