"""Routes of the public surface. Every one is made by ``guarded``."""

from django.urls import URLPattern

from beffroi.people.core.permissions import Permission
from beffroi.web.public.views import authority, health, home, rights
from beffroi.web.shared.routing import guarded

app_name = "public"
urlpatterns: list[URLPattern] = [
    guarded("", home.home, permission=Permission.PUBLIC, name="home"),
    guarded("begin/", home.begin, permission=Permission.SIGNED_IN, name="begin"),
    guarded("healthz", health.healthz, permission=Permission.PUBLIC, name="healthz"),
    guarded("metrics", health.metrics, permission=Permission.PUBLIC, name="metrics"),
    guarded("authority/", authority.page, permission=Permission.PUBLIC, name="authority"),
    guarded("authority/root.crt", authority.root, permission=Permission.PUBLIC, name="authority-root"),
    guarded("rights/", rights.ask, permission=Permission.PUBLIC, name="rights"),
    guarded("rights/follow/", rights.follow, permission=Permission.PUBLIC, name="rights-follow"),
]
