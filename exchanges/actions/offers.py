from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.forms import ModelForm
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from centers.models import Center
from exchanges.models import Offer
from members.models import Institution
from members.permissions import acting_for
from toolkit.rows import new_slug
from workflow.actions import move


def facts(offer: Offer) -> dict:
    """What the announcement of an offer freezes."""
    return {
        "host": str(offer.host),
        "place": ", ".join(filter(None, [offer.city, offer.country.name])),
        "starts_on": offer.starts_on,
        "ends_on": offer.ends_on,
        "places": offer.places,
        "apply_by": offer.apply_by.date() if offer.apply_by else None,
    }


def hosts_of(user: User) -> tuple[list[Institution], list[Center]]:
    """The institutions for which this person acts, and the centers that these host."""
    mine = Institution.objects.filter(pk__in=acting_for(user)).order_by("sort_key")
    centers = Center.objects.visible_to(user).hosted_among(acting_for(user))
    return list(mine), list(centers.order_by("sort_key"))


@transaction.atomic
def begin_offer(*, host: Institution | Center, title: str, kind: str, by: User) -> Offer:
    """A draft, which only the host and the secretariat see."""
    institutions, centers = hosts_of(by)
    if host not in institutions and host not in centers:
        raise PermissionDenied(_("The people of an institution can do this, or of one that hosts a center."))
    offer = Offer(title=title, kind=kind, apply_by_zone=by.time_zone)
    if isinstance(host, Center):
        offer.center = host
        place = host.sites.order_by("-is_seat", "pk").first() or institutions[0]
    else:
        offer.institution = place = host
    if place.country is None:
        raise ValidationError(_("The record of the host does not say yet in which country it is."), code="no_country")
    offer.country, offer.city = place.country, place.city
    offer.slug = new_slug(offer, title, offer.country_id)
    offer.save(force_insert=True)
    return offer


@transaction.atomic
def save_offer(*, form: ModelForm, by: User) -> Offer:
    """What a valid form says; it leaves out what cannot be changed in the offer's state."""
    demand(by, "write", form.instance, _("The people of the host, and officers, can do this."))
    row = Offer.objects.select_for_update(no_key=True).get(pk=form.instance.pk)
    places = form.cleaned_data.get("places")
    if places is not None and places < row.places_taken:
        raise ValidationError(_("More places are taken than that."), code="taken")
    offer: Offer = form.save()
    return offer


@transaction.atomic
def discard_offer(*, offer: Offer, by: User) -> None:
    """A draft alone: what was published stays, or links in mails would lead nowhere."""
    demand(by, "write", offer, _("The people of the host, and officers, can do this."))
    row = Offer.objects.select_for_update().get(pk=offer.pk)
    if row.state != Offer.State.DRAFT:
        raise ValidationError(_("It was published: it can be closed, and not be taken away."), code="published")
    row.delete()


@transaction.atomic
def open_offer(*, offer: Offer, by: User) -> Offer:
    """Publish an offer; those who follow its themes, country, center or institution are told."""
    opened = move(offer, "open", by=by, about=offer.topics(), context=facts(offer))
    Offer.objects.filter(pk=opened.pk, opened_at__isnull=True).update(opened_at=Now())
    return opened


def close_offer(*, offer: Offer, by: User, reason: str = "") -> Offer:
    return move(offer, "closed", by=by, reason=reason)
