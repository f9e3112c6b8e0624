"""Django's handle on the plane."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The ``audit`` plane."""

    name = "beffroi.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
