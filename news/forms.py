from django import forms
from django.utils.translation import gettext_lazy as _

from news.models import NewsItem
from toolkit.names import validate_plain_name


class NewsForm(forms.ModelForm):
    class Meta:
        model = NewsItem
        fields = ["title", "text", "themes", "countries", "to_members", "expires_on"]
        help_texts = {
            "text": _(
                "Markdown: **bold**, lists with - at the beginning of a line, links as [words](https://example.org)."
            ),
            "themes": _("Who follows one of these hears of it, besides those who follow your institution."),
            "countries": _("The same for countries. Several: hold Ctrl, or Cmd on a Mac."),
            "to_members": _("For what concerns all of them, such as an assembly."),
            "expires_on": _("Afterwards lists leave it out; its page stays."),
        }
        widgets = {
            "title": forms.TextInput({"dir": "auto"}),
            "text": forms.Textarea({"rows": 12, "dir": "auto", "maxlength": 10_000}),
            "themes": forms.CheckboxSelectMultiple,
            "countries": forms.SelectMultiple({"size": 6}),
            "expires_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["title"].validators.append(validate_plain_name)
        self.fields["text"].needed = True  # a draft may lack it, and a submission not


class BeginForm(forms.Form):
    institution = forms.ModelChoiceField(label=_("Which institution tells it?"), queryset=None, empty_label=None)
    title = forms.CharField(
        label=_("Title"), max_length=200, validators=[validate_plain_name], widget=forms.TextInput({"dir": "auto"})
    )

    def __init__(self, data=None, *, institutions):
        super().__init__(data)
        self.fields["institution"].queryset = institutions


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("What should be changed?"), max_length=1000, widget=forms.Textarea({"rows": 3, "dir": "auto"})
    )
