"""Django's handle on the plane."""

from django.apps import AppConfig


class SitesConfig(AppConfig):
    """The ``sites`` plane."""

    name = "beffroi.sites"
    label = "sites"
    default_auto_field = "django.db.models.BigAutoField"
