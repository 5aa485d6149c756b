from django.urls import path

from news import views

app_name = "news"

urlpatterns = [
    path("news/", views.news_list, name="list"),
    path("news/<slug:slug>/", views.news_detail, name="detail"),
    path("desk/news/", views.news_desk, name="desk"),
    path("desk/news/new/", views.news_begin, name="begin"),
    path("desk/news/<slug:slug>/", views.news_edit, name="edit"),
    path("desk/news/<slug:slug>/take-back/", views.news_take_back, name="take_back"),
    path("desk/news/<slug:slug>/return/", views.news_return, name="return"),
]
