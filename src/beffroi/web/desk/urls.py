"""Routes of the desk surface. Every one is made by ``guarded``."""

from django.urls import URLPattern

app_name = "desk"
urlpatterns: list[URLPattern] = []
