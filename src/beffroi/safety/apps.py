"""Django's handle on the plane."""

from django.apps import AppConfig


class SafetyConfig(AppConfig):
    """The ``safety`` plane."""

    name = "beffroi.safety"
    label = "safety"
    default_auto_field = "django.db.models.BigAutoField"
