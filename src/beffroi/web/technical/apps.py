"""Django's handle on the surface."""

from django.apps import AppConfig


class TechnicalConfig(AppConfig):
    """The ``technical`` surface."""

    name = "beffroi.web.technical"
    label = "web_technical"

    def ready(self) -> None:
        """Say this room's error codes in the user's language."""
        from beffroi.web.shared.errors import say
        from beffroi.web.technical.words import SENTENCES

        say(SENTENCES)
