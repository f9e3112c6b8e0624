"""Django's handle on the surface."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """The ``desk`` surface."""

    name = "beffroi.web.desk"
    label = "web_desk"

    def ready(self) -> None:
        """Say the room's error codes in the user's language."""
        from beffroi.web.desk import words_handover
        from beffroi.web.desk.words import SENTENCES
        from beffroi.web.shared.errors import say

        say(SENTENCES)
        say(words_handover.SENTENCES)
