"""The portal's settings with its waits made short, so that a fault shows within seconds what would take minutes."""

import os

from anso_portal.settings import *  # noqa: F403

LEASE = 8  # seconds

MAIL_LEASE = MAIL_LEASE_IN_DATA = LEASE
MAIL_BACK_OFF = 1
MAIL_SWEEP = 2.0
CELERY_BEAT_SCHEDULE["send what is due"]["schedule"] = MAIL_SWEEP  # noqa: F405
CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] = int(os.environ.get("VISIBILITY_TIMEOUT", "3600"))  # noqa: F405
EMAIL_TIMEOUT = 5
MAIL_BULK_PAUSE = 0
