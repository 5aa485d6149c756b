from django.urls import path, re_path

from members.views import (
    alliance_roles,
    details,
    edit,
    institution_desk,
    invitations,
    inviting,
    lists,
    moderation,
    people,
    profile,
    roles,
)

app_name = "members"

# The whole addresses: this app also holds pages of the desk.
urlpatterns = [
    path("members/", lists.institution_list, name="list"),
    path("members/<slug:slug>/", details.institution_detail, name="detail"),
    path("people/", people.person_list, name="people"),
    path("people/lookup/", people.person_lookup, name="person_lookup"),
    path("people/<slug:slug>/", people.person_detail, name="person"),
    # The desk of an institution
    path("desk/institution/", institution_desk.institution_own, name="institution_own"),
    path("desk/institution/<slug:slug>/", institution_desk.institution_overview, name="institution_desk"),
    path("desk/institution/<slug:slug>/promises/", institution_desk.institution_promises, name="institution_promises"),
    path("desk/institution/<slug:slug>/people/", roles.institution_people, name="institution_people"),
    path("desk/institution/<slug:slug>/people/invite/", inviting.institution_invite, name="invite"),
    path("desk/institution/<slug:slug>/people/invite/many/", inviting.institution_invite_many, name="invite_many"),
    path("desk/institution/<slug:slug>/people/deputy/", roles.deputy_name, name="deputy_name"),
    path("desk/institution/<slug:slug>/people/roles/<int:pk>/end/", roles.role_end, name="role_end"),
    path("desk/institution/<slug:slug>/people/roles/<int:pk>/hand-over/", roles.role_hand_over, name="role_hand_over"),
    path(
        "desk/institution/<slug:slug>/people/invitations/<int:pk>/resend/",
        inviting.invitation_resend,
        name="invitation_resend",
    ),
    path(
        "desk/institution/<slug:slug>/people/invitations/<int:pk>/revoke/",
        inviting.invitation_revoke,
        name="invitation_revoke",
    ),
    # Roles in the alliance
    path("desk/roles/", alliance_roles.alliance_roles, name="alliance_roles"),
    path("desk/roles/give/", alliance_roles.alliance_role_grant, name="alliance_role_grant"),
    path("desk/roles/invite/", inviting.alliance_invite, name="alliance_invite"),
    path("desk/roles/invite/many/", inviting.alliance_invite_many, name="alliance_invite_many"),
    path("desk/roles/<int:pk>/end/", alliance_roles.alliance_role_end, name="alliance_role_end"),
    path(
        "desk/roles/invitations/<int:pk>/resend/",
        inviting.alliance_invitation_resend,
        name="alliance_invitation_resend",
    ),
    path(
        "desk/roles/invitations/<int:pk>/revoke/",
        inviting.alliance_invitation_revoke,
        name="alliance_invitation_revoke",
    ),
    # Invitations, for whoever is invited
    path("invitations/offer/", invitations.invitation_offer, name="invitation_offer"),
    path("invitations/<str:token>/", invitations.invitation_follow, name="invitation"),
    path("desk/invitations/<int:pk>/", invitations.invitation_answer, name="invitation_answer"),
    path("desk/invitations/<int:pk>/accept/", invitations.invitation_accept, name="invitation_accept"),
    path("desk/invitations/<int:pk>/decline/", invitations.invitation_decline, name="invitation_decline"),
    # Its people change the record; an officer decides
    re_path(r"^members/(?P<slug>[-\w]+)/(?P<name>[0-9a-f]{32}\.png)$", details.institution_logo, name="logo"),
    path("desk/institution/<slug:slug>/edit/", edit.institution_edit, name="edit"),
    path("desk/institution/<slug:slug>/edit/send/", edit.changes_send, name="send"),
    path("desk/institution/<slug:slug>/edit/withdraw/", edit.changes_withdraw, name="withdraw"),
    path("desk/institution/<slug:slug>/edit/<slug:part>/", edit.part_edit, name="part"),
    path("desk/institution/<slug:slug>/changes/<int:pk>/", edit.change_detail, name="change"),
    re_path(
        r"^desk/institution/(?P<slug>[-\w]+)/changes/(?P<pk>[0-9]{1,18})/(?P<side>before|after)\.png$",
        edit.change_picture,
        name="change_picture",
    ),
    path("desk/moderation/<int:pk>/", moderation.change_decide, name="moderate"),
    # The own profile
    path("desk/profile/", profile.profile_edit, name="profile"),
    path("desk/profile/preview/", profile.profile_preview, name="profile_preview"),
    path("desk/profile/show/", profile.profile_show, name="profile_show"),
    path("desk/profile/hide/", profile.profile_hide, name="profile_hide"),
    path("desk/profile/affiliations/add/", profile.affiliation_add, name="affiliation_add"),
    path("desk/profile/affiliations/<int:pk>/", profile.affiliation_edit, name="affiliation_edit"),
    path("desk/profile/affiliations/<int:pk>/remove/", profile.affiliation_remove, name="affiliation_remove"),
]
