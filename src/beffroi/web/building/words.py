"""What the bell is called on screen, French and English through gettext."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from beffroi.safety.core.drills import DrillState
from beffroi.safety.core.events import Kind
from beffroi.safety.core.follow_up import MeasureState
from beffroi.safety.core.rollcall import LineState
from beffroi.safety.core.words import AlertState, Hazard, Nature, Posture, Verdict

NATURES = {Nature.REAL: _("REAL ALERT"), Nature.DRILL: _("DRILL"), Nature.TEST: _("TEST")}

HAZARDS = {
    Hazard.INTRUSION: _("Intrusion, attack"),
    Hazard.VIOLENCE_NEARBY: _("Danger nearby"),
    Hazard.BOMB_THREAT: _("Bomb threat, suspect object"),
    Hazard.EARTHQUAKE: _("Earthquake"),
    Hazard.FLOOD: _("Flood"),
    Hazard.STORM: _("Storm"),
    Hazard.TOXIC_CLOUD: _("Toxic cloud"),
    Hazard.NUCLEAR: _("Nuclear accident"),
    Hazard.DAM_FAILURE: _("Dam failure"),
    Hazard.OTHER: _("Other danger"),
}

CONTACT_FAULTS = {
    "": _("well"),
    "at_start": _("pressed already when the box started: go and see, no alert was given"),
    "held": _("stays pressed: it alerts no more until it is released"),
    "cut": _("loop open: wire cut, or button stuck in"),
    "chatter": _("bounces without end: have the wiring checked"),
    "unreachable": _("cannot be read: it will not alert"),
}
"""What a box says of its contacts (edge/contacts.py)."""

POSTURES = {
    Posture.NORMAL: _("Normal"),
    Posture.SHELTER: _("Take shelter indoors"),
    Posture.SEAL_IN: _("Seal in"),
    Posture.EVACUATE: _("Evacuate"),
    Posture.ESCAPE_OR_HIDE: _("Escape, or lock in and hide"),
    Posture.TAKE_COVER: _("Drop, cover, hold"),
    Posture.RELEASED: _("All clear"),
}

STATES = {
    AlertState.TRIGGERED: _("Raised, nobody has taken it yet"),
    AlertState.ACKNOWLEDGED: _("Taken"),
    AlertState.QUALIFIED: _("Verified"),
    AlertState.STABILISED: _("Stable"),
    AlertState.LIFT_REQUESTED: _("All-clear asked for"),
    AlertState.LIFTING: _("All-clear under way"),
    AlertState.LIFTED: _("Lifted"),
    AlertState.CANCELLED: _("Cancelled: false alarm"),
    AlertState.CLOSED: _("Closed"),
    AlertState.REVIEWED: _("Reviewed"),
}

VERDICTS = {
    Verdict.CONFIRMED: _("Real, confirmed"),
    Verdict.UNKNOWN: _("Unknown: we go on"),
    Verdict.PROBABLY_FALSE: _("Probably a false alarm: we go on"),
}

LINES = {
    LineState.NOT_RECEIVED: _("not yet received"),
    LineState.PARTIAL: _("incomplete"),
    LineState.COMPLETE: _("complete"),
    LineState.DISCREPANCY: _("discrepancy"),
    LineState.NO_NEWS: _("NO NEWS"),
}

DELIVERIES = {
    "planned": _("to be sent"),
    "handed_over": _("handed over"),
    "delivered": _("delivered"),
    "unknown": _("handed over; whether it was read is unknown"),
    "seen": _("seen"),
    "answered": _("answered"),
    "retrying": _("NOT GONE: tried again"),
    "expired": _("expired"),
}

KINDS = {
    Kind.TRIGGER: _("Alert raised"),
    Kind.ACKNOWLEDGE: _("Alert taken by the room"),
    Kind.QUALIFY: _("Verification"),
    Kind.STABILISE: _("Situation stable"),
    Kind.POSTURE: _("Posture ordered"),
    Kind.REQUEST_LIFT: _("All-clear asked for"),
    Kind.KEY: _("Key turned"),
    Kind.RELEASE: _("All clear given"),
    Kind.CLOSE: _("File closed"),
    Kind.REQUALIFY: _("Named afterwards"),
    Kind.ROLL_CALL: _("Roll-call"),
    Kind.CALL_MADE: _("Call made"),
    Kind.ORDER_RECEIVED: _("Order received"),
    Kind.NOTE: _("Note"),
    Kind.MISSION_DONE: _("Mission done"),
    Kind.SOUNDER_SILENCED: _("Sounder stopped by the on-site key"),
    Kind.SOUND_STARTED: _("Sounder started"),
    Kind.ESCALATED: _("Nobody had taken it: passed on"),
    Kind.UNHELD: _("Whoever held the alert has left duty"),
    Kind.TAKE_OVER: _("Alert taken over"),
    Kind.DURESS: _("Code typed under duress"),
    Kind.DURESS_OVER: _("Said to be safe: no duress any more"),
    Kind.INTERRUPTED: _("Interrupted by a real alert"),
}

ARRIVALS = {
    "arrival_in": _("Arrived after closing: let in"),
    "arrival_out": _("Arrived after closing: not let in"),
}
"""Notes of a kind of their own: who came to a closed gate, and what became of it."""

MEASURES = {
    MeasureState.OPEN: (_("to be done"), "warn"),
    MeasureState.LATE: (_("LATE"), "bad"),
    MeasureState.DONE: (_("done"), "good"),
}
"""With the look of their badge."""

DRILL_STATES = {
    DrillState.PLANNED: _("Planned"),
    DrillState.ANNOUNCED: _("Announced"),
    DrillState.ARMED: _("Armed: ready to begin"),
    DrillState.RUNNING: _("Under way"),
    DrillState.ENDED: _("Drill over"),
    DrillState.INTERRUPTED: _("Interrupted by a real alert"),
    DrillState.REVIEWED: _("Reviewed"),
    DrillState.SENT: _("Sent to the education authority"),
}

SENTENCES: dict[str, str | Promise] = {
    "no_such_building": _("There is no such building."),
    "no_such_alert": _("There is no such alert."),
    "no_such_plan": _("There is no such plan."),
    "no_power": _("Your function does not allow this in an alert."),
    "not_in_this_state": _("The alert is not at this point."),
    "alert_is_over": _("This alert is over."),
    "acknowledge_first": _("Take the alert first."),
    "same_person": _("You have turned your key: the second key is another person's."),
    "same_key": _("This key was turned already: the other one is missing."),
    "no_such_zone": _("There is no such zone."),
    "only_the_all_clear_releases": _("A zone is released by the all-clear only."),
    "may_only_order": _("You may order it: whoever may do it writes your order down."),
    "may_only_propose": _("You may propose it, not do it."),
    "may_only_none": _("Your function does not allow this in an alert."),
    "under_duress": _(
        "A code was typed under duress there: no key of the site counts until the chief says it is safe."
    ),
    "call_back_missing": _("Call the site back first, and write down who answered and what was said."),
    "authority_missing": _("Name the authority that orders it."),
    "only_the_real_interrupts": _("Only a real alert interrupts."),
    "code_impossible": _("The box of this building has never been heard: no code can be made for it."),
    "reference_unknown": _("The reference is the six characters that the box shows."),
    "address_refused": _("This address cannot be reached that way. Emergency numbers are dialled by people."),
    "channel_unknown": _("There is no such way."),
    "subscription_malformed": _("This is not a browser's subscription."),
    "alert_is_active": _("The alert is still going on."),
    "plan_blocked": _("This plan cannot take effect yet: see what is wrong with it."),
    "plan_format": _("This is not a safety plan of a form we know."),
    "no_such_drill": _("There is no such drill."),
    "drill_too_near": _("A drill is planned a day ahead at least."),
    "drill_too_long": _("This window is longer than eight hours."),
    "nobody_told": _("Say who was told."),
    "real_alert_running": _("A real alert is going on in this building."),
    "drill_not_in_this_state": _("The drill is not at this point."),
    "drill_outside_the_window": _("Keys are turned inside the window only."),
    "drill_shift_change": _("Not within a quarter of an hour of a change of shift."),
    "drill_no_power": _("Your function does not arm drills."),
    "drill_same_person": _("You have turned your key: the second key is another person's."),
    "drill_same_key": _("This key was turned already: the other one is missing."),
    "drill_not_armed": _("The drill is not armed, or its window has passed."),
    "no_such_measure": _("There is no such action."),
    "owner_unknown": _("This person does not see the building."),
    "owner_missing": _("Say what is to be done, and whose it is."),
    "done_already": _("Somebody said already that it is done."),
    "edge_unknown": _("This box is not one of ours."),
    "edge_exists": _("This building has a box already."),
    "key_malformed": _("This is not a public key."),
}

FINDINGS = {
    "no_safety_zone": _("no safety zone"),
    "unknown_zone": _("a zone that is not in the plan"),
    "unknown_room": _("a room that is not in the plan"),
    "named_twice": _("named twice"),
    "size_unknown": _("size unknown"),
    "over_capacity": _("more people than the zone holds"),
    "ends_before_it_starts": _("ends before it starts"),
    "not_validated_by_edu_authority": _("not validated by the education authority"),
    "not_validated_by_commune": _("not validated by the commune"),
    "not_validated_by_security": _("not validated by the security staff"),
    "nobody_holds_head": _("nobody is responsible"),
    "nobody_holds_crisis_cell": _("nobody holds the crisis cell"),
    "nobody_holds_zone_lead": _("nobody leads the zones"),
    "nobody_holds_responder_reception": _("nobody receives the rescuers"),
    "nobody_holds_cut_offs": _("nobody closes the cut-offs"),
    "nobody_holds_phone_line": _("nobody holds the telephone"),
}

DUES = {
    "drill_autumn": _("First drill of the year (September–October)"),
    "drill_before_winter_holidays": _("Second drill (before the winter holidays)"),
    "plan_transmission": _("Plan sent to forces and rescue (15 July)"),
    "plan_validity": _("End of the plan’s validity: another version in force"),
}

MISSIONS = {
    "head": _("Responsible"),
    "crisis_cell": _("Crisis cell"),
    "zone_lead": _("Zone lead"),
    "responder_reception": _("Reception of rescuers"),
    "cut_offs": _("Cut-offs"),
    "phone_line": _("Telephone line"),
}

ROLES = {**MISSIONS, "teacher": _("Teachers"), "head": _("Head")}
"""Who has steps in a plan; a role of the commune's own is called as the plan calls it."""
