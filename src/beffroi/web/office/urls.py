"""Routes of the office surface. Every one is made by ``guarded``."""

from django.urls import URLPattern

app_name = "office"
urlpatterns: list[URLPattern] = []
