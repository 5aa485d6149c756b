from django.urls import path

from members.views import details, lists

app_name = "members"

# The whole addresses: this app also holds pages of the desk.
urlpatterns = [
    path("members/", lists.institution_list, name="list"),
    path("members/<slug:slug>/", details.institution_detail, name="detail"),
]
