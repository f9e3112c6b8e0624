"""Routes of the account surface. Every one is made by ``guarded``."""

from django.urls import URLPattern

from beffroi.people.core.permissions import Permission
from beffroi.web.account import views
from beffroi.web.shared.routing import guarded

app_name = "account"
urlpatterns: list[URLPattern] = [
    guarded("sign-in/", views.sign_in, permission=Permission.PUBLIC, name="sign-in"),
    guarded("sign-out/", views.sign_out, permission=Permission.SIGNED_IN, name="sign-out"),
    guarded("", views.profile, permission=Permission.SIGNED_IN, name="profile"),
    guarded("password/", views.password, permission=Permission.SIGNED_IN, name="password"),
    guarded("sessions/<str:session>/end/", views.end_session, permission=Permission.SIGNED_IN, name="end-session"),
    guarded("language/", views.language, permission=Permission.PUBLIC, name="language"),
    guarded("appearance/", views.theme, permission=Permission.PUBLIC, name="theme"),
]
