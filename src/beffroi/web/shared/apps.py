"""Django's handle on what the surfaces share."""

from django.apps import AppConfig


class SharedConfig(AppConfig):
    """Base page, components, styles, errors."""

    name = "beffroi.web.shared"
    label = "web_shared"

    def ready(self) -> None:
        """Say the error codes that surfaces share."""
        from beffroi.web.shared import plain_words
        from beffroi.web.shared.errors import say
        from beffroi.web.shared.requisition_words import SENTENCES

        say(SENTENCES)
        say(plain_words.SENTENCES)
