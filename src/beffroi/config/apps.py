"""Django's handle on the whole: registers the checks."""

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    """The office put together."""

    name = "beffroi.config"
    label = "office_config"

    def ready(self) -> None:
        """Register what must hold before the office starts."""
        from beffroi.config import checks

        self.checks = checks
