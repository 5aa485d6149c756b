from django.urls import path

from exchanges.views import details, history, lists

app_name = "exchanges"

urlpatterns = [
    path("", lists.offer_list, name="list"),
    path("<slug:slug>/", details.offer_detail, name="detail"),
    path("<slug:slug>/history/", history.offer_history, name="history"),
]
