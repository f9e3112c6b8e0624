"""Django's handle on the surface."""

from django.apps import AppConfig


class AccountConfig(AppConfig):
    """The ``account`` surface."""

    name = "beffroi.web.account"
    label = "web_account"

    def ready(self) -> None:
        """Say the error codes of sign-in in the user's language."""
        from beffroi.web.account.words import SENTENCES
        from beffroi.web.shared.errors import say

        say(SENTENCES)
