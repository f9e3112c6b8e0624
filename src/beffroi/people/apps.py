"""Django's handle on the plane."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """The ``people`` plane."""

    name = "beffroi.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
