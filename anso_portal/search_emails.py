"""What saved searches tell; imported by PortalConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Area, Kind, register, register_area

register_area(Area("searches", _("Saved searches"), mandatory=False), "search")

register(
    Kind(
        "search.found",
        label=_("A saved search finds something"),
        subject=_("Your search “%(title)s”: %(new)s new, %(changed)s changed, %(gone)s no longer found"),
        sentence=_("This has happened since the last time among all that your search finds."),
        rhythm="daily",
        headings=(("new", _("New")), ("changed", _("Changed")), ("gone", _("No longer found"))),
    )
)
