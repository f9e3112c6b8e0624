"""Routes of the counter surface. Every one is made by ``guarded``."""

from django.urls import URLPattern

app_name = "counter"
urlpatterns: list[URLPattern] = []
