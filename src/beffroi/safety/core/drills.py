"""A drill: planned, announced, armed by two persons inside a window, run, interrupted by the real, reviewed (I8)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from beffroi.kernel.outcome import Refused
from beffroi.kernel.spans import Span
from beffroi.safety.core.authority import Act, may_turn_key, power
from beffroi.safety.core.words import Hazard, Party

SHIFT_CHANGE_MARGIN = timedelta(minutes=15)


class DrillState(StrEnum):
    """The life of a drill (ppms.md §5.2)."""

    PLANNED = "planned"
    ANNOUNCED = "announced"
    ARMED = "armed"
    RUNNING = "running"
    ENDED = "ended"
    INTERRUPTED = "interrupted"
    REVIEWED = "reviewed"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class Drill:
    """One drill and who has armed it."""

    id: str
    site: str
    hazard: Hazard
    window: Span
    state: DrillState = DrillState.PLANNED
    armed_by: tuple[tuple[str, Party], ...] = ()
    alert: str = ""


def announce(drill: Drill) -> Drill | Refused:
    """Mayor, forces and call centre have been told, parents too."""
    if drill.state is not DrillState.PLANNED:
        return Refused("not_in_this_state")
    return replace(drill, state=DrillState.ANNOUNCED)


def arm(drill: Drill, *, person: str, party: Party, now: datetime, shift_changes: list[datetime]) -> Drill | Refused:
    """Turn one of the two keys. Only inside the window, away from a change of shift, by two persons of two parties."""
    if drill.state is not DrillState.ANNOUNCED:
        return Refused("not_in_this_state")
    if now not in drill.window:
        return Refused("outside_the_window")
    if any(abs(change - now) < SHIFT_CHANGE_MARGIN for change in shift_changes):
        return Refused("shift_change")
    if not may_turn_key(party, Act.ARM_DRILL):
        return Refused("no_power")
    if any(person == other for other, _ in drill.armed_by):
        return Refused("same_person")
    if any(power(party, Act.ARM_DRILL) is power(other, Act.ARM_DRILL) for _, other in drill.armed_by):
        return Refused("same_key")
    armed = (*drill.armed_by, (person, party))
    return replace(drill, armed_by=armed, state=DrillState.ARMED if len(armed) == 2 else drill.state)


def disarmed_by_time(drill: Drill, *, now: datetime) -> Drill:
    """Arming dies with the window: after it a button is real again."""
    if drill.state in (DrillState.ANNOUNCED, DrillState.ARMED) and now >= drill.window.end:
        return replace(drill, state=DrillState.PLANNED, armed_by=(), alert="")
    return drill


def start(drill: Drill, *, alert: str, now: datetime) -> Drill | Refused:
    """The armed drill begins, with the alert (of nature *exercice*) that carries it."""
    if drill.state is not DrillState.ARMED or now not in drill.window:
        return Refused("not_armed")
    return replace(drill, state=DrillState.RUNNING, alert=alert)


def interrupt(drill: Drill) -> Drill | Refused:
    """A real alert on the same site ends the drill at once."""
    if drill.state not in (DrillState.ARMED, DrillState.RUNNING):
        return Refused("not_in_this_state")
    return replace(drill, state=DrillState.INTERRUPTED)


def end(drill: Drill) -> Drill | Refused:
    """The drill is over."""
    if drill.state is not DrillState.RUNNING:
        return Refused("not_in_this_state")
    return replace(drill, state=DrillState.ENDED)
