"""What the duty phone and the guests' pages say of error codes."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, str | Promise] = {
    "guest_unit": _("This unit cannot be verified so: ask for a call back."),
    "guest_too_many": _("Too many asked in the name of this unit within the hour: telephone the centre."),
    "guest_link": _("This link does not work any more. Ask for a new one."),
    "guest_answered": _("This guest has been answered."),
    "guest_number": _("Say which number you called."),
    "guest_code": _("This code does not open. Ask the officer on the telephone."),
    "crisis_not_prefecture": _("Choose a person of the prefecture."),
    "crisis_no_address": _("No e-mail address was entered for this person."),
    "guest_sent": _("Your requisition was sent already."),
    "handover_taken": _("Somebody has taken it over."),
    "rota_twice": _("Each person and each rank stands once in the order."),
    "rota_period": _("It ends after now, within a year."),
    "not_in_rota": _("Choose somebody of the order of call."),
    "preset_unknown": _("There is no such staffing."),
    "nothing_to_regularise": _("There is nothing to review here."),
}
