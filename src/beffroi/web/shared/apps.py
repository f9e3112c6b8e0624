"""Django's handle on what the surfaces share."""

from django.apps import AppConfig


class SharedConfig(AppConfig):
    """Base page, components, styles, errors."""

    name = "beffroi.web.shared"
    label = "web_shared"
