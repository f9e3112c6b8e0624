"""Django's handle on the surface."""

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    """The ``office`` surface."""

    name = "beffroi.web.office"
    label = "web_office"
