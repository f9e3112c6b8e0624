"""Django's handle on the surface."""

from django.apps import AppConfig


class AccountConfig(AppConfig):
    """The ``account`` surface."""

    name = "beffroi.web.account"
    label = "web_account"
