"""What is typed about a report of an error: by the officer, and by the institution that is asked."""

from django import forms
from django.utils.translation import gettext_lazy


class ReplyForm(forms.Form):
    use_required_attribute = False
    reply = forms.CharField(
        label=gettext_lazy("Your reply to the secretariat"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=gettext_lazy("What you corrected, or why the record is right."),
    )


class ForwardForm(forms.Form):
    use_required_attribute = False
    question = forms.CharField(
        label=gettext_lazy("What you ask of the institution"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        help_text=gettext_lazy("Its people see the report and this; they do not see who reported it."),
    )


class CloseForm(forms.Form):
    use_required_attribute = False
    answer = forms.CharField(
        label=gettext_lazy("Answer, or what was done"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
