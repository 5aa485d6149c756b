"""What is told of programs that are told; imported by MembersConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Area, Kind, register, register_area

register_area(Area("endpoints", _("Programs of institutions")), "endpoint")

register(
    Kind(
        "endpoint.asked",
        label=_("An institution asks that a program be told"),
        subject=_("To approve: a program of %(institution)s"),
        sentence=_("It asks to hear of what is public. Nothing is sent to it until an administrator has approved it."),
        rows=(("title", _("Address")),),
    )
)
register(
    Kind(
        "endpoint.approved",
        label=_("A program is approved"),
        subject=_("Approved: a program of %(institution)s"),
        sentence=_("It is told of what happens from now on."),
        rows=(("title", _("Address")),),
    )
)
