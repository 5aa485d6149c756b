from django.urls import path

from centers.views import certificates, details, history, lists, trainings

app_name = "centers"

# The whole addresses: this app also holds pages of the desk.
urlpatterns = [
    path("centers/", lists.center_list, name="list"),
    path("centers/training/<int:pk>/", trainings.session_detail, name="session"),
    path("centers/training/<int:pk>/sign-up/", trainings.session_sign_up, name="sign_up"),
    path("centers/training/<int:pk>/sign-off/", trainings.session_sign_off, name="sign_off"),
    path("centers/certificates/<str:code>/", certificates.certificate_verify, name="certificate"),
    path("centers/<slug:slug>/", details.center_detail, name="detail"),
    path("centers/<slug:slug>/history/", history.center_history, name="history"),
    # Training at the desk
    path("desk/training/", trainings.training_desk, name="trainings"),
    path("desk/training/courses/new/", trainings.course_begin, name="course_begin"),
    path("desk/training/courses/<int:pk>/", trainings.course_edit, name="course"),
    path("desk/training/courses/<int:pk>/sessions/", trainings.session_add, name="session_add"),
    path("desk/training/<int:pk>/", trainings.session_desk, name="session_desk"),
    path("desk/training/<int:pk>/cancel/", trainings.session_cancel, name="session_cancel"),
    path("desk/training/<int:pk>/certificates/", trainings.session_certify, name="session_certify"),
    path("desk/training/certificates/<int:pk>.pdf", certificates.certificate_download, name="certificate_pdf"),
    path("desk/training/certificates/<int:pk>/revoke/", certificates.certificate_revoke, name="certificate_revoke"),
]
