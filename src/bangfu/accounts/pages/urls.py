"""Addresses of logging in and of switching role and language."""

from django.urls import path

from bangfu.accounts.pages import views

app_name = "accounts"
urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("acting/", views.act_as, name="acting"),
    path("language/", views.choose_language, name="language"),
]
