"""Django's handle on the plane."""

from django.apps import AppConfig


class InsightConfig(AppConfig):
    """The ``insight`` plane."""

    name = "beffroi.insight"
    label = "insight"
    default_auto_field = "django.db.models.BigAutoField"
