from django.urls import path

from centers.views import details, history, lists

app_name = "centers"

urlpatterns = [
    path("", lists.center_list, name="list"),
    path("<slug:slug>/", details.center_detail, name="detail"),
    path("<slug:slug>/history/", history.center_history, name="history"),
]
