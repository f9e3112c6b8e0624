"""Routes of the duty surface. Every one is made by ``guarded``."""

from django.urls import URLPattern

app_name = "duty"
urlpatterns: list[URLPattern] = []
