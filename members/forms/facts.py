"""The parts in which the people of an institution edit its record, each short enough for one page.

A form takes the values of its facts and gives them back in the normal form of `actions.facts`. Parts with several rows need no
script: an empty row goes, and a button brings another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.actions.facts import coordinate, in_order
from members.forms.fields import NameField, TextField
from members.forms.rows import ContactRow, LinkRow, NameRow, RowForm, RowFormSet, TranslationRow
from members.models import Institution, InstitutionName
from toolkit.documents import clean_picture
from toolkit.names import sort_key
from toolkit.web import WebField
from vocabularies.models import Country, Theme

LOGO_WITHIN = (480, 240)  # Twice what a page shows, for dense screens.


class FactsForm(forms.Form):
    """`values` are those of the facts, by their names. `row` makes it a form with rows, of which there are `most`."""

    row: type[RowForm] | None = None
    row_name: str | Promise = ""
    most = 20
    use_required_attribute = False

    def __init__(self, data=None, files=None, *, values: Mapping[str, Any]):
        self.values = values
        super().__init__(data, files, initial=self.initial_of(values))
        self.rows = self._rows(self.row, data, self.rows_of(values)) if self.row else None

    def _rows(self, row: type[RowForm], data, initial: list[dict]):
        """All rows count as new ones, so that an empty one is simply left out."""
        make = forms.formset_factory(
            row, formset=RowFormSet, extra=1, max_num=self.most, absolute_max=self.most + 1, validate_max=True
        )
        if data is None:
            return make(initial=initial, prefix="row")
        data = data.copy()
        data["row-INITIAL_FORMS"] = "0"
        return make(data, prefix="row", form_kwargs={"known": self.known(self.values)})

    def known(self, values: Mapping[str, Any]) -> set[str]:
        return set()

    @classmethod
    def with_another_row(cls, data, values: Mapping[str, Any]) -> "FactsForm":
        """What was typed so far, unchecked, and one row more."""
        form = cls(values=values)
        form.initial = {name: data.get(name) for name in form.fields}
        count = data.get("row-TOTAL_FORMS", "0")
        count = min(int(count), cls.most) if count.isdecimal() and len(count) < 4 else 0
        row = cls.row or RowForm
        typed = [{name: data.get(f"row-{number}-{name}", "") for name in row.base_fields} for number in range(count)]
        form.rows = form._rows(row, None, typed)
        return form

    def is_valid(self) -> bool:
        return super().is_valid() and (self.rows is None or self.rows.is_valid())

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound and self.rows is not None and self.rows.is_valid():
            try:
                self.check_rows(self.rows.filled)
            except ValidationError as wrong:
                self.add_error(None, wrong)

    def check_rows(self, rows: list[dict]) -> None:
        """What concerns several rows together."""

    def problems(self) -> list[tuple[str, str, Any]]:
        """(id of the control, its label, what is wrong) for the summary above the form; the id is empty for the whole."""
        found: list[tuple[str, str, Any]] = [("", "", text) for text in self.non_field_errors()]
        found += [
            (field.id_for_label, str(field.label), text) for field in self.visible_fields() for text in field.errors
        ]
        if self.rows is None or not self.is_bound:
            return found
        found += [("", "", text) for text in self.rows.non_form_errors()]
        for number, form in enumerate(self.rows.forms, 1):
            for field in form.visible_fields():
                label = f"{self.row_name} {number}, {field.label}"
                found += [(field.id_for_label, label, text) for text in field.errors]
        return found

    def initial_of(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {}

    def rows_of(self, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        return []

    def typed(self) -> dict[str, Any]:
        """The values, of a form that is valid."""
        raise NotImplementedError


class NamesForm(FactsForm):
    row = NameRow
    row_name = gettext_lazy("Name")
    most = 200  # a register may know very many

    def known(self, values):
        return {name["value"] for name in values["names"]}

    def rows_of(self, values):
        return values["names"]

    def check_rows(self, rows):
        kinds = [row["kind"] for row in rows]
        if kinds.count(InstitutionName.Kind.DISPLAY) != 1:
            raise ValidationError(
                _("Exactly one of the names is the display name: the one that stands above the record.")
            )
        keys = [(row["value"], row["language"], row["kind"]) for row in rows]
        if len(set(keys)) < len(keys):
            raise ValidationError(_("The same name stands there twice."))

    def typed(self):
        return {"names": in_order({key: row[key] for key in ("value", "language", "kind")} for row in self.rows.filled)}


class DescriptionForm(FactsForm):
    row = TranslationRow
    row_name = gettext_lazy("Translation")
    most = 20
    description = TextField(
        label=gettext_lazy("Description"),
        required=False,
        help_text=gettext_lazy("What the institution does, in a few sentences that outlast the year."),
    )

    def initial_of(self, values):
        return {"description": values["description"]}

    def rows_of(self, values):
        return [{"language": language, "text": text} for language, text in values["translations"].items()]

    def check_rows(self, rows):
        if len({row["language"] for row in rows}) < len(rows):
            raise ValidationError(_("There are two texts in the same language."))

    def typed(self):
        translations = {row["language"]: row["text"] for row in self.rows.filled}
        return {"description": self.cleaned_data["description"], "translations": dict(sorted(translations.items()))}


class PlaceForm(FactsForm):
    country = forms.ChoiceField(label=gettext_lazy("Country"))
    city = NameField(label=gettext_lazy("City"), required=False, max_length=200)
    latitude = forms.DecimalField(
        label=gettext_lazy("Latitude"),
        required=False,
        min_value=-90,
        max_value=90,
        help_text=gettext_lazy("Degrees with decimals, as in 33.71940; south is negative."),
    )
    longitude = forms.DecimalField(
        label=gettext_lazy("Longitude"),
        required=False,
        min_value=-180,
        max_value=180,
        help_text=gettext_lazy("As in 73.02950; west is negative. Without both, the map shows no dot."),
    )

    def __init__(self, *args, needs_country: bool = False, **options):
        self.needs_country = needs_country
        super().__init__(*args, **options)
        countries = sorted(
            ((row.pk, row.name) for row in Country.objects.only("pk")), key=lambda pair: sort_key(pair[1])
        )
        country = cast(forms.ChoiceField, self.fields["country"])
        country.choices = [("", "–"), *countries]
        country.required = needs_country

    def initial_of(self, values):
        return values["place"]

    def clean(self):
        data = super().clean()
        given = {name for name in ("latitude", "longitude") if data.get(name) is not None}
        if len(given) == 1 and not self.errors.keys() & {"latitude", "longitude"}:
            missing = "longitude" if "latitude" in given else "latitude"
            self.add_error(missing, _("Give latitude and longitude together, or neither."))
        return data

    def typed(self):
        data = self.cleaned_data
        return {
            "place": {
                "country": data["country"],
                "city": data["city"],
                "latitude": coordinate(data["latitude"]),
                "longitude": coordinate(data["longitude"]),
            }
        }


class LinksForm(FactsForm):
    row = LinkRow
    row_name = gettext_lazy("Link")
    website = WebField(
        label=gettext_lazy("Website"), required=False, help_text=gettext_lazy("As in https://www.example.org.")
    )

    def initial_of(self, values):
        return {"website": values["website"]}

    def rows_of(self, values):
        return values["links"]

    def typed(self):
        links = [{"label": row["label"], "url": row["url"]} for row in self.rows.filled]
        return {"website": self.cleaned_data["website"], "links": links}


class ThemesForm(FactsForm):
    themes = forms.ModelMultipleChoiceField(
        Theme.objects.all(),
        label=gettext_lazy("Themes"),
        required=False,
        to_field_name="slug",
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Those on which the institution works with others of the alliance."),
    )

    def initial_of(self, values):
        return {"themes": values["themes"]}

    def typed(self):
        return {"themes": sorted(theme.slug for theme in self.cleaned_data["themes"])}


class LogoForm(FactsForm):
    logo = forms.FileField(
        label=gettext_lazy("New logo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text=gettext_lazy(
            "PNG, JPEG or WebP, 5 MB at most. It is made small, and what a camera wrote into it is dropped."
        ),
    )
    remove = forms.BooleanField(label=gettext_lazy("Show no logo"), required=False)

    def clean_logo(self):
        upload = self.cleaned_data["logo"]
        return clean_picture(upload, within=LOGO_WITHIN) if upload else None

    def clean(self):
        data = super().clean()
        if not self.errors and bool(data.get("logo")) == data["remove"]:
            self.add_error("logo", _("Choose a picture, or say that none is to be shown."))
        return data

    def typed(self):
        """The picture itself; whoever stores it writes its name in its place."""
        return {"logo": self.cleaned_data["logo"] or ""}


class ContactsForm(FactsForm):
    row = ContactRow
    row_name = gettext_lazy("Contact")
    most = 12

    def rows_of(self, values):
        return values["contacts"]

    def check_rows(self, rows):
        keys = [(row["kind"], row["value"]) for row in rows]
        if len(set(keys)) < len(keys):
            raise ValidationError(_("The same contact stands there twice."))

    def typed(self):
        names = ("kind", "label", "value", "is_public")
        return {"contacts": [{name: row[name] for name in names} for row in self.rows.filled]}


@dataclass(frozen=True)
class Part:
    """A line of the task list, and a page of its own."""

    name: str
    label: str | Promise
    hint: str | Promise
    facts: tuple[str, ...]
    form: type[FactsForm]

    def make_form(self, institution: Institution, *args, **options) -> FactsForm:
        if self.form is PlaceForm:
            options["needs_country"] = institution.scope == Institution.Scope.NATIONAL
        return self.form(*args, **options)


PARTS = {
    part.name: part
    for part in [
        Part(
            "names",
            gettext_lazy("Names"),
            gettext_lazy("In every language in which people look for it, and its acronyms. Empty a row to remove it."),
            ("names",),
            NamesForm,
        ),
        Part("description", gettext_lazy("Description"), "", ("description", "translations"), DescriptionForm),
        Part("place", gettext_lazy("Place"), gettext_lazy("Where it has its seat."), ("place",), PlaceForm),
        Part(
            "links",
            gettext_lazy("Website and links"),
            gettext_lazy("Empty a row to remove it."),
            ("website", "links"),
            LinksForm,
        ),
        Part("themes", gettext_lazy("Themes"), "", ("themes",), ThemesForm),
        Part("logo", gettext_lazy("Logo"), "", ("logo",), LogoForm),
        Part(
            "contacts",
            gettext_lazy("Contacts"),
            gettext_lazy(
                "Of the institution, not of a person. What is not public is seen by its people and the secretariat."
            ),
            ("contacts",),
            ContactsForm,
        ),
    ]
}
