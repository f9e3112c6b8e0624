"""Routes of the public surface. Every one is made by ``guarded``."""

from django.urls import URLPattern

app_name = "public"
urlpatterns: list[URLPattern] = []
