"""What becomes of the news of institutions when two records of one institution become one."""

from django.utils.translation import gettext_lazy as _

from members.merging import Move, declare

declare("news.NewsItem", "institution", Move(_("news"), "title"))
