"""What plans and their drafts are called on screen, French and English through gettext."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from beffroi.safety.core.plan_levels import MarkKind
from beffroi.web.building.words import DUES, MISSIONS

MARKS = {
    MarkKind.ROOM: _("room"),
    MarkKind.SAFETY_ZONE: _("safety zone"),
    MarkKind.ASSEMBLY_POINT: _("assembly point"),
    MarkKind.VEHICLE_ACCESS: _("vehicle access"),
    MarkKind.FOOT_ACCESS: _("foot access"),
    MarkKind.EMERGENCY_EXIT: _("emergency exit"),
    MarkKind.RESPONDERS: _("reception of rescuers"),
    MarkKind.WATER: _("water cut-off"),
    MarkKind.GAS: _("gas cut-off"),
    MarkKind.ELECTRICITY: _("power cut-off"),
    MarkKind.VENTILATION: _("ventilation cut-off"),
    MarkKind.TRIGGER: _("trigger point"),
    MarkKind.KIT: _("emergency kit"),
}

PARTIES = {
    "edu_authority": _("education authority"),
    "commune": _("commune"),
    "security": _("security staff"),
}

CELLS = {
    "named_twice": _("this class is named twice"),
    "not_a_number": _("not a whole number"),
    "out_of_range": _("between 1 and 60 (adults: 0 and 60)"),
    "name_missing": _("the class has no name"),
    "name_too_long": _("this name is too long"),
    "unknown_room": _("this room is not in the plan"),
    "too_many_rows": _("more than 500 rows"),
}

CHANGES = {
    "same": _("nothing"),
    "resized": _("size, adults or room"),
    "new": _("a new class"),
    "missing": _("not in the sheet: stays as it is"),
}

SENTENCES: dict[str, str | Promise] = {
    "no_such_pack": _("No paper pack was made yet."),
    "draft_open": _("A draft is open already: finish it, or let it take effect."),
    "draft_moved": _("Somebody changed this draft in the meantime: look at it again."),
    "not_a_draft": _("Only a draft is changed: begin one from this version."),
    "no_such_drawing": _("There is no such drawing."),
    "no_such_level": _("There is no such level."),
    "no_such_mark": _("This is not on the drawing any more."),
    "no_such_entry": _("This line is not in the directory any more."),
    "plan_too_much": _("The plan holds no more of these."),
    "plan_field": _("A field of the plan cannot be read."),
    "mark_ref": _("Name a room or a zone of the plan."),
    "mark_off": _("This place is off the drawing."),
    "drawing_too_large": _("This drawing is too large: 8 MB, 40 million points, 20,000 parts at most."),
    "drawing_unreadable": _("This is not a drawing we can read: take SVG with its size, PNG, JPEG or WebP."),
    "sheet_too_large": _("This spreadsheet is too large."),
    "sheet_empty": _("This spreadsheet has no rows."),
    "sheet_not_text": _("This file is not a spreadsheet we can read: save it as CSV, XLSX or ODS."),
    "sheet_not_csv": _("This file is not a spreadsheet we can read: save it as CSV, XLSX or ODS."),
    "sheet_unreadable": _("This file is not a spreadsheet we can read: save it as CSV, XLSX or ODS."),
    "sheet_no_heading": _("The first row must name the columns: classe, salle, effectif, adultes."),
    "validation_not_yours": _("This validation is another’s to give."),
    "validation_same_person": _("Each party validates by a person of its own."),
    "validated_already": _("This party has validated it already."),
    "recipients_missing": _("Say to whom."),
    "day_to_come": _("This day is yet to come."),
}

FINDINGS = {
    "off_the_drawing": _("off the drawing"),
    "not_placed": _("on no drawing yet"),
    "no_size": _("the drawing has no size"),
}
"""Beside those of ``words``: what is wrong with what is drawn."""


def reminder_words(what: str) -> str:
    """What a plan owes, in words."""
    kind, _colon, mission = what.partition(":")
    if kind == "nobody":
        return gettext("Nobody is responsible now: %(mission)s") % {"mission": MISSIONS.get(mission, mission)}
    return str(DUES.get(what, what))
