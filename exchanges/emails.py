"""What is announced about exchanges; imported by ExchangesConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Area, Kind, register, register_area

register_area(Area("offers", _("Exchange offers"), mandatory=False), "offer")
register_area(Area("stays", _("Stays of scientists")), "stay")

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

# --- Stays: told to those who take part, never to followers.

DATES = (
    ("offer", _("Offer")),
    ("home", _("Home")),
    ("host", _("Host")),
    ("starts_on", _("From")),
    ("ends_on", _("Until")),
)

for name, label, subject, sentence in [
    (
        "stay.submitted",
        _("A scientist asks for a stay"),
        _("A stay is asked for: %(person)s (%(title)s)"),
        _("Say for your institution whether it takes place: the home institution supports it, the host agrees to it."),
    ),
    (
        "stay.answered",
        _("An institution answers for a stay"),
        _("%(institution)s: %(answer)s (%(title)s)"),
        _("An institution has answered for the stay of %(person)s."),
    ),
    (
        "stay.agreed",
        _("Home and host have agreed to a stay"),
        _("Agreed by home and host: the stay of %(person)s (%(title)s)"),
        _("Both institutions have agreed. The alliance approves it if there is a place."),
    ),
    (
        "stay.declined",
        _("A stay is declined"),
        _("Declined: the stay of %(person)s (%(title)s)"),
        _("The stay does not take place. The reason stands on its page."),
    ),
    (
        "stay.approved",
        _("A stay is approved"),
        _("Approved: the stay of %(person)s (%(title)s)"),
        _("The stay has its place. Prepare the arrival: its page lists what has to be ready, and whose affair it is."),
    ),
    (
        "stay.scheduled",
        _("The invitation letter for a stay is issued"),
        _("Invitation letter issued: the stay of %(person)s (%(title)s)"),
        _("The letter can be taken along from the page of the stay, and anybody can verify it."),
    ),
    (
        "stay.task",
        _("Something has to be ready before a stay"),
        _("To be ready by %(due_on)s: %(task)s (%(title)s)"),
        _("This has to be ready before %(person)s arrives."),
    ),
    (
        "stay.held_up",
        _("A stay cannot begin, since a training is missing"),
        _("Cannot begin yet: the stay of %(person)s (%(title)s)"),
        _("%(what)s The stay begins as soon as there is a certificate that holds until its last day."),
    ),
    (
        "stay.report_due",
        _("The report on a stay is due"),
        _("Please report on the stay of %(person)s (%(title)s)"),
        _("The stay is over. The scientist reports, and the host confirms the report."),
    ),
    (
        "stay.report_late",
        _("The report on a stay is late"),
        _("Still to be reported: the stay of %(person)s (%(title)s)"),
        _("The report is not submitted or not confirmed yet."),
    ),
    (
        "stay.report_returned",
        _("The report on a stay is returned"),
        _("Returned for changes: the report on the stay of %(person)s (%(title)s)"),
        _("The alliance asks for changes. What they are stands where the report is written."),
    ),
    (
        "stay.reported",
        _("A stay is reported on"),
        _("Reported: the stay of %(person)s (%(title)s)"),
        _("The scientist has reported. The host confirms it, and an officer accepts it."),
    ),
    (
        "stay.report_accepted",
        _("The report on a stay is accepted"),
        _("Report accepted: the stay of %(person)s (%(title)s)"),
        _("The alliance has accepted the report. Nothing is left to do."),
    ),
    (
        "stay.withdrawn",
        _("A stay is withdrawn"),
        _("Withdrawn: the stay of %(person)s (%(title)s)"),
        _("The scientist has taken it back. The place is free again."),
    ),
    (
        "stay.cancelled",
        _("A stay is cancelled"),
        _("Cancelled: the stay of %(person)s (%(title)s)"),
        _("The stay does not take place. The reason stands on its page."),
    ),
]:
    register(Kind(name, label=label, subject=subject, sentence=sentence, rows=DATES))
