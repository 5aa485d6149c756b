from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("members/", include("members.urls")),
    path("centers/", include("centers.urls")),
    path("projects/", include("projects.urls")),
    path("exchanges/", include("exchanges.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
