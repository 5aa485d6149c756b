"""Forms for messages between people."""

import uuid

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.actions.messages import LONGEST_SUBJECT
from toolkit.names import without_unseen

LONGEST_TEXT, LONGEST_REASON = 5000, 1000


class MessageForm(forms.Form):
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        max_length=LONGEST_SUBJECT,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    text = forms.CharField(
        label=gettext_lazy("Message"),
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy("In plain text. Say who you are, and what you would like to do together."),
        widget=forms.Textarea(attrs={"rows": 10, "dir": "auto"}),
    )
    shows_address = forms.BooleanField(required=False)
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data=None, *, user, initial=None):
        super().__init__(data, initial={"token": uuid.uuid4(), **(initial or {})})
        self.fields["shows_address"].label = _("Show my address %(address)s, so that they can answer by mail") % {
            "address": user.email
        }

    def clean_subject(self) -> str:
        return one_line(self.cleaned_data["subject"])

    def clean_text(self) -> str:
        return "\n".join(self.cleaned_data["text"].splitlines())


class AnswerForm(MessageForm):
    subject = None  # type: ignore[assignment]  # that of the message, with “Re:”
    text = forms.CharField(
        label=gettext_lazy("Answer"),
        max_length=LONGEST_TEXT,
        help_text=gettext_lazy("In plain text."),
        widget=forms.Textarea(attrs={"rows": 7, "dir": "auto"}),
    )


class ReportForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("What is wrong with it?"),
        max_length=LONGEST_REASON,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )


def one_line(text: str) -> str:
    """Without what cannot be seen: a subject stands in lists and in a mail."""
    line = " ".join(without_unseen(text).split())
    if not line:
        raise ValidationError(_("Write a subject."))
    return line
