from django.urls import path

from members.views import details, lists, people

app_name = "members"

# The whole addresses: this app also holds pages of the desk.
urlpatterns = [
    path("members/", lists.institution_list, name="list"),
    path("members/<slug:slug>/", details.institution_detail, name="detail"),
    path("people/", people.person_list, name="people"),
    path("people/lookup/", people.person_lookup, name="person_lookup"),
    path("people/<slug:slug>/", people.person_detail, name="person"),
]
