"""What happened, as numbered facts that edge and centre exchange; the state of every alert is their fold.

Each place (an edge, the centre) numbers its own events: ``(origin, boot, sequence)``. Places hand each other what
the other lacks, in any order, as often as they like; the fold sorts before it applies, so two places with the same
set of events are in the same state (ppms.md §5.4, I9, I11). The order is a hybrid logical clock (Kulkarni et al.,
2014): the origin's wall time, but never before anything the origin had already seen, so that clocks an hour apart
cannot put an all-clear before its alarm. An event that no longer fits when it is folded changes nothing but stays in
the log, marked *without effect*: nothing is lost.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import from_us, iso, parse_utc, to_us
from beffroi.kernel.errors import Invalid
from beffroi.kernel.outcome import Refused
from beffroi.safety.core import alerts
from beffroi.safety.core.alerts import Alert, Trigger, Who
from beffroi.safety.core.authority import Act
from beffroi.safety.core.rollcall import Answer
from beffroi.safety.core.words import Hazard, Nature, Party, Posture, Verdict

MAX_TEXT = 2_000


class Kind(StrEnum):
    """What can happen to an alert."""

    TRIGGER = "trigger"
    ACKNOWLEDGE = "acknowledge"
    QUALIFY = "qualify"
    STABILISE = "stabilise"
    POSTURE = "posture"
    REQUEST_LIFT = "request_lift"
    KEY = "key"
    RELEASE = "release"
    CLOSE = "close"
    REQUALIFY = "requalify"
    ROLL_CALL = "roll_call"
    CALL_MADE = "call_made"
    ORDER_RECEIVED = "order_received"
    NOTE = "note"
    MISSION_DONE = "mission_done"
    SOUNDER_SILENCED = "sounder_silenced"
    SOUND_STARTED = "sound_started"
    ESCALATED = "escalated"
    UNHELD = "unheld"
    TAKE_OVER = "take_over"
    DURESS = "duress"
    DURESS_OVER = "duress_over"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Event:
    """One fact. ``alert`` begins with its nature; ``body`` holds only JSON values."""

    origin: str
    boot: str
    sequence: int
    alert: str
    kind: Kind
    at_us: int  # origin's wall clock, as shown
    order_us: int  # hybrid logical clock, as sorted: see ``next_order``
    body: Mapping[str, Json] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str, int]:
        return (self.origin, self.boot, self.sequence)

    @property
    def order(self) -> tuple[int, str, str, int]:
        return (self.order_us, *self.key)

    @property
    def at(self) -> datetime:
        return from_us(self.at_us)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event as the log shows it: with or without effect, and why not."""

    event: Event
    without_effect: str = ""


@dataclass(slots=True)
class AlertFile:
    """Everything about one alert: its state, its roll-call and its log."""

    alert: Alert
    answers: list[Answer] = field(default_factory=list)
    log: list[LogLine] = field(default_factory=list)
    silenced_at: datetime | None = None
    sound_started_at: datetime | None = None
    calls: list[Event] = field(default_factory=list)
    codes: set[int] = field(default_factory=set)  # numbers of telephone codes that were used
    missions_done: set[str] = field(default_factory=set)
    rung: int = 1  # the furthest rung of persons that is to be told
    rung_now: int = 1  # the same, counted since the alert was last without holder


def next_order(now_us: int, seen_us: int) -> int:
    """The order of a new event: wall time, or just after the latest event its origin has seen, whichever is later."""
    return max(now_us, seen_us + 1)


def fold(events: Iterable[Event]) -> dict[str, AlertFile]:
    """The file of every alert, from any set of events in any order; repeated events count once."""
    files: dict[str, AlertFile] = {}
    early: dict[str, list[Event]] = {}  # came before the trigger they belong to: applied right after it
    unique = {event.key: event for event in events}
    for event in sorted(unique.values(), key=lambda one: one.order):
        if event.alert in files:
            _apply(files[event.alert], event)
        elif event.kind is Kind.TRIGGER:
            files[event.alert] = AlertFile(_opened(event), log=[LogLine(event)])
            for waiting in early.pop(event.alert, []):
                _apply(files[event.alert], waiting)
        else:
            early.setdefault(event.alert, []).append(event)
    return files


