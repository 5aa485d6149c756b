from django.utils.translation import gettext_lazy as _

from notifications.kinds import Kind, register

register(
    Kind(
        "institution.merged",
        label=_("Two records of your institution become one"),
        subject=_("Two records are one: %(title)s"),
        sentence=_("“%(former)s” was a second record of this institution. All that belonged to it stands here now."),
        rows=(("reason", _("Why")),),
    )
)
register(
    Kind(
        "institution.merge_undone",
        label=_("A merge of two records is taken back"),
        subject=_("Two records again: %(title)s"),
        sentence=_("It was merged with “%(other)s”, and is a record of its own again."),
        rows=(("reason", _("Why")),),
    )
)
