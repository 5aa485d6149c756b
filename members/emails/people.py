"""What is told of people to those who follow them; imported by MembersConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Area, Kind, register, register_area

register_area(Area("people", _("People whom I follow"), mandatory=False), "person")

register(
    Kind(
        "person.changed",
        label=_("A person's profile changes"),
        subject=_("New in the profile of %(title)s"),
        sentence=_("Where somebody works, or what they work on, has changed."),
        rhythm="daily",
    )
)
