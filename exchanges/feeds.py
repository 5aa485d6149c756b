"""Dates of stays, for calendars."""

from datetime import timedelta

from django.utils.translation import gettext as _

from exchanges.models import Offer, Stay
from toolkit.calendars import Entry

State = Stay.State
EXPECTED = (State.SUBMITTED, State.AGREED, State.APPROVED, State.SCHEDULED, State.UNDER_WAY)


def entry_of(offer: Offer) -> Entry:
    assert offer.apply_by
    return Entry(
        f"offer-{offer.pk}",
        _("Apply by: %(title)s") % {"title": offer.title},
        offer.apply_by,
        offer.get_absolute_url(),
        text=str(offer.host),
        changed_at=offer.opened_at,
    )


def dates(user) -> list[Entry]:
    """Own stays, the days by which they are reported on, and deadlines of applications that are not submitted."""
    entries = []
    rows = Stay.objects.visible_to(user).filter(applicant=user).select_related("offer__programme", "host")
    for stay in rows.order_by("pk"):
        title = {"title": stay.offer.title}
        if stay.state == State.DRAFT and stay.offer.apply_by:
            entries.append(
                Entry(
                    f"stay-{stay.pk}-apply", _("Apply: %(title)s") % title, stay.offer.apply_by, stay.get_absolute_url()
                )
            )
        if stay.state in EXPECTED and stay.starts_on:
            entries.append(
                Entry(
                    f"stay-{stay.pk}",
                    _("Stay at %(host)s") % {"host": stay.host.name},
                    stay.starts_on,
                    stay.get_absolute_url(),
                    until=stay.ends_on,
                    text=stay.offer.title,
                )
            )
        if stay.state in (*EXPECTED[2:], State.REPORT_DUE) and stay.ends_on:
            days = stay.offer.programme.report_within_days if stay.offer.programme else 30
            entries.append(
                Entry(
                    f"stay-{stay.pk}-report",
                    _("Report due: %(title)s") % title,
                    stay.ends_on + timedelta(days=days),
                    stay.get_absolute_url(),
                )
            )
    return entries
