"""Django's handle on the surface."""

from django.apps import AppConfig


class DutyConfig(AppConfig):
    """The ``duty`` surface."""

    name = "beffroi.web.duty"
    label = "web_duty"
