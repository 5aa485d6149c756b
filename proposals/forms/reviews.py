"""What reviewers type, and officers about reviews."""

from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from proposals.models import CallReviewer, Criterion, DeclaredConflict, Panel, Review, ReviewPlan

LONGEST_COMMENT = 8000


def text_area(rows: int, **more) -> forms.Textarea:
    return forms.Textarea({"rows": rows, "dir": "auto", **more})


# --- Reviewers


class AnswerForm(forms.ModelForm):
    accept = forms.ChoiceField(
        label=gettext_lazy("Will you review for this call?"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        widget=forms.RadioSelect,
    )

    class Meta:
        model = CallReviewer
        fields = ["most", "away_from", "away_until", "alternative"]
        widgets = {
            "away_from": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "away_until": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "alternative": text_area(2),
        }
        help_texts = {
            "most": gettext_lazy("Empty: as many as the plan of the call allows."),
            "away_from": gettext_lazy("During these days nothing is given to you."),
            "alternative": gettext_lazy("If not: who would be right? The officers alone read it."),
        }

    field_order = ["accept", "most", "away_from", "away_until", "alternative"]

    def clean(self):
        data = super().clean() or self.cleaned_data
        if bool(data.get("away_from")) != bool(data.get("away_until")) and not self.errors:
            self.add_error("away_until", _("Give the first and the last day, or neither."))
        return data


class ReviewForm(forms.Form):
    """One choice per criterion, and two comments. Unfinished ones can be saved; `points()` gives None for what is open."""

    to_applicant = forms.CharField(
        label=gettext_lazy("Comment to the applicants"),
        required=False,
        max_length=LONGEST_COMMENT,
        widget=text_area(8),
        help_text=gettext_lazy("Officers edit it before it goes. Write nothing that tells who you are."),
    )
    to_officers = forms.CharField(
        label=gettext_lazy("Comment to the officers alone"),
        required=False,
        max_length=LONGEST_COMMENT,
        widget=text_area(4),
    )
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, *args, criteria: list[Criterion], review: Review | None = None, **kwargs):
        if review is not None:
            given = dict(review.scores.values_list("criterion", "points"))
            kwargs["initial"] = {
                "to_applicant": review.to_applicant,
                "to_officers": review.to_officers,
                "revision": review.revision,
                **{f"c{one.pk}": given.get(one.pk, "") for one in criteria},
            }
        super().__init__(*args, **kwargs)
        self.criteria = criteria
        for one in criteria:
            self.fields[f"c{one.pk}"] = forms.TypedChoiceField(
                label=one.label,
                choices=[(points, f"{points} – {word}") for points, word in enumerate(one.labels, 1)],
                coerce=int,
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
                help_text=escape(one.hint),  # pages show it as HTML
            )
        self.order_fields([*(f"c{one.pk}" for one in criteria), "to_applicant", "to_officers", "revision"])

    def points(self) -> dict[int, int | None]:
        return {one.pk: self.cleaned_data.get(f"c{one.pk}") for one in self.criteria}


