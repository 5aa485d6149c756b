from django.urls import path

from proposals.views import calls, details, history, lists, sending, writing

app_name = "proposals"

# The whole addresses: this app also holds pages of the desk.
urlpatterns = [
    path("calls/", lists.call_list, name="list"),
    path("calls/<slug:slug>/", details.call_detail, name="call"),
    path("calls/<slug:slug>/deadline.ics", details.call_calendar, name="call_calendar"),
    path("calls/<slug:slug>/history/", history.call_history, name="call_history"),
    path("calls/<slug:slug>/start/", writing.proposal_start, name="start"),
    # Those who propose
    path("desk/proposals/", writing.proposal_list, name="proposals"),
    path("desk/proposals/<int:pk>/", writing.proposal_detail, name="detail"),
    path("desk/proposals/<int:pk>/basics/", writing.basics_edit, name="basics"),
    path("desk/proposals/<int:pk>/parts/<int:part>/", writing.part_edit, name="part"),
    path("desk/proposals/<int:pk>/budget/", writing.budget_edit, name="budget"),
    path("desk/proposals/<int:pk>/partners/", writing.partner_list, name="partners"),
    path("desk/proposals/<int:pk>/partners/add/", writing.partner_add, name="partner_add"),
    path("desk/proposals/<int:pk>/partners/ask/", writing.partners_ask, name="partners_ask"),
    path("desk/proposals/<int:pk>/partners/<int:partner>/", writing.partner_edit, name="partner"),
    path("desk/proposals/<int:pk>/partners/<int:partner>/remove/", writing.partner_remove, name="partner_remove"),
    path("desk/proposals/<int:pk>/partners/<int:partner>/sign/", sending.partner_sign, name="sign"),
    path("desk/proposals/<int:pk>/partners/<int:partner>/revoke/", sending.partner_revoke, name="revoke"),
    path("desk/proposals/<int:pk>/check/", sending.proposal_check, name="check"),
    path("desk/proposals/<int:pk>/submit/", sending.proposal_submit, name="submit"),
    path("desk/proposals/<int:pk>/submitted/", sending.proposal_submitted, name="submitted"),
    path("desk/proposals/<int:pk>/reopen/", sending.proposal_reopen, name="reopen"),
    path("desk/proposals/<int:pk>/withdraw/", sending.proposal_withdraw, name="withdraw"),
    # Officers
    path("desk/calls/", calls.call_desk_list, name="desk_calls"),
    path("desk/calls/new/", calls.call_new, name="call_new"),
    path("desk/calls/<slug:slug>/", calls.call_desk, name="desk_call"),
    path("desk/calls/<slug:slug>/edit/", calls.call_edit, name="call_edit"),
    path("desk/calls/<slug:slug>/parts/add/", calls.part_new, name="part_new"),
    path("desk/calls/<slug:slug>/parts/<int:part>/", calls.part_form, name="part_form"),
    path("desk/calls/<slug:slug>/publish/", calls.call_publish, name="call_publish"),
    path("desk/calls/<slug:slug>/deadline/", calls.call_deadline, name="call_deadline"),
    path("desk/calls/<slug:slug>/copy/", calls.call_copy, name="call_copy"),
    path("desk/calls/<slug:slug>/decide/<int:pk>/", calls.proposal_decide, name="decide"),
    path("desk/calls/<slug:slug>/decide/", calls.decisions_apply, name="decisions_apply"),
    path("desk/calls/<slug:slug>/decide/<int:pk>/project/", calls.project_make, name="project_make"),
]
