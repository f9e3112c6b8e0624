"""Django's handle on the plane."""

from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    """The ``governance`` plane."""

    name = "beffroi.governance"
    label = "governance"
    default_auto_field = "django.db.models.BigAutoField"
