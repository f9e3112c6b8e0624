"""Django's handle on the surface."""

from django.apps import AppConfig


class CounterConfig(AppConfig):
    """The ``counter`` surface."""

    name = "beffroi.web.counter"
    label = "web_counter"
