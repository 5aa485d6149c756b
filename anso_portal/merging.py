"""What the portal itself notes about records, when two of one institution become one."""

from django.utils.translation import gettext_lazy as _

from members.merging import Keep, Move, declare

declare("anso_portal.SampleRecord", "key", Keep("The list of what the sample loaded; what is gone is passed over."))
declare("anso_portal.ErrorReport", "forwarded_to", Move(_("error reports sent to it"), "record", personal=True))
