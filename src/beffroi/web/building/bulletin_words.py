"""Alerts from outside on screen, French and English through gettext."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.safety.core.bulletins import Standing
from beffroi.safety.core.cap import MessageType, Status
from beffroi.safety.core.cap_areas import Concern
from beffroi.safety.core.cap_hazards import FoundBy

STANDINGS = {
    Standing.PROPOSES: (_("proposes an alert"), "warn"),
    Standing.NOT_REAL: (_("exercise or test: proposes no alert"), "info"),
    Standing.CANCELLED: (_("cancelled by its sender"), ""),
    Standing.REPLACED: (_("replaced by a later message"), ""),
    Standing.EXPIRED: (_("its time has passed"), ""),
    Standing.ELSEWHERE: (_("does not concern the commune"), ""),
    Standing.OVER: (_("says that it is over, or asks for nothing"), "good"),
    Standing.SAYS_NOTHING: (_("proposes nothing by itself"), ""),
}
"""With the look of their badge."""

STATUSES = {
    Status.ACTUAL: _("Real"),
    Status.EXERCISE: _("EXERCISE"),
    Status.SYSTEM: _("Between systems"),
    Status.TEST: _("TEST"),
    Status.DRAFT: _("Draft"),
}

TYPES = {
    MessageType.ALERT: _("Alert"),
    MessageType.UPDATE: _("Update"),
    MessageType.CANCEL: _("Cancellation"),
    MessageType.ACK: _("Acknowledgement"),
    MessageType.ERROR: _("Error"),
}

CONCERNS = {
    Concern.HERE: (_("names the commune, or covers it"), ""),
    Concern.UNKNOWN: (_("whether it is about here cannot be told: read it"), "warn"),
    Concern.ELSEWHERE: (_("elsewhere"), ""),
}

FOUND_BY = {
    FoundBy.CODE: _("recognised by its code"),
    FoundBy.WORDS: _("recognised by its words"),
    FoundBy.CATEGORY: _("guessed from its category alone: check it"),
    FoundBy.NOTHING: _("not recognised: choose what happens"),
}

RESPONSES = {
    "Shelter": _("take shelter"),
    "Evacuate": _("evacuate"),
    "Prepare": _("prepare"),
    "Execute": _("do as planned"),
    "Avoid": _("keep away"),
    "Monitor": _("keep informed"),
    "Assess": _("wait for what is found out"),
    "AllClear": _("all clear"),
    "None": _("nothing"),
}
"""What a sender asks for (CAP responseType)."""

SENTENCES: dict[str, str | Promise] = {
    "cap_not_xml": _("This is not XML. Take the file of the message as it was sent (.xml or .cap)."),
    "cap_not_cap": _("This XML is not a CAP alert. A feed or a list is not one: open the single message in it."),
    "cap_hostile": _("This file declares a DOCTYPE, which no alert needs: it was refused unread. Ask its sender."),
    "cap_too_large": _("This file is larger than 1 MB. A CAP alert is smaller: check which file it is."),
    "cap_incomplete": _("This CAP message lacks its identifier, sender, time, status or type. Ask its sender for it."),
    "cap_time": _("A time in this CAP message cannot be read. Relay it by hand if it is urgent, and tell its sender."),
    "cap_value": _("A word in this CAP message is none that CAP knows. Relay it by hand if it is urgent."),
    "bulletin_differs": _(
        "This sender said something else under this identifier before. What came first stays; check with the sender."
    ),
    "no_such_bulletin": _("There is no such alert from outside."),
    "bulletin_decided": _("Somebody has decided for one of these buildings meanwhile."),
    "building_missing": _("Choose at least one building."),
    "reason_missing": _("Say why."),
    "bulletin_not_real": _("An exercise or a test raises no real alert."),
    "bulletin_cancelled": _("Its sender has cancelled this message meanwhile."),
    "bulletin_replaced": _("A later message has replaced this one."),
    "bulletin_expired": _("The time of this message has passed."),
    "bulletin_elsewhere": _("This message does not concern the commune."),
    "bulletin_over": _("This message says that it is over."),
    "bulletin_says_nothing": _("This message proposes nothing by itself."),
}
