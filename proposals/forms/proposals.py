"""What the people of a proposal type. A draft may lack anything; what is there must be right."""

import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from proposals.actions.drafts import BASIC_FIELDS
from proposals.forms.tables import TableField
from proposals.models import CallPart, Partner, Proposal, ProposalFile, Question
from toolkit.documents.uploads import ACCEPT, Cleaned, clean_upload
from toolkit.names import sort_key, validate_plain_name
from vocabularies.countries import country_names

LONGEST_TEXT = 20_000
LONGEST_CONTRIBUTION = 4_000


def sorted_countries() -> list[tuple[str, str]]:
    return sorted(country_names().items(), key=lambda pair: sort_key(pair[1]))


class StartForm(forms.Form):
    title = forms.CharField(
        label=gettext_lazy("Working title"),
        max_length=300,
        validators=[validate_plain_name],
        help_text=gettext_lazy("It can be changed until you submit."),
        widget=forms.TextInput({"dir": "auto"}),
    )


class LateStartForm(StartForm):
    code = forms.CharField(
        label=gettext_lazy("Late code"),
        max_length=100,
        help_text=gettext_lazy("From the secretariat; it lets one proposal be submitted after the deadline."),
        widget=forms.TextInput({"autocomplete": "off", "dir": "ltr"}),
    )


class PaperForm(StartForm):
    address = forms.EmailField(
        label=gettext_lazy("E-mail address of the lead person"),
        help_text=gettext_lazy("Who has confirmed this address here becomes the lead person, and is told."),
    )


