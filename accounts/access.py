"""The door “who may”: what a person can list and what a person can open are one rule.

A rule is a function `<act>_<model>(user) -> Q` in the `permissions.py` of the model's app; a missing one denies.
"""

from collections.abc import Callable
from importlib import import_module

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Q
from django.http import Http404

from accounts.permissions import EVERYONE, NOBODY

__all__ = ["EVERYONE", "NOBODY", "VisibleQuerySet", "can", "demand", "get_visible_or_404", "permission", "visible"]


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
