"""Fields of the admin: several texts, each on lines of its own, and the logo."""

import re

from django import forms
from django.contrib.admin.widgets import AdminFileWidget, AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from toolkit.names import validate_plain_name
from toolkit.web import validate_web_address


class LogoInput(AdminFileWidget):
    """The link to the logo is that of its view: uploads have no address of their own."""

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        if context["widget"]["is_initial"]:
            context["widget"]["value"] = Link(value.instance.logo_url)
        return context


class Link(str):
    @property
    def url(self) -> str:
        return str(self)


_BEGINS = re.compile(r"(?m)^([a-z]{2,3}): ")


class LinesOfOurOwn(forms.CharField):
    widget = AdminTextareaWidget(attrs={"rows": 4, "dir": "auto"})

    def has_changed(self, initial, data) -> bool:
        try:
            return (initial or self.to_python("")) != self.to_python(data)
        except ValidationError:
            return True

    def run_validators(self, value) -> None:
        """Those of a text mean nothing here."""


class LinksField(LinesOfOurOwn):
    """[{"label": "Map", "url": "https://…"}] as lines “Map: https://…”."""

    def __init__(self, **options):
        super().__init__(
            required=False, help_text=gettext_lazy("One per line, as in “Map: https://example.org”."), **options
        )

    def prepare_value(self, value):
        return "\n".join(f"{link['label']}: {link['url']}" for link in value) if isinstance(value, list) else value

    def to_python(self, value) -> list[dict[str, str]]:  # type: ignore[override]
        links = []
        for line in filter(None, map(str.strip, (value or "").splitlines())):
            label, _colon, url = (part.strip() for part in line.partition(": "))
            if not url:
                raise ValidationError(_("“%(line)s” is not a name and an address.") % {"line": line})
            validate_plain_name(label)
            validate_web_address(url)
            links.append({"label": label, "url": url})
        return links


class DescriptionsField(LinesOfOurOwn):
    """{"zh": "…"} as texts of which each begins with its language, as in “zh: …”; more lines may follow."""

    def __init__(self, **options):
        super().__init__(
            required=False,
            help_text=gettext_lazy("Each begins on a new line with its language, as in “zh: …”."),
            **options,
        )

    def prepare_value(self, value):
        return "\n".join(f"{key}: {text}" for key, text in value.items()) if isinstance(value, dict) else value

    def to_python(self, value) -> dict[str, str]:  # type: ignore[override]
        before, *parts = _BEGINS.split((value or "").replace("\r\n", "\n").replace("\x00", "").strip())
        if before.strip():
            raise ValidationError(_("Begin with the language, as in “zh: …”."))
        texts = {language: text.strip() for language, text in zip(parts[::2], parts[1::2], strict=True)}
        if len(texts) < len(parts) // 2:
            raise ValidationError(_("There are two texts in the same language."))
        return {language: text for language, text in sorted(texts.items()) if text}
