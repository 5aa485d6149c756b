"""What people do with their own profile: write it, show it to everybody or to nobody, say where they work."""

import re
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts.access import demand
from accounts.models import User
from members.actions.changes import Conflict
from members.actions.facts import digest
from members.models import Affiliation, Person
from notifications.actions import announce
from notifications.following import forget_topic
from notifications.models import Event
from toolkit.names import slugify, unique_slug

MOST_AFFILIATIONS = 60
A_DAY = timedelta(days=1)
FIELDS = ("name", "translations", "expertise", "languages", "orcid", "biography")
PROVISIONAL = re.compile(r"profile-[0-9a-f]{12}")  # the address of a profile that was never public


def version_of(person: Person | None) -> str:
    """What a form carries: of the profile as its reader saw it. Whoever saves is stopped where it has become another."""
    if person is None:
        return "new"
    themes = sorted(person.themes.values_list("pk", flat=True))
    return digest([*(getattr(person, field) for field in FIELDS), themes])


def version_of_affiliation(own: Affiliation) -> str:
    return digest([own.institution_id, own.position, str(own.starts_on), str(own.ends_on), own.starts_precision])


@transaction.atomic
def save_profile(*, by: User, values: Mapping[str, Any], version: str) -> Person:
    """Write what was typed; the first time makes the profile, which nobody else sees yet.

    Raises Conflict where somebody changed it since the form was opened, unless it says already what was typed.
    """
    themes = list(values["themes"])
    person = Person.objects.select_for_update(of=("self",)).filter(user=by).first()
    typed = digest([*(values[field] for field in FIELDS), sorted(theme.pk for theme in themes)])
    held = version_of(person)
    if held not in (version, typed):
        raise Conflict
    if person is None:
        person = Person(user=by, slug=f"profile-{secrets.token_hex(6)}")
    else:
        demand(by, "edit", person, _("Only the person whose profile it is can do this."))
    for field in FIELDS:
        setattr(person, field, values[field])
    _save(person)
    person.themes.set(themes)
    if held != typed:
        _tell(person, by)
    return person


@transaction.atomic
def publish_profile(*, person: Person, by: User) -> Person:
    """Show it to everybody. Its address is made of the name now, once: before, nobody could know it."""
    person = _locked(person, by)
    if PROVISIONAL.fullmatch(person.slug):
        person.slug = address_of(person)
    person.is_public = True
    _save(person)
    return person


@transaction.atomic
def hide_profile(*, person: Person, by: User) -> Person:
    """From now on it is, for others, as if it did not exist. It keeps its address."""
    person = _locked(person, by)
    person.is_public = False
    person.save(update_fields=["is_public"])
    forget_topic(topic=person.topic)
    return person


@transaction.atomic
def take_messages(*, person: Person, takes: bool, by: User) -> None:
    """Whether others may write to the person through the portal while the profile is public."""
    person = _locked(person, by)
    person.accepts_messages = takes
    person.save(update_fields=["accepts_messages"])


def address_of(person: Person) -> str:
    """From the name, or from its form in Latin letters; without one it means nothing, lest people be counted."""
    latin = next(filter(None, (slugify(name) for name in [person.name, *person.other_names.values()])), "")
    current = (
        Affiliation.objects.current().filter(person=person).order_by("pk") if person.pk else Affiliation.objects.none()
    )
    country = current.values_list("institution__country", flat=True).first()
    taken = Person.objects.exclude(pk=person.pk)
    base = latin or f"person-{secrets.token_hex(4)}"
    return unique_slug(base, country or "", taken=lambda slug: taken.filter(slug=slug).exists())


@transaction.atomic
def save_affiliation(*, affiliation: Affiliation, version: str = "", by: User) -> Affiliation:
    """A new one, or a change of one; `version` is what the form carried of the latter."""
    person = _locked(affiliation.person, by)
    if affiliation.pk is None:
        if person.affiliations.count() >= MOST_AFFILIATIONS:
            raise ValidationError(_("That are very many affiliations: remove one that matters least."))
    else:
        held = Affiliation.objects.select_for_update(of=("self",)).get(pk=affiliation.pk)
        if version_of_affiliation(held) not in (version, version_of_affiliation(affiliation)):
            raise Conflict
    affiliation.save()
    _tell(person, by)
    return affiliation


@transaction.atomic
def remove_affiliation(*, affiliation: Affiliation, by: User) -> None:
    """For what was entered by mistake. Who has left an institution ends the affiliation instead, and keeps it."""
    person = _locked(affiliation.person, by)
    affiliation.delete()
    _tell(person, by)


def _tell(person: Person, by: User) -> None:
    """Those who follow the person, and once a day: who fills in a profile saves it many times."""
    told = Event.objects.filter(kind="person.changed", subject_label="members.person", subject_id=str(person.pk))
    if person.is_public and not told.filter(created_at__gt=Now() - A_DAY).exists():
        announce("person.changed", person, actor=by, about=[person.topic])


def _locked(person: Person, by: User) -> Person:
    demand(by, "edit", person, _("Only the person whose profile it is can do this."))
    return Person.objects.select_for_update(of=("self",)).get(pk=person.pk)


def _save(person: Person) -> None:
    """Two public profiles cannot show one ORCID iD; of profiles that are not public nobody learns anything here."""
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as problem:
        if "person_public_orcid_once" not in str(problem):
            raise
        message = _("Another public profile shows this ORCID iD. If it is yours, tell the secretariat.")
        raise ValidationError({"orcid": message}) from None