class AbstainForm(forms.Form):
    has_conflict = forms.ChoiceField(
        label=gettext_lazy("Why do you abstain?"),
        choices=[
            ("yes", gettext_lazy("I have a conflict of interest: hide the proposal from me")),
            ("no", gettext_lazy("Another reason, such as the subject or the time")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=gettext_lazy("In a sentence"),
        max_length=1000,
        widget=text_area(3),
        help_text=gettext_lazy("The officers read it."),
    )


class RemarkForm(forms.Form):
    text = forms.CharField(label=gettext_lazy("Your remark"), max_length=5000, widget=text_area(4))


# --- Officers


class PlanForm(forms.ModelForm):
    due_at = forms.DateTimeField(
        label=gettext_lazy("Reviews are due"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        help_text=gettext_lazy("In your time zone."),
    )

    class Meta:
        model = ReviewPlan
        fields = ["blindness", "per_proposal", "per_reviewer", "due_at", "instructions"]
        widgets = {"blindness": forms.RadioSelect, "instructions": text_area(5)}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["blindness"].choices = ReviewPlan.Blindness.choices
        if self.instance.phase != ReviewPlan.Phase.PREPARING:
            # What reviewers were promised to see, and not to see, stays while they work.
            del self.fields["blindness"]
            self.fields["due_at"].required = True


class CriterionForm(forms.ModelForm):
    labels = SimpleArrayField(
        forms.CharField(max_length=60),
        label=gettext_lazy("Words for the points, the worst first"),
        min_length=2,
        max_length=11,
        help_text=gettext_lazy("Separated by commas, as in poor, fair, good, very good, excellent."),
        widget=forms.TextInput({"dir": "auto"}),
    )

    class Meta:
        model = Criterion
        fields = ["label", "hint", "weight", "labels", "position"]
        widgets = {"label": forms.TextInput({"dir": "auto"}), "hint": text_area(2)}


CriterionFormSet = forms.inlineformset_factory(ReviewPlan, Criterion, CriterionForm, extra=1, max_num=12)


class InviteForm(forms.Form):
    users = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Reviewers"),
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one reviewer.")},
    )

    def __init__(self, *args, queryset, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["users"].queryset = queryset


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj) -> str:
        return str(obj)


class AssignForm(forms.Form):
    reviewer = PersonChoice(label=gettext_lazy("Reviewer"), queryset=None, empty_label=gettext_lazy("choose"))

    def __init__(self, *args, queryset, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reviewer"].queryset = queryset


class ConflictForm(forms.ModelForm):
    class Meta:
        model = DeclaredConflict
        fields = ["user", "reason"]
        labels = {"user": gettext_lazy("Who has it?")}
        widgets = {"reason": text_area(2)}

    def __init__(self, *args, queryset, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = queryset


class RedactionForm(forms.Form):
    """For each text: as it was submitted, or another one in its place, which may be empty."""

    def __init__(self, *args, texts: list[tuple[str, str, str]], redacted: dict[str, str], **kwargs):
        super().__init__(*args, **kwargs)
        self.keys = [key for key, _label, _text in texts]
        for key, label, text in texts:
            self.fields[f"hide_{key}"] = forms.BooleanField(
                label=_("Show another text in place of: %(what)s") % {"what": label},
                required=False,
                initial=key in redacted,
            )
            self.fields[f"text_{key}"] = forms.CharField(
                label=label,
                required=False,
                max_length=20_000,
                initial=redacted.get(key, text),
                widget=text_area(3 if len(text) > 100 else 1),
            )

    def texts(self) -> dict[str, str | None]:
        data: dict[str, Any] = self.cleaned_data
        return {key: data[f"text_{key}"] if data[f"hide_{key}"] else None for key in self.keys}


class PanelForm(forms.ModelForm):
    class Meta:
        model = Panel
        fields = ["held_on", "place", "minutes"]
        widgets = {
            "held_on": forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
            "place": forms.TextInput({"dir": "auto"}),
            "minutes": text_area(8),
        }

    def __init__(self, *args, rows, **kwargs):
        """`rows` of actions.ranking: one field for the place of each proposal."""
        super().__init__(*args, **kwargs)
        self.rows = rows
        for row in rows:
            self.fields[f"place_{row.proposal.pk}"] = forms.IntegerField(
                label=_("Place of %(proposal)s") % {"proposal": row.proposal.reference},
                required=False,
                min_value=1,
                max_value=9999,
                initial=row.place,
                widget=forms.NumberInput({"class": "short"}),
            )

    def order(self) -> list[int]:
        placed = [(self.cleaned_data.get(f"place_{row.proposal.pk}"), row.proposal.pk) for row in self.rows]
        return [key for place, key in sorted((place, key) for place, key in placed if place is not None)]

    def clean(self):
        data = super().clean() or self.cleaned_data
        places = [data[name] for name in data if name.startswith("place_") and data[name] is not None]
        if len(places) != len(set(places)):
            raise ValidationError(_("Two proposals have the same place."))
        return data
