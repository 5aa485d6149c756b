"""What is announced about training; imported by CentersConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Area, Kind, register, register_area

register_area(Area("training", _("Training at centers"), mandatory=False), "training")
register_area(Area("attendance", _("Training that you take part in")), "attendance")

ROWS = (("center", _("Center")), ("starts_on", _("From")), ("ends_on", _("Until")), ("place", _("Where")))

for name, label, subject, sentence in [
    (
        "training.announced",
        _("A center announces a training"),
        _("Training at %(center)s: %(title)s"),
        _("Places are given in the order in which people sign up."),
    ),
    (
        "attendance.called_off",
        _("A training is called off"),
        _("Called off: %(title)s"),
        _("The training to which you have signed up does not take place on these days."),
    ),
    (
        "attendance.certified",
        _("Your certificate of a training is issued"),
        _("Your certificate: %(title)s"),
        _("It lies ready on the page of the training, and anybody to whom you give it can verify it."),
    ),
    (
        "attendance.expires",
        _("A certificate of yours expires"),
        _("Your certificate expires on %(valid_until)s: %(title)s"),
        _("A stay that needs it does not begin without it: take part once more in time."),
    ),
]:
    register(Kind(name, label=label, subject=subject, sentence=sentence, rows=ROWS))
