"""Institutions to and from CSV and XLSX, for the administrator's desk."""

from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export import resources, widgets
from import_export.exceptions import FieldError
from import_export.fields import Field

from members.actions.names import keep_names, look_alikes_of, name_institution, new_slug
from members.models import Institution
from toolkit.names import normalise_ror, sort_key
from vocabularies.models import Country


class RorWidget(widgets.Widget):
    def clean(self, value, row=None, **kwargs):
        return _ror(value)


class CountryWidget(widgets.Widget):
    """Two letters; all countries are known beforehand, so a file does not ask for each row."""

    def __init__(self):
        super().__init__()
        self.codes = None

    def clean(self, value, row=None, **kwargs):
        if self.codes is None:
            self.codes = Country.objects.in_bulk()
        code = str(value or "").strip().upper()
        if code and code not in self.codes:
            raise ValueError(_("“%(value)s” is no code of a country, as in PK.") % {"value": value})
        return self.codes.get(code)

    def render(self, value, obj=None, **kwargs):
        return value.pk if value else ""


class NumberWidget(widgets.Widget):
    def __init__(self, *, whole: bool = False):
        super().__init__()
        self.whole = whole

    def clean(self, value, row=None, **kwargs):
        text = str("" if value is None else value).strip()
        if not text:
            return None
        try:
            number = Decimal(text)
            if number.is_finite() and (not self.whole or number == int(number)):
                return int(number) if self.whole else number.quantize(Decimal("0.00001"))
        except InvalidOperation:
            pass
        raise ValueError(_("“%(value)s” is no number.") % {"value": value})

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else str(value)


class ChoiceWidget(widgets.Widget):
    """The key of a choice or its name in words; empty is what a new record begins with."""

    def __init__(self, choices):
        super().__init__()
        self.choices = choices

    def clean(self, value, row=None, **kwargs):
        text = str(value or "").strip()
        for key, label in self.choices.choices:
            if text.casefold() in {key.casefold(), str(label).casefold()}:
                return key
        raise ValueError(
            _("“%(value)s” is none of: %(choices)s.") % {"value": text, "choices": ", ".join(self.choices.values)}
        )


class InstitutionResource(resources.ModelResource):
    """A row is found by its ROR id, else by its address; a row with neither is new.

    A column that is not in the file changes nothing. An empty cell empties the field, but for kind, scope, state and the two keys.
    A name that looks like another institution's is refused, unless the row says “yes” in a column another_one.
    """

    ror = Field("ror", "ror", widget=RorWidget())
    country = Field("country", "country", widget=CountryWidget())
    latitude = Field("latitude", "latitude", widget=NumberWidget())
    longitude = Field("longitude", "longitude", widget=NumberWidget())
    established = Field("established", "established", widget=NumberWidget(whole=True))
    kind = Field("kind", "kind", widget=ChoiceWidget(Institution.Kind))
    scope = Field("scope", "scope", widget=ChoiceWidget(Institution.Scope))
    record_status = Field("record_status", "record_status", widget=ChoiceWidget(Institution.RecordStatus))

    class Meta:
        model = Institution
        name = gettext_lazy("institutions")
        fields = [
            *[
                "ror",
                "slug",
                "name",
                "acronym",
                "kind",
                "scope",
                "record_status",
                "country",
                "city",
                "latitude",
                "longitude",
            ],
            *["website", "established", "description"],
        ]
        export_order = import_order = fields
        import_id_fields = ["ror", "slug"]
        clean_model_instances = True
        skip_unchanged = True
        use_transactions = True

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.touched: list[Institution] = []
        self.seen: dict[int, int] = {}

    # --- Reading a file

    def _check_import_id_fields(self, headers) -> None:
        if not {"ror", "slug", "name"} & set(headers or []):
            raise FieldError(_("The first line must name the columns; one of them must be ror, slug or name."))

    def get_instance(self, instance_loader, row):
        try:
            ror = _ror(row.get("ror"))
        except ValueError as problem:
            raise ValidationError({"ror": str(problem)}) from None
        slug = str(row.get("slug") or "").strip()
        held = Institution.objects.select_related("country")
        by_ror = held.filter(ror=ror).first() if ror else None
        by_slug = held.filter(slug=slug).first() if slug else None
        if slug and by_slug is None:
            raise ValidationError({"slug": _("No institution has this address. Leave it empty for a new one.")})
        if by_ror and by_slug and by_ror != by_slug:
            raise ValidationError({"slug": _("This is the address of another institution than the ROR id names.")})
        return by_ror or by_slug

    def before_import_row(self, row, **kwargs) -> None:
        """Empty cells of what must never be empty are as if they were not there."""
        for column in ["kind", "scope", "record_status", "slug", "ror"]:
            if column in row and not str(row[column] or "").strip():
                del row[column]

    def after_init_instance(self, instance, new, row, **kwargs) -> None:
        if instance.pk in self.seen:
            raise ValidationError(_("Line %(line)d is about the same institution.") % {"line": self.seen[instance.pk]})
        name = str(row.get("name") or "").strip()
        if name and name != instance.name and str(row.get("another_one") or "").strip().casefold() != "yes":
            self._refuse_look_alikes(name, instance)

    def _refuse_look_alikes(self, name: str, instance: Institution) -> None:
        if alike := look_alikes_of([name], of=instance):
            others = ", ".join(f"{other.name} ({other.slug})" for other in alike)
            sentence = _(
                "This name looks like that of %(others)s. If this is another institution all the same, write yes in a"
                " column another_one."
            )
            raise ValidationError({"name": sentence % {"others": others}})

    def import_instance(self, instance, row, **kwargs) -> None:
        """What the portal makes itself stands before anything is checked, or the check would miss it."""
        try:
            super().import_instance(instance, row, **kwargs)
        finally:
            instance.name = " ".join(instance.name.split())
            instance.slug = instance.slug or new_slug(instance)
            instance.sort_key = sort_key(instance.name)
            instance.names_folded = instance.names_folded or instance.fold_names([instance.name])

    def after_save_instance(self, instance, row, **kwargs) -> None:
        name_institution(institution=instance, name=instance.name, acronym=instance.acronym)
        self.seen[instance.pk] = kwargs["row_number"] + 1  # the first line names the columns
        self.touched.append(instance)

    def after_import(self, dataset, result, **kwargs) -> None:
        """Numbers of rows are the database's, never the file's: setting them back, as the library does, is for nobody to do."""
        keep_names(institutions=self.touched)


def problems_of(result) -> list[str]:
    """What kept a file from being imported, with the line where there is one; the first line names the columns."""
    lines = [(row.number, row.error.messages) for row in result.invalid_rows]
    lines += [(row.number, [str(error.error) for error in row.errors]) for row in result.error_rows]
    return [str(error.error) for error in result.base_errors] + [
        _("Line %(line)d: %(problem)s") % {"line": number + 1, "problem": problem}
        for number, problems in sorted(lines, key=lambda line: line[0])
        for problem in problems
    ]


def _ror(value) -> str | None:
    text = str(value or "").strip()
    try:
        return normalise_ror(text) if text else None
    except ValidationError as problem:
        raise ValueError(problem.messages[0]) from None
