"""What an action refuses, said in the form that asked for it."""

from django import forms
from django.core.exceptions import ValidationError


def put_problems(form: forms.BaseForm, problem: ValidationError) -> None:
    """Beside the field where the form has it, else in the summary."""
    if not hasattr(problem, "error_dict"):
        form.add_error(None, problem)
        return
    for name, errors in problem.error_dict.items():
        form.add_error(name if name in form.fields else None, errors)
