"""What the rules of the DPO's list say, in the reader's words: what happened, and what to look at."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TITLES: dict[str, tuple[str | Promise, str | Promise]] = {
    "A-01": (
        _("Looked on duty without being on duty"),
        _("Pictures were shown on the ground of a duty that had not begun, or was over. This should be impossible."),
    ),
    "A-02": (
        _("Package without receipt"),
        _("A package has been ready for thirty days and was given to nobody, or nobody confirmed having received it."),
    ),
    "A-03": (
        _("Not reviewed by a second person"),
        _("An access in an emergency, or opened without a person, was not reviewed in the time the convention gives."),
    ),
    "A-04": (
        _("Opened again at its hard end"),
        _("The same access was asked and opened again twice in a day, within ten minutes of its end."),
    ),
    "A-05": (
        _("Looked back often without a case"),
        _("One camera was looked back at under five accesses in a day, on incidents only: no case, no requisition."),
    ),
    "A-06": (
        _("Refused tickets in series"),
        _("Ten tickets that were forged, of another browser or for something else came from one side in five minutes."),
    ),
    "A-07": (
        _("Refused by the convention in series"),
        _("Five accesses were asked and refused by the convention within an hour, by the same person."),
    ),
    "A-08": (
        _("Refused sign-ins in series"),
        _("Ten sign-ins from one address were refused within ten minutes."),
    ),
    "A-09": (
        _("Second factor taken away, then a look"),
        _("Somebody took a person’s second factors away, and pictures were looked at in her name within a day."),
    ),
    "A-10": (
        _("Footage kept beyond a month without a judicial reference"),
        _("The recorder confirmed a hold of older footage that names no judge’s matter. This should be impossible."),
    ),
    "A-11": (
        _("Somebody approved her own request"),
        _("Who asked and who said yes are the same person. This should be impossible."),
    ),
    "A-12": (
        _("Log read from outside the commune"),
        _("A register or the log was read by somebody of a partner’s force. This should be impossible."),
    ),
    "A-13": (
        _("Stop not obeyed in two seconds"),
        _("Pictures still flowed, or began to, more than two seconds after the access was stopped."),
    ),
    "A-14": (
        _("The log, or a recorder’s journal, is broken"),
        _("A verification found a break, or lines of a journal do not follow from those taken in before."),
    ),
}
"""By rule: its title, and what it means."""
