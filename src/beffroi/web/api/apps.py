"""Django's handle on the surface."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The ``api`` surface."""

    name = "beffroi.web.api"
    label = "web_api"
