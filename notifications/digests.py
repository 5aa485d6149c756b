"""Mails that tell several things at once, for readers who want them once a day or a week.

A notification that waits says so itself (`mail`). When the time has come in its reader's zone, one statement takes it
up into a digest: it is in exactly one, whoever runs this how often, and a digest that nobody waits for is not written.
"""

from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from notifications.emails import DIGEST
from notifications.models import Delivery, Event, Notification, Preference, Subscriber
from notifications.quiet import zone_of
from toolkit.clock import database_now

AT = time(7)
MONDAY = 0

MODELS = {
    "account": User,
    "delivery": Delivery,
    "event": Event,
    "notification": Notification,
    "subscriber": Subscriber,
}

# What sends a digest is the day: what comes together on a Monday, daily and weekly, is one mail.
STATEMENT = """
WITH moment (zone, daily, weekly, day) AS (
    SELECT * FROM unnest(%(zones)s::text[], %(daily)s::timestamptz[], %(weekly)s::timestamptz[], %(days)s::text[])
), due AS (
    SELECT n.id, n.subscriber_id, CASE WHEN s.user_id IS NULL THEN s.address ELSE u.email END AS address,
        encode(sha256(convert_to(concat_ws('|', %(purpose)s, s.id, 'email', moment.day), 'UTF8')), 'hex') AS idem
    FROM {notification} n
    JOIN {event} e ON e.id = n.event_id
    JOIN {subscriber} s ON s.id = n.subscriber_id
    LEFT JOIN {account} u ON u.id = s.user_id
    JOIN moment ON moment.zone = COALESCE(u.time_zone, s.time_zone)
    WHERE n.mail IN ('daily', 'weekly')
      AND e.created_at < CASE n.mail WHEN 'daily' THEN moment.daily ELSE moment.weekly END
      AND (s.user_id IS NULL OR u.is_active)
      AND lower(COALESCE(u.email, s.address)) <> lower(s.refused_address)
    FOR UPDATE OF n SKIP LOCKED
), written AS (
    INSERT INTO {delivery} (subscriber_id, channel, address, purpose, sensitive, idem, message_id)
    SELECT DISTINCT ON (subscriber_id)
        subscriber_id, 'email', address, %(purpose)s, false, idem, '<' || left(idem, 32) || '@' || %(domain)s || '>'
    FROM due
    ON CONFLICT DO NOTHING
    RETURNING id, subscriber_id
), taken AS (
    UPDATE {notification} n SET mail = 'now', delivery_id = written.id
    FROM due JOIN written USING (subscriber_id) WHERE n.id = due.id
)
SELECT count(*) FROM written
"""


@transaction.atomic
def write_digests() -> int:
    """Those whose time has come; says how many. What comes too late for today's waits for the next one."""
    waiting = Notification.objects.filter(mail__in=Preference.COLLECTED)
    zones = set(waiting.values_list("subscriber__user__time_zone", "subscriber__time_zone").distinct().order_by())
    names = sorted({of_user if of_user is not None else own for of_user, own in zones})
    if not names:
        return 0
    now = database_now()
    daily = [last_daily(now, name) for name in names]
    weekly = [moment - timedelta(days=(moment.weekday() - MONDAY) % 7) for moment in daily]
    tables = {name: model._meta.db_table for name, model in MODELS.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            STATEMENT.format(**tables),
            {
                "zones": names,
                "daily": daily,
                "weekly": weekly,
                "days": [moment.date().isoformat() for moment in daily],
                "purpose": DIGEST,
                "domain": settings.MAIL_DOMAIN,
            },
        )
        return cursor.fetchone()[0]


def last_daily(now: datetime, zone: str) -> datetime:
    """The last seven o'clock in that zone. Days are counted on its calendar, so they have 23 or 25 hours twice a year."""
    local = now.astimezone(zone_of(zone))
    day = local.date() if local.time() >= AT else local.date() - timedelta(days=1)
    return datetime.combine(day, AT, tzinfo=local.tzinfo)
