"""Words about prefect's orders: states, what is wrong with one, what one would change."""

from datetime import date
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.governance.core.entered_orders import CameraStops, OrderChange
from beffroi.governance.core.standing import Evidence
from beffroi.sites.core.authorisations import AuthorisationState
from beffroi.web.office import rule_words
from beffroi.web.shared.gate_words import FORCES, PURPOSES
from beffroi.web.shared.requisition_words import FIELD_PROBLEMS

STATES: dict[AuthorisationState, tuple[Promise, str]] = {
    AuthorisationState.FUTURE: (_("not in force yet"), "info"),
    AuthorisationState.IN_FORCE: (_("in force"), "good"),
    AuthorisationState.RENEWAL_DUE: (_("in force, renewal due"), "warn"),
    AuthorisationState.EXPIRED: (_("order over"), ""),
    AuthorisationState.WITHDRAWN: (_("order withdrawn or replaced"), "bad"),
}
PROBLEMS: dict[str, Any] = {
    **FIELD_PROBLEMS,
    "order_reference": _("Type the number that stands on the order, 64 letters at most."),
    "order_twice": _("An order with this number is here already: renew or replace it from the list."),
    "order_prefecture": _("Type the département’s number, for instance 41 or 2A."),
    "order_signed_later": _("The day of the signature lies in the future: look at the paper again."),
    "order_begins_before_signature": _("It cannot be in force before it was signed: correct one of the two days."),
    "order_backwards": _("The last day lies before the first one."),
    "order_over": _("This order is over already: there is nothing to put into force."),
    "order_too_long": _("An order lasts five years at most (CSI L252-4): look at the last day again."),
    "order_cameras": _("Tick the cameras that the order names."),
    "order_purposes": _("Tick the purposes that the order names."),
    "order_retention": _("The least is not above the most, and the most is one month (CSI L252-5)."),
    "order_recipient_days": _("One month at most (CSI L252-3)."),
    "order_does_nothing": _(
        "It neither authorises cameras nor names a recipient: tick this box, or fill a line below."
    ),
    "order_recipients_many": _("Twelve lines at most: name the service instead of each unit."),
    "order_recipient_force": _("Choose a service of the list."),
    "order_prefecture_unnamed": _("Agents of the prefecture are named one by one: type their service numbers."),
    "order_recipient_uses": _("Tick what this service receives: live pictures, a look back, or both."),
    "order_recipient_text": _("There are invisible characters in a line, or a name is too long: type it again."),
    "order_recipient_twice": _("Two lines name the same service and agents: make one of them."),
}
SENTENCES: dict[str, str | Promise] = {
    "order_no_draft": _("This order was confirmed or given up in the meantime."),
    "order_foreign_camera": _("It names cameras of a commune that is not yours: whoever answers for it confirms it."),
    "authorisation_withdrawn": _("This order has ended already."),
    "no_such_order": _("There is no such order."),
    "order_fields": _("This order cannot be put into force as it was typed: correct it and look at it again."),
}
_USES = {"live_view": _("live pictures"), "replay": _("a look back")}
_CHANGES: dict[tuple[str, str], Promise] = {
    ("cameras", "gain"): _("These cameras may record under it:"),
    ("cameras", "lose"): _("It no longer names these cameras:"),
    ("purposes", "gain"): _("These purposes come with it:"),
    ("purposes", "lose"): _("These purposes end:"),
    ("recipients", "gain"): _("These gain access, as far as the convention goes:"),
    ("recipients", "lose"): _("These lose access:"),
    ("retention", "change"): _("Days kept, at least – at most:"),
    ("recipient_days", "change"): _("Days that recipients may keep:"),
    ("term", "change"): _("Term:"),
}


def change_words(change: OrderChange) -> dict[str, Any]:
    """One change as its page shows it."""
    said = str(_CHANGES[change.what, change.direction])
    if change.direction == "change":
        join = " → " if change.what == "term" else " – "
        before, after = (join.join(_item(change.what, one) for one in side) for side in (change.before, change.after))
        return {"words": said, "direction": "change", "items": [f"{before} ⇒ {after}"]}
    items = change.after if change.direction == "gain" else change.before
    return {"words": said, "direction": change.direction, "items": [_item(change.what, one) for one in items]}


def _item(what: str, text: str) -> str:
    if what == "purposes":
        return str(PURPOSES.get(text, text))
    if what == "term":
        return formats.date_format(date.fromisoformat(text), "d/m/Y")
    if what == "recipients":
        force, _dot, rest = text.partition(" · ")
        rest, _dot, use = rest.rpartition(" · ") if " · " in rest else ("", "", rest)
        return " · ".join(part for part in (str(FORCES[force]), rest, str(_USES.get(use, use))) if part)
    return text


def use_words(uses: tuple[str, ...]) -> str:
    """What a recipient receives."""
    return ", ".join(str(_USES.get(one, one)) for one in uses)


def stop_words(stop: CameraStops) -> str:
    """Why a camera would stop, in the words of the rule table."""
    return rule_words.sentence(Evidence(stop.reason, False, {"camera": f"{stop.camera.number} · {stop.camera.name}"}))
