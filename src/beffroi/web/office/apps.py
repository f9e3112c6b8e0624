"""Django's handle on the surface."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OfficeConfig(AppConfig):
    """The ``office`` surface."""

    name = "beffroi.web.office"
    label = "web_office"

    def ready(self) -> None:
        """Say what this surface's errors mean in the reader's language."""
        from beffroi.web.office import order_words
        from beffroi.web.office.person_words import SENTENCES
        from beffroi.web.shared import errors

        errors.say(SENTENCES)
        errors.say(order_words.SENTENCES)
        errors.say(
            {
                "consent_exists": _("This commune has agreed already."),
                "no_such_consent": _("There is no such agreement."),
                "rights-state": _("This request has moved on: that can no longer be done."),
                "no-such-rights-request": _("There is no such request."),
                "no-such-rights-paper": _("There is no answer on paper yet."),
                "no-such-bundle": _("There is no such bundle."),
                "bundle-waiting": _("Bundles are being made already: wait until they are there."),
                "bundle-missing": _("The file of this bundle is not in the vault: make another."),
            }
        )
