from django.urls import path

from exchanges.views import balance, details, history, letters, lists, offers, stays, visits

app_name = "exchanges"

# The whole addresses: this app also holds pages of the desk.
urlpatterns = [
    path("exchanges/", lists.offer_list, name="list"),
    path("exchanges/letters/<str:code>/", letters.letter_verify, name="letter"),
    path("exchanges/<slug:slug>/", details.offer_detail, name="detail"),
    path("exchanges/<slug:slug>/apply/", stays.stay_start, name="apply"),
    path("exchanges/<slug:slug>/history/", history.offer_history, name="history"),
    # Offers of the own institution
    path("desk/exchanges/offers/", offers.offer_desk, name="offers"),
    path("desk/exchanges/offers/new/", offers.offer_begin, name="offer_begin"),
    path("desk/exchanges/room/<slug:slug>/", offers.capacity_set, name="capacity"),
    path("desk/exchanges/offers/<slug:slug>/", offers.offer_edit, name="offer_edit"),
    path("desk/exchanges/offers/<slug:slug>/close/", offers.offer_close, name="offer_close"),
    path("desk/exchanges/offers/<slug:slug>/discard/", offers.offer_discard, name="offer_discard"),
    path("desk/exchanges/mobility/", balance.mobility, name="mobility"),
    # Stays
    path("desk/exchanges/", stays.stay_list, name="stays"),
    path("desk/exchanges/<int:pk>/", stays.stay_detail, name="stay"),
    path("desk/exchanges/<int:pk>/edit/", stays.stay_edit, name="stay_edit"),
    path("desk/exchanges/<int:pk>/submit/", stays.stay_submit, name="stay_submit"),
    path("desk/exchanges/<int:pk>/withdraw/", stays.stay_withdraw, name="stay_withdraw"),
    path("desk/exchanges/<int:pk>/home/", stays.home_answer, name="home_answer"),
    path("desk/exchanges/<int:pk>/host/", stays.host_answer, name="host_answer"),
    path("desk/exchanges/<int:pk>/approve/", stays.stay_approve, name="stay_approve"),
    path("desk/exchanges/<int:pk>/decline/", stays.stay_decline, name="stay_decline"),
    path("desk/exchanges/<int:pk>/cancel/", stays.stay_cancel, name="stay_cancel"),
    path("desk/exchanges/<int:pk>/letter/", letters.letter_issue, name="letter_issue"),
    path("desk/exchanges/<int:pk>/letter.pdf", letters.letter_download, name="letter_pdf"),
    path("desk/exchanges/<int:pk>/tasks/<int:task>/", visits.task_done, name="task_done"),
    path("desk/exchanges/<int:pk>/report/", visits.report_write, name="stay_report"),
    path("desk/exchanges/<int:pk>/report/confirm/", visits.report_confirm, name="report_confirm"),
    path("desk/exchanges/<int:pk>/report/judge/", visits.report_judge, name="stay_report_judge"),
]
