from django.urls import path

from notifications import bulk_views, text_views, views

app_name = "notifications"

urlpatterns = [
    path("desk/inbox/", views.inbox, name="inbox"),
    path("desk/inbox/read/", views.inbox_read, name="read"),
    path("desk/inbox/read-all/", views.inbox_read_all, name="read-all"),
    path("desk/notifications/", views.preferences, name="preferences"),
    path("desk/notifications/trust/", views.address_trust, name="trust"),
    path("desk/notifications/resume/", views.mail_resume, name="resume"),
    path("desk/notifications/calendar/", views.calendar, name="calendar"),
    path("desk/outbox/", bulk_views.outbox, name="outbox"),
    path("desk/outbox/kinds/", bulk_views.outbox_kind, name="outbox-kind"),
    path("desk/outbox/<int:pk>/", bulk_views.outbox_event, name="outbox-event"),
    path("desk/notifications/texts/", text_views.text_list, name="texts"),
    path("desk/notifications/texts/<str:kind>/", text_views.text_edit, name="text"),
    path("notifications/follow/", views.follow, name="follow"),
    path("notifications/follow/<str:token>/", views.confirm, name="confirm"),
    path("notifications/mine/<str:token>/", views.mine, name="mine"),
    path("notifications/unfollow/", views.unfollow, name="unfollow"),
    path("notifications/stop/<str:token>/", views.stop, name="stop"),
]
