"""From an event to what follows from it: one statement for however many people, harmless when repeated."""

import hashlib

from django.conf import settings
from django.db import connection

from accounts.models import User
from notifications import kinds
from notifications.models import Delivery, Event, Follow, HeldKind, Notification, Preference, Subscriber

ANNOUNCEMENT = "announcement"


def identity(*parts) -> str:
    """The same message has the same identity, whoever writes it; the statement below computes the same."""
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def message_id(idem: str) -> str:
    return f"<{idem[:32]}@{settings.MAIL_DOMAIN}>"


MODELS = {
    "account": User,
    "delivery": Delivery,
    "follow": Follow,
    "held": HeldKind,
    "notification": Notification,
    "preference": Preference,
    "subscriber": Subscriber,
}

STATEMENT = """
WITH reasons AS (
    SELECT subscriber_id, topic, label, array_position(%(topics)s::text[], topic::text) AS place
    FROM {follow} WHERE topic = ANY(%(topics)s) AND %(public)s
    UNION ALL
    SELECT unnest(%(named)s::bigint[]), '', '', 0
), told AS MATERIALIZED (
    SELECT * FROM (
        SELECT DISTINCT ON (s.id) s.id, reasons.topic, reasons.label, s.refused_address,
            CASE WHEN s.url <> '' THEN 'webhook' ELSE 'email' END AS channel,
            CASE WHEN s.url <> '' THEN s.url ELSE COALESCE(u.email, s.address) END AS address,
            CASE WHEN s.url <> '' THEN 'now' ELSE COALESCE(mail.rhythm, mails.rhythm, %(rhythm)s) END AS mail,
            s.user_id IS NOT NULL
                AND (%(mandatory)s OR COALESCE(inbox.rhythm, inboxes.rhythm, 'now') <> 'off') AS in_inbox
        FROM reasons
        JOIN {subscriber} s ON s.id = reasons.subscriber_id
        LEFT JOIN {account} u ON u.id = s.user_id
        LEFT JOIN {preference} mail
            ON mail.subscriber_id = s.id AND mail.about = %(kind)s AND mail.channel = 'email'
        LEFT JOIN {preference} mails
            ON mails.subscriber_id = s.id AND mails.about = %(area)s AND mails.channel = 'email'
        LEFT JOIN {preference} inbox
            ON inbox.subscriber_id = s.id AND inbox.about = %(kind)s AND inbox.channel = 'inbox'
        LEFT JOIN {preference} inboxes
            ON inboxes.subscriber_id = s.id AND inboxes.about = %(area)s AND inboxes.channel = 'inbox'
        WHERE CASE WHEN s.user_id IS NULL THEN s.confirmed_at IS NOT NULL ELSE u.is_active END
          AND s.user_id IS DISTINCT FROM %(actor)s
          AND NOT EXISTS (SELECT FROM {notification} n WHERE n.event_id = %(event)s AND n.subscriber_id = s.id)
        ORDER BY s.id, reasons.place
    ) reader
    WHERE in_inbox OR mail <> 'off'
), addressed AS (
    SELECT id, channel, address,
        encode(sha256(convert_to(concat_ws('|', %(event)s, id, channel, %(purpose)s), 'UTF8')), 'hex') AS idem
    FROM told
    WHERE mail = 'now' AND lower(address) <> lower(refused_address)
), going AS (
    SELECT CASE WHEN EXISTS (SELECT FROM {held} WHERE kind = %(kind)s) THEN 'held' ELSE 'pending' END AS state,
        STATEMENT_TIMESTAMP()
            + CASE WHEN (SELECT count(*) FROM addressed) >= %(bulk)s THEN %(pause)s ELSE 0 END * INTERVAL '1 second' AS next_at
), delivered AS (
    INSERT INTO {delivery} (subscriber_id, channel, address, purpose, sensitive, idem, message_id, state, next_at)
    SELECT id, channel, address, %(kind)s, %(sensitive)s, idem,
        '<' || left(idem, 32) || '@' || %(domain)s || '>', going.state, going.next_at
    FROM addressed, going
    ON CONFLICT DO NOTHING
    RETURNING id, subscriber_id
), notified AS (
    INSERT INTO {notification} (subscriber_id, event_id, topic, reason, mail, in_inbox, delivery_id)
    SELECT told.id, %(event)s, topic, label, mail, in_inbox, delivered.id
    FROM told LEFT JOIN delivered ON delivered.subscriber_id = told.id
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT count(*) FROM notified
"""


def fan_out(event: Event, *, named: list[int], public: bool) -> int:
    """Write notifications and deliveries. `named` are subscribers with a duty; followers count if `public`."""
    kind = kinds.get(event.kind)
    tables = {name: model._meta.db_table for name, model in MODELS.items()}
    with connection.cursor() as cursor:
        cursor.execute(
            STATEMENT.format(**tables),
            {
                "event": event.pk,
                "kind": event.kind,
                "area": kind.area.name,
                "rhythm": kind.rhythm,
                "mandatory": kind.area.mandatory,
                "sensitive": kind.sensitive,
                "actor": event.actor_id,
                "topics": list(event.topics),
                "public": public,
                "named": named,
                "purpose": ANNOUNCEMENT,
                "domain": settings.MAIL_DOMAIN,
                "bulk": settings.MAIL_BULK,
                "pause": settings.MAIL_BULK_PAUSE,
            },
        )
        return cursor.fetchone()[0]
