"""Routes of the api surface. Every one is made by ``guarded``."""

from django.urls import URLPattern

app_name = "api"
urlpatterns: list[URLPattern] = []