def extend(file: AlertFile | None, event: Event) -> bool:
    """Apply one event to a file in place, if it comes after all that is in it; ``False`` asks for a new fold."""
    if file is None or any(line.event.key == event.key for line in file.log[-1:]):
        return False
    if event.order <= max(line.event.order for line in file.log[-2:]):
        return False
    _apply(file, event)
    return True


def _apply(file: AlertFile, event: Event) -> None:
    after = _after(file.alert, event)
    if isinstance(after, Refused):
        file.log.append(LogLine(event, after.reason))
        return
    file.alert = after
    file.log.append(LogLine(event))
    _note_aside(file, event)


def _opened(event: Event) -> Alert:
    body = event.body
    trigger = trigger_of(event)
    return alerts.open_alert(
        trigger,
        alert_id=event.alert,
        site=str(body["site"]),
        zones=tuple(str(zone) for zone in _list(body, "zones")),
        posture=Posture(str(body["posture"])),
        follows=str(body.get("follows", "")),
        quiet=body.get("quiet") is True,
    )


def trigger_of(event: Event) -> Trigger:
    """The trigger that a ``trigger`` event carries."""
    body = event.body
    return Trigger(
        device=str(body["device"]),
        boot=event.boot,
        sequence=event.sequence,
        nature=nature_of(event.alert),
        hazard=Hazard(str(body["hazard"])),
        place=str(body.get("place", "")),
        at=event.at,
    )


def nature_of(alert_id: str) -> Nature:
    """The nature an identifier carries (I8); ``ValueError`` when it carries none."""
    for nature in Nature:
        if alert_id.startswith(f"{nature.prefix}-"):
            return nature
    raise ValueError(f"{alert_id[:40]!r} does not say whether it is real")


def who_of(body: Mapping[str, Json]) -> Who:
    """Who acted, as an event's body says it."""
    return Who(str(body["person"]), Party(str(body["party"])), str(body.get("authority", "")))


def _list(body: Mapping[str, Json], name: str) -> list[Any]:
    value = body.get(name, [])
    return list(value) if isinstance(value, list | tuple) else []


def _after(alert: Alert, event: Event) -> Alert | Refused:
    change = _CHANGES.get(event.kind)
    return change(alert, event) if change else alert


def _posture(alert: Alert, event: Event) -> Alert | Refused:
    body = event.body
    posture = Posture(str(body["posture"]))
    return alerts.order_posture(alert, zone=str(body["zone"]), posture=posture, who=who_of(body), at=event.at)


def _key(alert: Alert, event: Event) -> Alert | Refused:
    # A code read out on the telephone is a call back by itself: the two spoke to each other.
    called_back = bool(event.body.get("call_back") or event.body.get("code"))
    act = Act(str(event.body["act"]))
    return alerts.turn_key(alert, who_of(event.body), act, at=event.at, called_back=called_back)


_CHANGES: dict[Kind, Callable[[Alert, Event], Alert | Refused]] = {
    Kind.TRIGGER: lambda alert, event: alerts.join(alert, trigger_of(event)),
    Kind.ACKNOWLEDGE: lambda alert, event: alerts.acknowledge(alert, who_of(event.body)),
    Kind.QUALIFY: lambda alert, event: alerts.qualify(alert, Verdict(str(event.body["verdict"]))),
    Kind.TAKE_OVER: lambda alert, event: alerts.take_over(alert, who_of(event.body)),
    Kind.UNHELD: lambda alert, event: alerts.left_alone(alert, str(event.body["person"])),
    Kind.STABILISE: lambda alert, _: alerts.stabilise(alert),
    Kind.POSTURE: _posture,
    Kind.REQUEST_LIFT: lambda alert, event: alerts.request_lift(alert, who_of(event.body)),
    Kind.KEY: lambda alert, event: _key(alert, event),
    Kind.DURESS: lambda alert, _: alerts.under_duress(alert),
    Kind.DURESS_OVER: lambda alert, event: alerts.duress_over(alert, who_of(event.body)),
    Kind.INTERRUPTED: lambda alert, event: alerts.interrupt(alert, by=str(event.body["by_alert"]), at=event.at),
    Kind.RELEASE: lambda alert, event: alerts.release(alert, zone=str(event.body["zone"]), at=event.at),
    Kind.CLOSE: lambda alert, event: alerts.close(alert, at=event.at),
    Kind.REQUALIFY: lambda alert, event: alerts.requalify(alert, str(event.body["what"])),
}


