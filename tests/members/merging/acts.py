"""Merging as officers do it, and all that the tables hold."""

from members.actions.merges import merge_institutions
from members.merging import plan_merge
from members.models import InstitutionMerge


def merge(kept, gone, officer, *, choices=None, reason="The same house") -> InstitutionMerge:
    token = plan_merge(kept, gone).token
    return merge_institutions(kept=kept, gone=gone, choices=choices or {}, reason=reason, token=token, by=officer)


def names_of(institution):
    return set(institution.names.values_list("kind", "value"))


def everything() -> dict[str, list]:
    """All rows of all tables of ours, but for what tells of the merge itself."""
    from django.apps import apps

    telling = {"InstitutionMerge", "MergeEntry", "Event", "Notification", "Delivery", "Subscriber"}
    found = {}
    for model in apps.get_models(include_auto_created=True):
        ours = model._meta.app_label in ("members", "projects", "centers", "exchanges", "notifications")
        if ours and model._meta.managed and model.__name__ not in telling and not hasattr(model, "pgh_tracked_model"):
            found[model._meta.label] = sorted(map(str, model._base_manager.values()))
    return found
