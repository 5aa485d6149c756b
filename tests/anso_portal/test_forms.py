"""How forms are drawn: what a screen reader is told of a field."""

from django import forms
from django.template.loader import render_to_string


class ReportForm(forms.Form):
    message = forms.CharField(label="What is wrong", help_text="As exactly as you can.")
    email = forms.EmailField(label="Your e-mail", required=False)
    rhythm = forms.ChoiceField(label="How often", choices=[("d", "Daily"), ("w", "Weekly")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="I agree")


def test_field_joins_hint_and_error_to_the_control():
    drawn = ReportForm({"message": ""})["message"].as_field_group()

    assert '<label for="id_message">What is wrong' in drawn
    assert 'id="id_message_helptext"' in drawn
    assert 'id="id_message_error"' in drawn
    assert 'aria-describedby="id_message_helptext id_message_error"' in drawn
    assert 'aria-invalid="true"' in drawn


def test_field_says_when_it_is_optional():
    form = ReportForm()

    assert "(optional)" in form["email"].as_field_group()
    assert "(optional)" not in form["message"].as_field_group()


def test_choices_stand_in_a_fieldset_and_a_tick_before_its_label():
    form = ReportForm()

    assert "<legend>How often</legend>" in form["rhythm"].as_field_group()
    tick = form["agreed"].as_field_group()
    assert tick.index("<input") < tick.index("I agree")


def test_summary_of_errors_leads_to_each_field():
    drawn = str(ReportForm({"message": "", "rhythm": "d", "agreed": "on"}))

    assert 'role="alert"' in drawn
    assert '<a href="#id_message">What is wrong: This field is required.</a>' in drawn
    assert 'href="#id_email"' not in drawn


def test_form_without_errors_has_no_summary():
    assert "problems" not in str(ReportForm())


def test_pages_for_faults_need_neither_request_nor_database():
    for name in ("500.html", "503.html", "403_csrf.html"):
        assert render_to_string(name).count("<h1>") == 1
