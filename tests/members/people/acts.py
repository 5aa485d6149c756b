"""What tests of people share."""

import datetime

LONG_AGO = datetime.date(2020, 1, 1)
