"""What is told of the standing of institutions to those who follow them; imported by MembersConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Area, Kind, register, register_area

ROWS = (("since", _("From")), ("meeting", _("Decided by")))

# Candidacies are nobody's news before they succeed.
SUBJECTS = {
    "admitted": (_("An institution becomes a member"), _("New member: %(title)s")),
    "observer": (_("An institution becomes an observer"), _("New observer: %(title)s")),
    "suspended": (_("A membership is suspended"), _("Membership suspended: %(title)s")),
    "left": (_("An institution leaves the alliance"), _("No longer in the alliance: %(title)s")),
    "returned": (_("A membership is taken up again"), _("Member again: %(title)s")),
}
register_area(
    Area("memberships", _("New members, and members that leave"), mandatory=False),
    *(f"membership.{_name}" for _name in SUBJECTS),
)
for _name, (_label, _subject) in SUBJECTS.items():
    register(Kind(f"membership.{_name}", label=_label, subject=_subject, rows=ROWS))
