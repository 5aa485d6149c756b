from django.urls import path

from members.views import details, invitations, lists, people

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
]
