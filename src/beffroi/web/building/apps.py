"""Django's handle on the surface."""

from django.apps import AppConfig


class BuildingConfig(AppConfig):
    """The ``building`` surface."""

    name = "beffroi.web.building"
    label = "web_building"

    def ready(self) -> None:
        """Say the bell's error codes in the user's language."""
        from beffroi.web.building import bulletin_words, plan_words
        from beffroi.web.building.words import SENTENCES
        from beffroi.web.shared.errors import say

        say(SENTENCES)
        say(plan_words.SENTENCES)
        say(bulletin_words.SENTENCES)
