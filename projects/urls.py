from django.urls import path

from projects.views import details, history, lists

app_name = "projects"

urlpatterns = [
    path("", lists.project_list, name="list"),
    path("<slug:slug>/", details.project_detail, name="detail"),
    path("<slug:slug>/history/", history.project_history, name="history"),
]
