"""How forms are drawn: label, hint and error beside the field, in the look of the portal."""

from django.forms.renderers import DjangoTemplates
from django.template import loader


class PortalRenderer(DjangoTemplates):
    """Our templates for forms and fields; Django's own for widgets, so the admin's stay as they are.

    Django's form engine does not look into templates/, hence the detour over the site's engine.
    """

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"

    def get_template(self, template_name):
        if template_name.startswith("forms/"):
            return loader.get_template(template_name)
        return super().get_template(template_name)
