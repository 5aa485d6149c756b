"""What is announced about news; imported by NewsConfig.ready()."""

from django.utils.translation import gettext_lazy as _

from notifications.kinds import Area, Kind, register, register_area

register_area(Area("news", _("News of institutions"), mandatory=False), "news.posted")
register_area(Area("own-news", _("News of my institution")), "news.answered")
register(
    Kind(
        "news.posted",
        label=_("An institution tells news"),
        subject=_("News: %(title)s"),
        sentence=_("%(institution)s: %(begins)s"),
        rhythm="daily",
    )
)
register(
    Kind(
        "news.answered",
        label=_("News that I wrote is published or returned"),
        subject=_("%(answer)s: %(title)s"),
        sentence=_("%(said)s"),
    )
)
