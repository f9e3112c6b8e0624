"""Django's handle on the surface."""

from django.apps import AppConfig


class PublicConfig(AppConfig):
    """The ``public`` surface."""

    name = "beffroi.web.public"
    label = "web_public"
