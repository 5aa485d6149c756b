"""The door “who may”: what a person can list and what a person can open are one rule.

A rule is a function `<act>_<model>(user) -> Q` in the `permissions.py` of the model's app; a missing one denies.
"""

from collections.abc import Callable
from functools import wraps
from importlib import import_module

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse

from accounts.permissions import EVERYONE, NOBODY, has_role, once

__all__ = [
    *[
        "EVERYONE",
        "NOBODY",
        "Unwritten",
        "VisibleQuerySet",
        "can",
        "can_on_some",
        "demand",
        "get_visible_or_404",
        "permission",
        "visible",
    ],
    *["about_hidden", "refusal", "role_required"],
]

SECOND_FACTOR_PAGE = "mfa_index"


def permission(act: str, model: type[models.Model]) -> Callable[..., Q]:
    app = apps.get_app_config(model._meta.app_label)
    rules = _rules(f"{app.name}.permissions")
    return getattr(rules, f"{act}_{model._meta.model_name}", lambda user: NOBODY)


def _rules(name: str):
    try:
        return import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name != name:
            raise
        return None  # an app of others has none


def can(user, act: str, obj: models.Model) -> bool:
    rule = permission(act, type(obj))(user)
    if rule == EVERYONE:
        return True
    if rule == NOBODY:
        return False
    return type(obj)._base_manager.filter(rule, pk=obj.pk).exists()


def can_on_some(user, act: str, model: type[models.Model]) -> bool:
    """Whether the rule leaves this person any row at all, whatever rows there are. Asked once for each user object."""
    return once(user, (act, model), lambda: permission(act, model)(user) != NOBODY)


def demand(user, act: str, obj: models.Model, reason: str) -> None:
    """Raise PermissionDenied, whose reason the 403 page shows, unless the person may."""
    if not can(user, act, obj):
        raise PermissionDenied(reason)


def visible(rows: models.QuerySet, user) -> models.QuerySet:
    """The rows that this person may know of. Chosen by key, so joins never multiply them."""
    rule = permission("view", rows.model)(user)
    if rule == EVERYONE:
        return rows
    allowed = rows.model._base_manager.filter(rule)
    return rows.filter(pk__in=allowed.values("pk"))


class Unwritten:
    """A query that is written where it becomes part of a statement. Who asks only whether a rule leaves any rows spares it."""

    def __init__(self, write: Callable[[], models.QuerySet]):
        self.write = write

    def resolve_expression(self, *given, **named):
        return self.write().resolve_expression(*given, **named)


def about_hidden(user, label: str, key: str) -> Q:
    """Rows that name, by label and key as text, a record of a confidential model which this person may not know of.

    A model is confidential where it says `is_confidential = True`; what is logged, moved or told of its records is, too.
    It is known to whoever may view the record, or to fewer where the model names another act (`known_by = "hear"`).
    """
    found = Q()
    for model in apps.get_models():
        if not getattr(model, "is_confidential", False):
            continue
        if (rule := permission(getattr(model, "known_by", "view"), model)(user)) == EVERYONE:
            continue
        found |= Q(**{label: model._meta.label_lower}) & ~Q(**{f"{key}__in": _keys_as_text(model, rule)})
    return found or NOBODY


def _keys_as_text(model: type[models.Model], rule: Q) -> Unwritten:
    return Unwritten(lambda: model._base_manager.filter(rule).values(as_text=Cast("pk", TextField())))


class VisibleQuerySet(models.QuerySet):
    def visible_to(self, user):
        return visible(self, user)


def get_visible_or_404(source, user, **lookup):
    """One row of a model or QuerySet that this person may see; what one may not know of is 404."""
    rows = source if isinstance(source, models.QuerySet) else source._default_manager.all()
    try:
        return visible(rows, user).get(**lookup)
    except rows.model.DoesNotExist:
        raise Http404 from None


def refusal(request: HttpRequest, *roles: str) -> HttpResponse | None:
    """None where one of these roles in the alliance is in force. Otherwise: visitors sign in; whoever holds one and has
    no second factor is led to where one is set up, which says why; for others there is nothing here (404).
    """
    from django.contrib.auth.views import (
        redirect_to_login,
    )  # It asks for the user model, which is built on this module.

    user = request.user
    if has_role(user, *roles):
        return None
    if not user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    if user.second_factor_missing and not user.held_roles.isdisjoint(roles):
        return redirect_to_login(request.get_full_path(), SECOND_FACTOR_PAGE)
    raise Http404


def role_required(*roles: str):
    """A view for holders of one of these roles in the alliance (accounts.permissions); see `refusal`."""

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            return refusal(request, *roles) or view(request, *args, **kwargs)

        return guarded

    return decorate
