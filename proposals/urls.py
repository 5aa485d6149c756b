from django.urls import path

from proposals.views import calls, details, history, lists, partners, parts, review_desk, reviews, sending, writing

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
    path("desk/proposals/<int:pk>/basics/", parts.basics_edit, name="basics"),
    path("desk/proposals/<int:pk>/parts/<int:part>/", parts.part_edit, name="part"),
    path("desk/proposals/<int:pk>/files/<int:number>/", parts.file_download, name="file"),
    path("desk/proposals/<int:pk>/budget/", parts.budget_edit, name="budget"),
    path("desk/proposals/<int:pk>/partners/", partners.partner_list, name="partners"),
    path("desk/proposals/<int:pk>/partners/add/", partners.partner_add, name="partner_add"),
    path("desk/proposals/<int:pk>/partners/ask/", partners.partners_ask, name="partners_ask"),
    path("desk/proposals/<int:pk>/partners/<int:partner>/", partners.partner_edit, name="partner"),
    path("desk/proposals/<int:pk>/partners/<int:partner>/remove/", partners.partner_remove, name="partner_remove"),
    path("desk/proposals/<int:pk>/partners/<int:partner>/sign/", sending.partner_sign, name="sign"),
    path("desk/proposals/<int:pk>/partners/<int:partner>/revoke/", sending.partner_revoke, name="revoke"),
    path("desk/proposals/<int:pk>/check/", sending.proposal_check, name="check"),
    path("desk/proposals/<int:pk>/submit/", sending.proposal_submit, name="submit"),
    path("desk/proposals/<int:pk>/submitted/", sending.proposal_submitted, name="submitted"),
    path("desk/proposals/<int:pk>/submitted.pdf", sending.submitted_pdf, name="submitted_pdf"),
    path("desk/proposals/<int:pk>/late/", sending.proposal_late, name="late"),
    path("desk/proposals/<int:pk>/continue/", writing.proposal_continue, name="continue"),
    path("desk/proposals/<int:pk>/reopen/", sending.proposal_reopen, name="reopen"),
    path("desk/proposals/<int:pk>/withdraw/", sending.proposal_withdraw, name="withdraw"),
    # Officers
    path("desk/calls/", calls.call_desk_list, name="desk_calls"),
    path("desk/calls/new/", calls.call_new, name="call_new"),
    path("desk/calls/<slug:slug>/", calls.call_desk, name="desk_call"),
    path("desk/calls/<slug:slug>/proposals.zip", calls.proposals_zip, name="proposals_zip"),
    path("desk/calls/<slug:slug>/edit/", calls.call_edit, name="call_edit"),
    path("desk/calls/<slug:slug>/parts/add/", calls.part_new, name="part_new"),
    path("desk/calls/<slug:slug>/parts/<int:part>/", calls.part_form, name="part_form"),
    path("desk/calls/<slug:slug>/publish/", calls.call_publish, name="call_publish"),
    path("desk/calls/<slug:slug>/deadline/", calls.call_deadline, name="call_deadline"),
    path("desk/calls/<slug:slug>/late/", calls.late_codes, name="late_codes"),
    path("desk/calls/<slug:slug>/copy/", calls.call_copy, name="call_copy"),
    path("desk/calls/<slug:slug>/decide/<int:pk>/", calls.proposal_decide, name="decide"),
    path("desk/calls/<slug:slug>/decide/", calls.decisions_apply, name="decisions_apply"),
    path("desk/calls/<slug:slug>/decide/<int:pk>/project/", calls.project_make, name="project_make"),
    # Reviews: the officers
    path("desk/calls/<slug:slug>/review/", review_desk.review_desk, name="review_desk"),
    path("desk/calls/<slug:slug>/review/plan/", review_desk.plan_edit, name="review_plan"),
    path("desk/calls/<slug:slug>/review/phase/", review_desk.phase_change, name="review_phase"),
    path("desk/calls/<slug:slug>/review/invite/", review_desk.reviewers_invite, name="reviewers_invite"),
    path("desk/calls/<slug:slug>/review/remind/", review_desk.reviewers_remind, name="reviewers_remind"),
    path("desk/calls/<slug:slug>/review/assign/", review_desk.assign, name="assign"),
    path("desk/calls/<slug:slug>/review/<int:pk>/", review_desk.proposal_reviews, name="proposal_reviews"),
    path("desk/calls/<slug:slug>/review/<int:pk>/add/", review_desk.review_add, name="review_add"),
    path(
        "desk/calls/<slug:slug>/review/<int:pk>/<int:review>/remove/", review_desk.review_remove, name="review_remove"
    ),
    path("desk/calls/<slug:slug>/review/<int:pk>/conflict/", review_desk.conflict_add, name="conflict_add"),
    path("desk/calls/<slug:slug>/review/<int:pk>/remark/", review_desk.office_remark, name="office_remark"),
    path("desk/calls/<slug:slug>/review/<int:pk>/redact/", review_desk.redact, name="redact"),
    path("desk/calls/<slug:slug>/ranking/", review_desk.ranking_table, name="ranking"),
    path("desk/calls/<slug:slug>/panel/", review_desk.panel_edit, name="panel"),
    path("desk/calls/<slug:slug>/panel/lock/", review_desk.panel_lock, name="panel_lock"),
    # Reviews: the reviewers
    path("desk/reviews/", reviews.review_list, name="reviews"),
    path("desk/reviews/calls/<int:pk>/", reviews.invitation, name="review_invitation"),
    path("desk/reviews/calls/<int:pk>/dossiers/", reviews.dossiers, name="dossiers"),
    path("desk/reviews/<int:pk>/", reviews.review_edit, name="review"),
    path("desk/reviews/<int:pk>/reopen/", reviews.review_reopen, name="review_reopen"),
    path("desk/reviews/<int:pk>/abstain/", reviews.review_abstain, name="review_abstain"),
    path("desk/reviews/<int:pk>/remark/", reviews.remark_add, name="review_remark"),
]
