"""Every address of the portal starts here."""

from django.contrib import admin
from django.urls import include, path, re_path

from anso_portal.branding_css import colours
from anso_portal.health import healthz, readyz
from anso_portal.views import feeds, moderation
from anso_portal.views.about import about, accessibility, privacy
from anso_portal.views.desk import desk
from anso_portal.views.history import history
from anso_portal.views.home import home
from anso_portal.views.machines import logo, robots, sitemap, sitemap_of
from anso_portal.views.places import country, theme
from anso_portal.views.report import report, report_done
from anso_portal.views.search import search
from anso_portal.views.searches import follow_search
from anso_portal.welcome import first_administrator

pages = [
    path("", home, name="home"),
    path("search/", search, name="search"),
    path("searches/<slug:listing>/", follow_search, name="search_follow"),
    path("themes/<slug:slug>/", theme, name="theme"),
    re_path(r"^countries/(?P<code>[A-Za-z]{2})/$", country, name="country"),
    path("about/", about, name="about"),
    path("privacy/", privacy, name="privacy"),
    path("accessibility/", accessibility, name="accessibility"),
    path("desk/", desk, name="desk"),
    path("desk/calendar.ics", feeds.own_calendar, name="calendar"),
    path("calls/calendar.ics", feeds.call_calendar, name="call_calendar"),
    path("exchanges/calendar.ics", feeds.offer_calendar, name="offer_calendar"),
    re_path(rf"^(?P<name>{'|'.join(feeds.LISTS)})/feed\.atom$", feeds.list_feed, name="list_feed"),
    re_path(
        rf"^(?P<name>{'|'.join(feeds.RECORDS)})/(?P<slug>[-\w]+)/feed\.atom$", feeds.record_feed, name="record_feed"
    ),
    path("desk/history/", history, name="history"),
    path("desk/moderation/", moderation.moderation, name="moderation"),
    path("desk/moderation/reports/<int:pk>/", moderation.report_detail, name="moderation_report"),
    path("desk/moderation/reports/<int:pk>/done/", moderation.report_close, name="report_close"),
    path("desk/moderation/reports/<int:pk>/forward/", moderation.report_forward, name="report_forward"),
    path("desk/moderation/reports/<int:pk>/reply/", moderation.report_reply, name="report_reply"),
    path("report/", report, name="report"),
    path("report/done/", report_done, name="report_done"),
    path("portal.css", colours, name="colours"),
    path("media/branding/<str:name>", logo, name="logo"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, name="sitemap"),
    path("sitemap-<slug:name>-<int:page>.xml", sitemap_of, name="sitemap_of"),
]

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("welcome/<str:token>/", first_administrator, name="welcome"),
    path("", include((pages, "anso_portal"))),
    path("", include("members.urls")),
    path("", include("centers.urls")),
    path("", include("projects.urls")),
    path("", include("proposals.urls")),
    path("", include("exchanges.urls")),
    path("", include("news.urls")),
    path("", include("notifications.urls")),
    path("accounts/", include("anso_portal.account_urls")),
    path("admin/", admin.site.urls),
]

handler400 = "anso_portal.views.errors.bad_request"
handler500 = "anso_portal.views.errors.server_error"
