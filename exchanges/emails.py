"""What is announced about exchanges; imported by ExchangesConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Kind, register

register(
    Kind(
        "offer.opened",
        label=_("An exchange offer opens"),
        subject=_("New exchange offer: %(title)s"),
        sentence=_("%(host)s invites scientists."),
        rows=(
            ("place", _("Where")),
            ("starts_on", _("From")),
            ("ends_on", _("Until")),
            ("places", _("Places")),
            ("apply_by", _("Apply by")),
        ),
    )
)
