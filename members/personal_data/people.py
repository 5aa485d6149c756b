"""The profile of a person, and where one works."""

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from members.models import InstitutionContact, Person
from notifications.following import forget_topic
from toolkit.personal import Joining, Joins, Traces, join_rows, move, move_unless_there, rows

OWN = {"members.Person", "members.Affiliation", "members.InstitutionContact"}
FREE = {"members.Person_themes"}


def export(user: User) -> dict[str, Any]:
    person = Person.objects.filter(user=user).first()
    if person is None:
        return {"profile": None}
    affiliations = rows(
        person.affiliations.all(),
        *("institution__name", "position", "starts_on", "starts_precision", "ends_on", "ends_precision"),
    )
    return {
        "profile": {
            "address": person.get_absolute_url(),
            "name": person.name,
            "names_in_other_scripts": person.translations,
            "orcid": person.orcid,
            "expertise": person.expertise,
            "themes": list(person.themes.values_list("name", flat=True)),
            "languages": person.languages,
            "about": person.biography,
            "public": person.is_public,
            "takes_messages": person.accepts_messages,
            "affiliations": affiliations,
        }
    }


def traces(user: User) -> Iterator[str]:
    for person in Person.objects.filter(user=user):
        yield person.name
        yield from map(str, person.translations.values())
        yield person.get_absolute_url()
        yield person.orcid or ""


def erase(user: User, traces: Traces) -> None:
    for person in Person.objects.filter(user=user):
        forget_topic(topic=person.topic)
        person.delete()
    InstitutionContact.objects.filter(value__in=traces.texts).delete()


def join_people(joining: Joining) -> None:
    """Two profiles become one: what the kept one says stands, and what it leaves open the other fills in."""
    mine, other = joining.there.first(), joining.coming.first()
    if not (mine and other):
        move(joining)
        return
    join_rows(mine, other, joining.joins)
    forget_topic(topic=other.topic)  # nobody could stop it any more, and its label is a name
    other.delete()  # before the kept one takes its ORCID iD, which only one may have
    mine.orcid = mine.orcid or other.orcid
    mine.translations = other.translations | mine.translations
    mine.expertise = list(dict.fromkeys([*mine.expertise, *other.expertise]))
    mine.languages = list(dict.fromkeys([*mine.languages, *other.languages]))
    mine.biography = mine.biography or other.biography
    mine.save()


JOINS: Joins = {
    "members.Person.user": join_people,
    "members.Person_themes.person": move_unless_there("theme_id"),
    "members.Affiliation.person": move_unless_there("institution_id", "position", "starts_on", "ends_on"),
}
