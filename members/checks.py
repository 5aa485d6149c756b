"""What an operator may have written wrongly in the settings about the registry."""

from django.conf import settings
from django.core.checks import Error, register

from members.actions.facts import FACTS

FIELDS = FACTS.keys() - {"names"}  # a look-alike must not show before an officer has seen it


@register()
def fields_that_go_live_at_once_are_known(**kwargs):
    wrong = sorted(set(settings.MODERATED_LATER) - FIELDS)
    if not wrong:
        return []
    hint = f"Choose among {', '.join(sorted(FIELDS))}."
    return [Error(f"MODERATED_LATER holds {', '.join(wrong)}.", hint=hint, id="members.E001")]
