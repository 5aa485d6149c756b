"""What saved searches tell; imported by PortalConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Area, Kind, register, register_area

register_area(Area("searches", _("Saved searches"), mandatory=False), "search")

register(
    Kind(
        "search.found",
        label=_("A saved search finds something"),
        subject=_("New: %(new)s, changed: %(changed)s, no longer found: %(gone)s (%(title)s)"),
        sentence=_("This has happened since the last time among all that your search finds."),
        rhythm="daily",
        headings=(("new", _("New")), ("changed", _("Changed")), ("gone", _("No longer found"))),
    )
)
