from django.urls import path, re_path

from members.views import details, edit, invitations, lists, moderation, people

app_name = "members"

# The whole addresses: this app also holds pages of the desk.
urlpatterns = [
    path("members/", lists.institution_list, name="list"),
    path("members/<slug:slug>/", details.institution_detail, name="detail"),
    path("people/", people.person_list, name="people"),
    path("people/lookup/", people.person_lookup, name="person_lookup"),
    path("people/<slug:slug>/", people.person_detail, name="person"),
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
]
