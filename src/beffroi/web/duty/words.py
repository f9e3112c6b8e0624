"""What the duty phone says of messages: in which capacity somebody is told, and how far that has come."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from beffroi.governance.core.telling import Channel
from beffroi.governance.queries.notices import NoticeFacts
from beffroi.kernel.delivery import Delivery

STATES: dict[Delivery, tuple[Promise, str]] = {
    Delivery.PLANNED: (_("waits to be sent"), ""),
    Delivery.HANDED_OVER: (_("handed over"), ""),
    Delivery.DELIVERED: (_("shown on the page"), "info"),
    Delivery.UNKNOWN: (_("sent; whether it was read is unknown"), "warn"),
    Delivery.SEEN: (_("seen"), "good"),
    Delivery.ANSWERED: (_("answered"), "good"),
    Delivery.RETRYING: (_("not delivered, is tried again"), "bad"),
    Delivery.EXPIRED: (_("given up"), "bad"),
}
"""Words and level of each state; *unknown* is one (I9)."""

CHANNELS: dict[Channel, Promise] = {
    Channel.PAGE: pgettext_lazy("channel", "page"),
    Channel.EMAIL: pgettext_lazy("channel", "e-mail"),
    Channel.SMS: pgettext_lazy("channel", "SMS"),
}

TROUBLES: dict[str, Promise] = {
    "no_address": _("no address was entered"),
    "channel_absent": _("no mail server is set up"),
    "mail_refused": _("the mail server does not take it"),
    "mail_in_clear": _("the mail server takes no encryption"),
}


def trouble(line: NoticeFacts) -> Promise | str:
    """Why a message has not left, in words; empty where it has."""
    return TROUBLES.get(line.trouble, line.trouble)
