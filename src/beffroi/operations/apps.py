"""Django's handle on the plane."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """The ``operations`` plane."""

    name = "beffroi.operations"
    label = "operations"
    default_auto_field = "django.db.models.BigAutoField"
