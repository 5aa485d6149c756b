from django.urls import path

from projects.views import details, lists

app_name = "projects"

urlpatterns = [
    path("", lists.project_list, name="list"),
    path("<slug:slug>/", details.project_detail, name="detail"),
]
