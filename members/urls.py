from django.urls import path

from members.views import details, lists

app_name = "members"

urlpatterns = [
    path("", lists.institution_list, name="list"),
    path("<slug:slug>/", details.institution_detail, name="detail"),
]
