"""Django's handle on the surface."""

from django.apps import AppConfig


class DutyConfig(AppConfig):
    """The ``duty`` surface."""

    name = "beffroi.web.duty"
    label = "web_duty"

    def ready(self) -> None:
        """Say error codes in the user's language."""
        from beffroi.web.duty.sentences import SENTENCES
        from beffroi.web.shared.errors import say

        say(SENTENCES)