class BasicsForm(forms.ModelForm):
    sites = forms.MultipleChoiceField(
        label=gettext_lazy("Countries where it takes place"),
        choices=sorted_countries,
        required=False,
        widget=forms.SelectMultiple({"size": 6}),
        help_text=gettext_lazy("Several can be chosen: hold Ctrl, or Cmd on a Mac."),
    )

    class Meta:
        model = Proposal
        fields = BASIC_FIELDS
        widgets = {
            "title": forms.TextInput({"dir": "auto"}),
            "acronym": forms.TextInput({"dir": "auto"}),
            "summary": forms.Textarea({"rows": 8, "dir": "auto", "maxlength": LONGEST_TEXT}),
            "starts_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "ends_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        }
        help_texts = {
            "summary": gettext_lazy("What you want to do and why, for readers of other fields."),
            "on_site": gettext_lazy("How many people come together, where that is what you propose."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("title", "summary", "starts_on", "ends_on"):
            self.fields[name].needed = True  # a draft may lack it, and a submission not
        self.fields["title"].validators.append(validate_plain_name)
        self.fields["acronym"].validators.append(validate_plain_name)

    def clean_summary(self) -> str:
        return not_too_long(self.cleaned_data["summary"])


def not_too_long(text: str, most: int = LONGEST_TEXT) -> str:
    if len(text) > most:
        raise ValidationError(_("This is longer than %(most)d characters.") % {"most": most})
    return text


def words_in(text: str) -> int:
    return len(text.split())


class AnswersForm(forms.Form):
    """The questions of one part. `texts()` gives the answers in the normal form that is kept.

    `needed` marks a field that a draft may lack and a submission may not.
    """

    def __init__(self, *args, part: CallPart, answers: dict[int, str], files: dict[int, ProposalFile], **kwargs):
        super().__init__(*args, **kwargs)
        self.questions = list(part.questions.all())
        for question in self.questions:
            name = f"q{question.pk}"
            if question.kind == Question.Kind.FILE:
                self.fields[name] = UploadField(label=question.label, required=False)
                self.fields[name].needed = question.required  # type: ignore[attr-defined]
                self.show_file(question, files.get(question.pk))
                continue
            field = _field(question)
            field.required, field.needed = False, question.required  # type: ignore[attr-defined]
            field.initial = answers.get(question.pk, "")
            self.fields[name] = field

    def show_file(self, question: Question, file: ProposalFile | None) -> None:
        """Which one answers the question now, beside its field."""
        name = f"q{question.pk}"
        now = format_html("<br>{}", _told(file)) if file else ""
        self.fields[name].help_text = format_html("{} {}{}", question.hint, FILE_HINT, now)
        self[name].help_text = self.fields[name].help_text  # of a field that was looked at before
        self.fields.pop(f"{name}-remove", None)
        if file:
            self.fields[f"{name}-remove"] = forms.BooleanField(label=_("Take this file out"), required=False)

    def sent_files(self) -> dict[Question, Cleaned]:
        """Those that came and are right, also where something else in the form is not."""
        asked = [question for question in self.questions if question.kind == Question.Kind.FILE]
        return {question: sent for question in asked if (sent := self.cleaned_data.get(f"q{question.pk}"))}

    def files_taken_out(self) -> list[Question]:
        sent = self.sent_files()
        return [
            question
            for question in self.questions
            if question not in sent and self.cleaned_data.get(f"q{question.pk}-remove")
        ]

    def clean(self):
        data = super().clean() or self.cleaned_data
        for question in self.questions:
            text, name = data.get(f"q{question.pk}"), f"q{question.pk}"
            if question.most_words and isinstance(text, str) and (words := words_in(text)) > question.most_words:
                said = ngettext(
                    "This has %(words)d words, %(over)d more than allowed.",
                    "This has %(words)d words, %(over)d more than allowed.",
                    words,
                )
                self.add_error(name, said % {"words": words, "over": words - question.most_words})
        return data

    def texts(self) -> dict[int, str]:
        """By question; of those that are right, where not all are."""
        return {
            question.pk: normal_form(self.cleaned_data[f"q{question.pk}"])
            for question in self.questions
            if question.kind != Question.Kind.FILE and f"q{question.pk}" in self.cleaned_data
        }


FILE_HINT = gettext_lazy("PDF, DOCX, XLSX, PNG or JPEG, 10 MB at most. Who wrote it is taken out of its properties.")


class UploadField(forms.FileField):
    """`Cleaned`, or nothing; what toolkit.documents refuses is said beside the field."""

    widget = forms.FileInput({"accept": ACCEPT})

    def clean(self, data, initial=None) -> Cleaned | None:
        sent = super().clean(data, initial)
        return clean_upload(sent) if sent else None


def _told(file: ProposalFile) -> str:
    link = format_html('<a href="{}">{}</a> ({})', file.get_absolute_url(), file.name, filesizeformat(file.size))
    return format_html(_("Now: {}"), link)


def normal_form(value) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def _field(question: Question) -> forms.Field:
    hint = question.hint
    if question.most_words:
        limit = ngettext("At most %(n)d word.", "At most %(n)d words.", question.most_words) % {
            "n": question.most_words
        }
        hint = f"{hint} {limit}".strip()
    about: dict[str, Any] = {
        "label": question.label,
        "help_text": escape(hint),  # pages show it as HTML
    }
    match question.kind:
        case Question.Kind.LONG:
            counted = {"data-words": question.most_words} if question.most_words else {}
            return forms.CharField(
                **about, max_length=LONGEST_TEXT, widget=forms.Textarea({"rows": 8, "dir": "auto", **counted})
            )
        case Question.Kind.CHOICE:
            return forms.ChoiceField(**about, choices=[("", _("choose")), *((text, text) for text in question.choices)])
        case Question.Kind.TABLE:
            return TableField(**about, columns=question.choices)
        case Question.Kind.NUMBER:
            return forms.IntegerField(**about, min_value=0, max_value=10**12)
        case Question.Kind.AMOUNT:
            return forms.DecimalField(**about, min_value=Decimal(0), max_digits=14, decimal_places=2)
        case Question.Kind.DATE:
            return forms.DateField(**about, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
        case _:
            return forms.CharField(**about, max_length=500, widget=forms.TextInput({"dir": "auto"}))


FURTHER_ROLES = [pair for pair in Partner.Role.choices if pair[0] != Partner.Role.LEAD]


class PartnerForm(forms.ModelForm):
    class Meta:
        model = Partner
        fields = ["role", "contribution"]
        widgets = {"contribution": forms.Textarea({"rows": 5, "dir": "auto", "maxlength": LONGEST_CONTRIBUTION})}
        help_texts = {"contribution": gettext_lazy("Its own part: people, facilities, work. This is what it confirms.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.role == Partner.Role.LEAD:
            del self.fields["role"]
        else:
            self.fields["role"].choices = FURTHER_ROLES

    def clean_contribution(self) -> str:
        return not_too_long(self.cleaned_data["contribution"], LONGEST_CONTRIBUTION)


class SignForm(forms.Form):
    answer = forms.ChoiceField(
        label=gettext_lazy("Does your institution take part?"),
        choices=[("confirmed", gettext_lazy("Yes, it takes part as described")), ("declined", gettext_lazy("No"))],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=gettext_lazy("Comment for the lead"),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3, "dir": "auto"}),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)


class ClarifyForm(forms.Form):
    question = forms.CharField(
        label=gettext_lazy("A question to the applicants"),
        max_length=4000,
        widget=forms.Textarea({"rows": 4, "dir": "auto"}),
    )


class ClarificationForm(forms.Form):
    answer = forms.CharField(
        label=gettext_lazy("Your answer"), max_length=8000, widget=forms.Textarea({"rows": 5, "dir": "auto"})
    )


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why?"), required=False, max_length=1000, widget=forms.Textarea({"rows": 3, "dir": "auto"})
    )
