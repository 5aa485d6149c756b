from django.urls import path

from centers.views import details, lists

app_name = "centers"

urlpatterns = [
    path("", lists.center_list, name="list"),
    path("<slug:slug>/", details.center_detail, name="detail"),
]
