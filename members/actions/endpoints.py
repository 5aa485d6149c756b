"""Programs of institutions that are told when something has changed: asked for, approved, given up."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from accounts.permissions import ADMINISTRATOR
from members.models import Endpoint, Institution
from notifications.actions import announce
from notifications.models import Follow, Subscriber
from notifications.topics import Topic
from notifications.webhooks import check_url, new_secret
from toolkit.sealing import seal

MOST = 5


@transaction.atomic
def ask_endpoint(*, institution: Institution, url: str, topics: Iterable[Topic], by: User) -> tuple[Endpoint, str]:
    """The endpoint, and the secret that is shown this once. ValidationError for an address that cannot be one."""
    demand(by, "connect", institution, _("Only who speaks for the institution can do this."))
    check_url(url)
    Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
    there = list(Endpoint.objects.filter(institution=institution).values_list("subscriber__url", flat=True))
    if url in there:
        raise ValidationError(_("This address is there already."))
    if len(there) >= MOST:
        raise ValidationError(_("An institution has five endpoints at most."))
    secret = new_secret()
    subscriber = Subscriber.objects.create(url=url, secret=seal(secret))
    Follow.objects.bulk_create(
        Follow(subscriber=subscriber, topic=topic.key, label=topic.label, address=topic.address) for topic in topics
    )
    endpoint = Endpoint.objects.create(institution=institution, subscriber=subscriber, asked_by=by)
    administrators = User.objects.holding(ADMINISTRATOR)
    announce("endpoint.asked", endpoint, actor=by, to=administrators, context={"institution": institution.name})
    return endpoint, secret


@transaction.atomic
def approve_endpoint(*, endpoint: Endpoint, by: User) -> bool:
    """Says whether this changed anything."""
    demand(by, "approve", endpoint, _("Only administrators can do this."))
    told = Subscriber.objects.filter(pk=endpoint.subscriber_id, confirmed_at=None).update(confirmed_at=Now())
    if told:
        Endpoint.objects.filter(pk=endpoint.pk).update(approved_by=by)
        if endpoint.asked_by:
            facts = {
                "institution": endpoint.institution.name,
                "address": reverse("members:endpoints", args=[endpoint.institution.slug]),
            }
            announce("endpoint.approved", endpoint, actor=by, to=[endpoint.asked_by], context=facts)
    return bool(told)


@transaction.atomic
def remove_endpoint(*, endpoint: Endpoint, by: User) -> None:
    """By its institution, or by an administrator who refuses it. What waits for it goes with it."""
    demand(by, "remove", endpoint, _("Only who speaks for the institution, and administrators, can do this."))
    endpoint.subscriber.delete()


@transaction.atomic
def renew_secret(*, endpoint: Endpoint, by: User) -> str:
    """Messages are signed with the new one from now on; it is shown this once. An endpoint that had stopped is told again."""
    demand(by, "renew", endpoint, _("Only who speaks for the institution can do this."))
    secret = new_secret()
    Subscriber.objects.filter(pk=endpoint.subscriber_id).update(
        secret=seal(secret), refused_address="", refused_at=None
    )
    return secret
