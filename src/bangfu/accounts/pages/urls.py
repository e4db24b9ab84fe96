"""Addresses of logging in, of one's own account, of switching role and language, and of users."""

from django.urls import path

from bangfu.accounts.pages import audit, own, users, views

app_name = "accounts"
urlpatterns = [
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("acting/", views.act_as, name="acting"),
    path("language/", views.choose_language, name="language"),
    path("account/", own.account, name="account"),
    path("account/sessions/<int:log_in>/end/", own.end, name="end"),
    path("account/password/", own.password, name="password"),
    path("account/second-factor/", own.factor, name="factor"),
    path("account/code/", own.code, name="code"),
    path("audit/", audit.audit, name="audit"),
    path("users/", users.users, name="users"),
    path("users/<str:username>/", users.user, name="user"),
    path("users/<str:username>/manage/", users.manage, name="manage"),
]