def _note_aside(file: AlertFile, event: Event) -> None:
    body = event.body
    if "code" in body:
        file.codes.add(_count(body, "code"))
    if event.kind is Kind.ROLL_CALL:
        file.answers.append(answer_of(event))
    elif event.kind is Kind.SOUNDER_SILENCED:
        file.silenced_at = file.silenced_at or event.at
    elif event.kind is Kind.DURESS:
        file.rung_now = 1
        if body.get("silenced"):
            file.silenced_at = file.silenced_at or event.at
    elif event.kind is Kind.SOUND_STARTED:
        file.sound_started_at = file.sound_started_at or event.at
    elif event.kind is Kind.CALL_MADE:
        file.calls.append(event)
    elif event.kind is Kind.MISSION_DONE:
        file.missions_done.add(str(body["mission"]))
    elif event.kind is Kind.UNHELD:
        file.rung_now = 1
    elif event.kind is Kind.ESCALATED:
        file.rung_now = _count(body, "rung")
        file.rung = max(file.rung, file.rung_now)


def answer_of(event: Event) -> Answer:
    """The roll-call answer an event carries."""
    body = event.body
    return Answer(
        group=str(body["group"]),
        zone=str(body.get("zone", "")),
        present=_count(body, "present"),
        missing=_count(body, "missing"),
        injured=_count(body, "injured"),
        left=_count(body, "left"),
        at=event.at,
        by=str(body.get("by", "")),
    )


def _count(body: Mapping[str, Json], name: str) -> int:
    value = body.get(name, 0)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 999 else 0


def to_json(event: Event) -> dict[str, Json]:
    """The event as it travels and as it is signed."""
    return {
        "v": 1,
        "origin": event.origin,
        "boot": event.boot,
        "sequence": event.sequence,
        "alert": event.alert,
        "kind": event.kind.value,
        "at": iso(event.at),
        "order_us": event.order_us,
        "body": dict(event.body),
    }


_REQUIRED: dict[Kind, dict[str, Callable[[Any], object]]] = {
    Kind.TRIGGER: {"device": str, "hazard": Hazard, "site": str, "posture": Posture},
    Kind.ACKNOWLEDGE: {"person": str, "party": Party},
    Kind.QUALIFY: {"verdict": Verdict},
    Kind.POSTURE: {"person": str, "party": Party, "zone": str, "posture": Posture},
    Kind.REQUEST_LIFT: {"person": str, "party": Party},
    Kind.KEY: {"person": str, "party": Party, "act": Act},
    Kind.RELEASE: {"zone": str},
    Kind.REQUALIFY: {"what": str},
    Kind.ROLL_CALL: {"group": str},
    Kind.MISSION_DONE: {"mission": str},
    Kind.ESCALATED: {"rung": int},
    Kind.UNHELD: {"person": str},
    Kind.TAKE_OVER: {"person": str, "party": Party},
    Kind.DURESS_OVER: {"person": str, "party": Party},
    Kind.INTERRUPTED: {"by_alert": str},
}


def from_json(data: Mapping[str, Any]) -> Event:
    """Read an event from a partner. Raises ``Invalid`` naming the field: what would break the fold never enters."""
    try:
        event = Event(
            origin=_word(data["origin"]),
            boot=_word(data["boot"]),
            sequence=int(data["sequence"]),
            alert=_word(data["alert"]),
            kind=Kind(data["kind"]),
            at_us=_instant(data["at"]),
            order_us=int(data["order_us"]),
            body=dict(data.get("body", {})),
        )
        nature_of(event.alert)
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid(f"This is not an event of the bell: {error}", code="event_malformed") from error
    for name, kind in _REQUIRED.get(event.kind, {}).items():
        try:
            kind(event.body[name])
        except (KeyError, TypeError, ValueError) as error:
            raise Invalid(f"The event lacks a usable {name!r}.", code="event_malformed") from error
    if any(isinstance(value, str) and len(value) > MAX_TEXT for value in event.body.values()):
        raise Invalid("The event holds a text that is too long.", code="event_malformed")
    return event


def _word(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 80 or not value.isprintable():
        raise ValueError("a short printable name is wanted")
    return value


def _instant(value: object) -> int:
    return to_us(parse_utc(str(value)))
