from django.utils.translation import gettext_lazy as _

from notifications.kinds import Area, Kind, register, register_area

register_area(Area("records", _("Records of institutions")), "record", "institution", "report.forwarded")

register(
    Kind(
        "record.change_decided",
        label=_("Your changes to a record are decided"),
        subject=_("Decided: your changes to %(title)s"),
        sentence=_("An officer has looked at each of them. The page says why, where something was not accepted."),
        rows=(("accepted", _("Accepted")), ("refused", _("Not accepted"))),
    )
)
