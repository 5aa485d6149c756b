"""Fields that are kinder than what Django's admin makes of lists, translations and accounts; formsets of parts of a record."""

import re
from collections.abc import Callable

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AutocompleteSelect, AutocompleteSelectMultiple
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from toolkit.addresses import one_spelling
from toolkit.names import validate_plain_name
from toolkit.web import validate_web_address

_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


class LinesField(forms.CharField):
    """A list, one member per line: what is written between commas would be cut at each comma."""

    def __init__(self, *args, each: Callable[[str], None] | None = None, **kwargs):
        kwargs.setdefault("widget", AdminTextareaWidget(attrs={"rows": 3, "dir": "auto"}))
        super().__init__(*args, **kwargs)
        self.each = each

    def prepare_value(self, value):
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value) -> list[str]:  # type: ignore[override]
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def validate(self, value: list[str]) -> None:
        if self.required and not value:
            raise ValidationError(self.error_messages["required"], code="required")
        for line in value if self.each else []:
            self.each(line)  # type: ignore[misc]

    def run_validators(self, value) -> None:
        """Those of a text mean nothing for a list; the model checks its members."""

    def has_changed(self, initial, data) -> bool:
        return (initial or []) != self.to_python(data)


class TranslationsField(forms.CharField):
    """{"zh": "中国科学院"} as lines “zh: 中国科学院”."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("widget", AdminTextareaWidget(attrs={"rows": 3, "dir": "auto"}))
        kwargs["help_text"] = _("One language per line, as in “zh: 中国科学院”.")
        super().__init__(*args, **kwargs)

    def prepare_value(self, value):
        return "\n".join(f"{key}: {text}" for key, text in value.items()) if isinstance(value, dict) else value

    def to_python(self, value) -> dict[str, str]:  # type: ignore[override]
        texts: dict[str, str] = {}
        for line in filter(None, map(str.strip, (value or "").splitlines())):
            language, colon, text = (part.strip() for part in line.partition(":"))
            if not (colon and text and _LANGUAGE.fullmatch(language)):
                raise ValidationError(
                    _("“%(line)s” is not a language and a name, as in “zh: 中国科学院”.") % {"line": line}
                )
            if language in texts:
                raise ValidationError(_("“%(language)s” is there twice.") % {"language": language})
            validate_plain_name(text)
            texts[language] = text
        return texts

    def run_validators(self, value) -> None:
        """Those of a text mean nothing here."""

    def has_changed(self, initial, data) -> bool:
        try:
            return (initial or {}) != self.to_python(data)
        except ValidationError:
            return True


class NormalisedField(forms.CharField):
    """An identifier in any form in which people paste it; what is kept is the normal one."""

    def __init__(self, *args, normalise: Callable[[str], str], **kwargs):
        super().__init__(*args, required=False, empty_value=None, **kwargs)
        self.normalise = normalise

    def to_python(self, value):
        text = super().to_python(value)
        return self.normalise(text) if text else text


class AccountField(forms.EmailField):
    """An account, named by its e-mail address: an officer need not be able to list the users of the portal."""

    def prepare_value(self, value):
        if isinstance(value, User):
            return value.email
        if isinstance(value, int):
            return User.objects.filter(pk=value).values_list("email", flat=True).first()
        return value

    def clean(self, value) -> User | None:
        email = super().clean(value)
        if not email:
            return None
        user = User.objects.filter(email=one_spelling(email)).first()
        if user is None:
            raise ValidationError(_("There is no account with the address %(email)s.") % {"email": email})
        return user

    def has_changed(self, initial, data) -> bool:
        return (self.prepare_value(initial) or "").casefold() != (data or "").strip().casefold()


class PossibleKeys:
    """Looks nothing up for what can be no key: the form has refused it already, and the database could not even be asked."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [text for text in value if self._may_be_key(text)], attr)

    def _may_be_key(self, text) -> bool:
        try:
            self.field.remote_field.model._meta.pk.to_python(text)
        except ValidationError:
            return False
        return "\x00" not in str(text)


