"""Changes as people read them: each field in lines, what it was beside what it is to be."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from members.actions.changes import expected
from members.actions.facts import FACTS
from members.models import ChangeItem, ChangeRequest, Institution, InstitutionContact, InstitutionName
from toolkit.differences import Line, compare
from toolkit.templatetags.portal import language_name
from vocabularies.countries import country_name
from vocabularies.models import Theme

Names = Mapping[str, str]


@dataclass
class Compared:
    """A field on both sides. `now` stands there where the record says something else than the proposal began with."""

    item: ChangeItem
    label: str | Promise
    before: list[Line]
    after: list[Line]
    began_with: list[str] | None = None
    has_pictures: bool = False

    @property
    def is_stale(self) -> bool:
        return self.began_with is not None


def compared(request: ChangeRequest, items: Iterable[ChangeItem]) -> list[Compared]:
    """What is undecided is compared with the record as it is now; what is decided, with what it was then."""
    items = list(items)
    themes = theme_names(item.field for item in items)
    return [_compared(request.institution, item, themes, request.state in ChangeRequest.UNFINISHED) for item in items]


def _compared(institution: Institution, item: ChangeItem, themes: Names, is_open: bool) -> Compared:
    before, began_with = item.before, None
    if is_open:
        now = FACTS[item.field].read(institution)
        if now != expected(item):
            before, began_with = now, lines(item.field, item.before, themes)
    left, right = compare(lines(item.field, before, themes), lines(item.field, item.after, themes))
    return Compared(item, FACTS[item.field].label, left, right, began_with, has_pictures=item.field == "logo")


def theme_names(fields: Iterable[str]) -> Names:
    """Asked for once, and only where themes are shown."""
    return dict(Theme.objects.values_list("slug", "name")) if "themes" in set(fields) else {}


def lines(field: str, value: Any, themes: Names) -> list[str]:
    match field:
        case "names":
            kinds = dict(InstitutionName.Kind.choices)
            return [_joined(name["value"], str(kinds[name["kind"]]), _language(name["language"])) for name in value]
        case "translations":
            return [line for language, text in value.items() for line in f"{_language(language)}: {text}".splitlines()]
        case "place":
            return _place(value)
        case "links":
            return [f"{link['label']}: {link['url']}" for link in value]
        case "themes":
            return [themes.get(slug, slug) for slug in value]
        case "contacts":
            return [_contact(contact) for contact in value]
        case "logo":
            return []
    return str(value).splitlines()


def _language(code: str) -> str:
    return language_name(code) if code else ""


def _place(value: dict) -> list[str]:
    found = [
        (_("Country"), country_name(value["country"]) if value["country"] else ""),
        (_("City"), value["city"]),
        (_("Latitude"), value["latitude"]),
        (_("Longitude"), value["longitude"]),
    ]
    return [f"{label}: {text}" for label, text in found if text]


def _contact(contact: dict) -> str:
    kind = dict(InstitutionContact.Kind.choices)[contact["kind"]]
    seen = _("public") if contact["is_public"] else _("not public")
    return _joined(contact["value"], str(kind), contact["label"], seen)


def _joined(value: str, *said: str) -> str:
    """ "中国科学院 (name, Chinese)"."""
    inside = ", ".join(filter(None, said))
    return f"{value} ({inside})" if inside else value
