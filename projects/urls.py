from django.urls import path

from projects.views import details, grants, history, lists, progress, reports

app_name = "projects"

# The whole addresses: this app also holds pages of the desk.
urlpatterns = [
    path("projects/", lists.project_list, name="list"),
    path("projects/<slug:slug>/", details.project_detail, name="detail"),
    path("projects/<slug:slug>/history/", history.project_history, name="history"),
    path("desk/projects/<slug:slug>/grant/", grants.grant, name="grant"),
    path("desk/projects/<slug:slug>/milestones/", progress.milestones, name="milestones"),
    path("desk/projects/<slug:slug>/outputs/", progress.outputs, name="outputs"),
    path("desk/projects/<slug:slug>/reports/", reports.report_list, name="reports"),
    path("desk/projects/<slug:slug>/reports/<int:pk>/", reports.report, name="report"),
    path("desk/projects/<slug:slug>/reports/<int:pk>/judge/", reports.report_judge, name="report_judge"),
    path("desk/projects/<slug:slug>/reports/<int:pk>/remove/", reports.report_remove, name="report_remove"),
]