class PossibleSelectMultiple(PossibleKeys, AutocompleteSelectMultiple):
    pass


class KnownSelect(PossibleKeys, AutocompleteSelect):
    """Asks the database for the name of what is chosen only where the form does not hold it: else a query per row."""

    known: models.Model | None = None

    def optgroups(self, name, value, attr=None):
        if self.known is None or list(value) != [str(self.known.pk)]:
            return super().optgroups(name, value, attr)
        options = [] if self.is_required else [self.create_option(name, "", "", False, 0)]
        options.append(self.create_option(name, self.known.pk, str(self.known), True, len(options)))
        return [(None, options, 0)]


class FriendlyFields:
    """For admins and inlines. `flat_translations` is false where a language holds more than one text."""

    account_fields: tuple[str, ...] = ()
    flat_translations = True

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        common = {
            "label": capfirst(db_field.verbose_name),
            "required": not db_field.blank,
            "help_text": db_field.help_text,
        }
        if db_field.name in self.account_fields:
            return AccountField(
                **{**common, "help_text": db_field.help_text or _("The e-mail address of the account.")}
            )
        if db_field.name == "source_urls":
            return LinesField(**{**common, "help_text": _("One per line.")}, each=validate_web_address)
        if isinstance(db_field, ArrayField):
            return LinesField(**{**common, "help_text": db_field.help_text or _("One per line.")})
        if db_field.name == "translations" and self.flat_translations:
            return TranslationsField(**common)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if hasattr(field, "widget") and hasattr(field.widget, "can_delete_related"):
            field.widget.can_delete_related = False  # too close to the choice of another one
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", KnownSelect(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", PossibleSelectMultiple(db_field, self.admin_site, using=kwargs.get("using")))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class PartForm(forms.ModelForm):
    """A row of an inline. What may stand once per record is checked over all rows together, by the formset."""

    single: tuple[str, object] | None = None

    def _get_validation_exclusions(self):
        return super()._get_validation_exclusions() | ({self.single[0]} if self.single else set())


class PartFormSet(forms.BaseInlineFormSet):
    """`single` is (field, value): one row at most may have it, as in ("kind", "display")."""

    model: type[models.Model]
    single: tuple[str, object] | None = None
    single_message = ""

    def add_fields(self, form, index) -> None:
        super().add_fields(form, index)
        form.instance._state.fields_cache[self.fk.name] = self.instance  # its name stands above each row
        for name, field in form.fields.items():
            known = form.instance._state.fields_cache.get(name)
            widget = getattr(field.widget, "widget", field.widget)
            if isinstance(widget, KnownSelect):
                widget.known = known
            elif isinstance(field, AccountField) and known:
                form.initial[name] = known.email

    def validate_unique(self) -> None:
        """Done in `clean`, with the words of the constraint."""

    def clean(self) -> None:
        super().clean()
        rows = [form.instance for form in self.forms if form not in self.deleted_forms and self._is_filled(form)]
        if self.single and sum(getattr(row, self.single[0]) == self.single[1] for row in rows) > 1:
            raise ValidationError(self.single_message or _("Only one row may have this."))
        for constraint in self.model._meta.total_unique_constraints:
            if self.fk.name in constraint.fields:
                self._check_unique(constraint, rows)

    def _is_filled(self, form) -> bool:
        return bool(form.instance.pk) or form.has_changed()

    def _check_unique(self, constraint, rows) -> None:
        fields = [self.model._meta.get_field(name).attname for name in constraint.fields if name != self.fk.name]
        values = [tuple(getattr(row, field) for field in fields) for row in rows]
        values = [value for value in values if None not in value]
        if len(set(values)) < len(values):
            raise ValidationError(constraint.get_violation_error_message())

    def in_order(self, rows) -> list[models.Model]:
        """Whoever gives the single place up is saved before the one that takes it."""
        if not self.single:
            return list(rows)
        field, value = self.single
        return sorted(rows, key=lambda row: getattr(row, field) == value)
