"""The alert: a fold of facts. ``decide`` says yes or no to a wish, ``evolve`` applies what happened, nothing else does.

The alert is rebuilt from its facts at any time, so a restart changes no state (ppms.md §5.4, I11). What a refusal
means to the person who asked stands in its ``reason``; a real alert is never refused at the trigger.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from beffroi.kernel.outcome import Refused
from beffroi.safety.core.authority import Act, may_do_alone, may_turn_key, power
from beffroi.safety.core.words import ACTIVE, AlertState, Hazard, Nature, Party, Posture, Power, Verdict

ALL_ZONES = "*"


@dataclass(frozen=True, slots=True)
class Who:
    """A person as the alert knows her: identity, and in which party she acts. ``authority`` names who ordered it."""

    person: str
    party: Party
    authority: str = ""


@dataclass(frozen=True, slots=True)
class Trigger:
    """One press, contact or order. ``(device, boot, sequence)`` makes it unique: a repeated one changes nothing."""

    device: str
    boot: str
    sequence: int
    nature: Nature
    hazard: Hazard
    place: str
    at: datetime  # edge time

    @property
    def key(self) -> tuple[str, str, int]:
        return (self.device, self.boot, self.sequence)


@dataclass(frozen=True, slots=True)
class PostureOrder:
    """A posture in a zone, since when and by whose order: history, not a field."""

    zone: str
    posture: Posture
    since: datetime
    by: Who


@dataclass(frozen=True, slots=True)
class Alert:
    """All that is known of one alert. ``nature`` has no writer after birth (I8)."""

    id: str
    nature: Nature
    site: str
    hazard: Hazard
    opened_at: datetime
    zones: tuple[str, ...]
    state: AlertState = AlertState.TRIGGERED
    triggers: tuple[Trigger, ...] = ()
    postures: tuple[PostureOrder, ...] = ()
    acknowledged_by: str = ""
    verdict: Verdict | None = None
    keys: tuple[Who, ...] = ()
    keys_for: Act | None = None
    released: frozenset[str] = frozenset()
    follows: str = ""  # the alert this one re-opens, or interrupts when that one was a drill
    ended_at: datetime | None = None
    requalified: str = ""
    duress: bool = False  # a code of duress was typed on site: what is asked from there counts for nothing
    interrupted_by: str = ""  # of a drill: the real alert that ended it
    quiet: bool = False  # a code of duress was typed while nothing went on: the building neither hears nor shows it

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    @property
    def secret(self) -> bool:
        """Whether only the commune's police may know of it: whoever forces somebody on site must not."""
        return self.quiet and self.duress

    @property
    def untaken(self) -> bool:
        """Whether nobody of the room holds it: every console rings."""
        return self.active and not self.acknowledged_by

    def posture_of(self, zone: str) -> Posture:
        """The posture in force in ``zone`` now."""
        if zone in self.released:
            return Posture.RELEASED
        for order in reversed(self.postures):
            if order.zone in (zone, ALL_ZONES):
                return order.posture
        return Posture.NORMAL


def open_alert(
    trigger: Trigger,
    *,
    alert_id: str,
    site: str,
    zones: tuple[str, ...],
    posture: Posture,
    follows: str = "",
    quiet: bool = False,
) -> Alert:
    """A new alert from its first trigger. The identifier must carry the nature (``ValueError`` otherwise)."""
    if not alert_id.startswith(f"{trigger.nature.prefix}-"):
        raise ValueError(f"{alert_id!r} does not say that this alert is {trigger.nature.value}")
    by = Who(person=f"device:{trigger.device}", party=Party.ANYONE)
    order = PostureOrder(ALL_ZONES, posture, trigger.at, by)
    return Alert(
        id=alert_id,
        nature=trigger.nature,
        site=site,
        hazard=trigger.hazard,
        opened_at=trigger.at,
        zones=zones,
        triggers=(trigger,),
        postures=(order,),
        follows=follows,
        duress=quiet,
        quiet=quiet,
    )


def join(alert: Alert, trigger: Trigger) -> Alert | Refused:
    """The alert with one more trigger. One that is already in it changes nothing; another nature never joins."""
    if trigger.nature is not alert.nature:
        return Refused("another_nature")
    if any(known.key == trigger.key for known in alert.triggers):
        return alert
    if not alert.active:
        return Refused("alert_is_over")
    return replace(alert, triggers=(*alert.triggers, trigger))


def acknowledge(alert: Alert, who: Who) -> Alert | Refused:
    """Someone of the room has taken the alert, by name. A second one changes nothing; one whose holder has left is
    taken where it stands."""
    if not alert.active:
        return Refused("alert_is_over")
    if alert.state is not AlertState.TRIGGERED:
        return alert if alert.acknowledged_by else replace(alert, acknowledged_by=who.person)
    return replace(alert, state=AlertState.ACKNOWLEDGED, acknowledged_by=who.person)


def take_over(alert: Alert, who: Who) -> Alert | Refused:
    """Hand-over while the alert goes on: another person of the room holds it from here. Nothing else moves."""
    if not alert.active:
        return Refused("alert_is_over")
    if alert.state is AlertState.TRIGGERED:
        return Refused("acknowledge_first")
    return replace(alert, acknowledged_by=who.person)


def left_alone(alert: Alert, person: str) -> Alert | Refused:
    """Whoever held the alert has left duty: it is nobody's until somebody takes it. What is ordered stays ordered."""
    if not alert.active or alert.acknowledged_by != person:
        return Refused("not_in_this_state")
    return replace(alert, acknowledged_by="")


def qualify(alert: Alert, verdict: Verdict) -> Alert | Refused:
    """What the verification found; the alarm goes on whatever it says."""
    if not alert.active:
        return Refused("alert_is_over")
    state = AlertState.QUALIFIED if alert.state is AlertState.ACKNOWLEDGED else alert.state
    if alert.state is AlertState.TRIGGERED:
        return Refused("acknowledge_first")
    return replace(alert, verdict=verdict, state=state)


def stabilise(alert: Alert) -> Alert | Refused:
    """The situation holds: forces on site, roll-call under way."""
    if alert.state not in (AlertState.ACKNOWLEDGED, AlertState.QUALIFIED):
        return Refused("not_in_this_state")
    return replace(alert, state=AlertState.STABILISED)


def order_posture(alert: Alert, *, zone: str, posture: Posture, who: Who, at: datetime) -> Alert | Refused:
    """A posture for one zone or all. Who may only order or propose acts through somebody who may do it."""
    if not alert.active:
        return Refused("alert_is_over")
    if zone != ALL_ZONES and zone not in alert.zones:
        return Refused("no_such_zone")
    if posture in (Posture.RELEASED, Posture.NORMAL):
        return Refused("only_the_all_clear_releases")
    if not may_do_alone(who.party, Act.CHANGE_POSTURE):
        return Refused(f"may_only_{power(who.party, Act.CHANGE_POSTURE).value}")
    freed = frozenset() if zone == ALL_ZONES else alert.released - {zone}
    return replace(alert, postures=(*alert.postures, PostureOrder(zone, posture, at, who)), released=freed)


def request_lift(alert: Alert, who: Who) -> Alert | Refused:
    """Ask for the end. It ends nothing."""
    if not alert.active or alert.state in (AlertState.TRIGGERED, AlertState.LIFTING):
        return Refused("not_in_this_state")
    if not may_do_alone(who.party, Act.REQUEST_LIFT):
        return Refused("no_power")
    if alert.duress and who.party is Party.HEAD:
        return Refused("under_duress")
    return replace(alert, state=AlertState.LIFT_REQUESTED, keys=(), keys_for=Act.LIFT)


def under_duress(alert: Alert) -> Alert | Refused:
    """Somebody on site was forced to type a code. The alert goes on, is nobody's until the room takes it again, and
    no key turned on site counts until the chief says that the site is safe."""
    if not alert.active:
        return Refused("alert_is_over")
    return replace(alert, duress=True, acknowledged_by="")


def duress_over(alert: Alert, who: Who) -> Alert | Refused:
    """The chief says, on whose word, that nobody is forced any more."""
    if not alert.active or not alert.duress:
        return Refused("not_in_this_state")
    if power(who.party, Act.LIFT) is not Power.SECOND_KEY:
        return Refused("no_power")
    return Refused("authority_missing") if not who.authority else replace(alert, duress=False)


def interrupt(alert: Alert, *, by: str, at: datetime) -> Alert | Refused:
    """A real alert in the same building ends a drill or a test at once. Nothing interrupts the real."""
    if not alert.active:
        return Refused("alert_is_over")
    if alert.nature is Nature.REAL or not by.startswith(f"{Nature.REAL.prefix}-"):
        return Refused("only_the_real_interrupts")
    return replace(alert, state=AlertState.LIFTED, ended_at=at, interrupted_by=by)


def turn_key(
    alert: Alert, who: Who, act: Act, *, at: datetime | None = None, called_back: bool = False
) -> Alert | Refused:
    """One of the two keys of the all-clear or of a cancellation (I7 of ppms.md): two persons, two parties, and for a
    real all-clear the name of the authority that ordered it."""
    refusal = _key_refusal(alert, who, act, called_back=called_back)
    if refusal:
        return Refused(refusal)
    keys = (*alert.keys, who) if alert.keys_for is act else (who,)
    if len(keys) < 2:
        return replace(alert, keys=keys, keys_for=act)
    if act is Act.CANCEL:
        return replace(alert, keys=keys, keys_for=act, state=AlertState.CANCELLED, ended_at=at)
    return replace(alert, keys=keys, keys_for=act, state=AlertState.LIFTING)


def _key_refusal(alert: Alert, who: Who, act: Act, *, called_back: bool) -> str:
    needed = {
        Act.LIFT: (AlertState.LIFT_REQUESTED,),
        Act.CANCEL: (AlertState.TRIGGERED, AlertState.ACKNOWLEDGED, AlertState.QUALIFIED),
    }.get(act, ())
    if alert.state not in needed:
        return "not_in_this_state"
    if not may_turn_key(who.party, act):
        return "no_power"
    turned = alert.keys if alert.keys_for is act else ()
    if alert.duress and who.party is Party.HEAD:
        return "under_duress"
    if any(key.person == who.person for key in turned):
        return "same_person"
    if any(power(key.party, act) is power(who.party, act) for key in turned):
        return "same_key"
    named = bool(who.authority) or any(key.authority for key in turned)
    if act is Act.LIFT and alert.nature is Nature.REAL and turned and not named:
        return "authority_missing"
    second = power(who.party, act) is Power.SECOND_KEY
    if act is Act.CANCEL and alert.nature is Nature.REAL and second and not called_back:
        return "call_back_missing"
    return ""


def release(alert: Alert, *, zone: str, at: datetime) -> Alert | Refused:
    """The all-clear reaches a zone; when it has reached them all the alert is lifted."""
    if alert.state is not AlertState.LIFTING:
        return Refused("not_in_this_state")
    if zone != ALL_ZONES and zone not in alert.zones:
        return Refused("no_such_zone")
    released = frozenset(alert.zones) if zone == ALL_ZONES else alert.released | {zone}
    if released >= frozenset(alert.zones):
        return replace(alert, released=released, state=AlertState.LIFTED, ended_at=at)
    return replace(alert, released=released)


def close(alert: Alert, *, at: datetime) -> Alert | Refused:
    """Close the file of an alert that was lifted or cancelled."""
    if alert.state not in (AlertState.LIFTED, AlertState.CANCELLED):
        return Refused("not_in_this_state")
    return replace(alert, state=AlertState.CLOSED, ended_at=alert.ended_at or at)


def requalify(alert: Alert, what: str) -> Alert | Refused:
    """Say afterwards what it was (``false_alarm``, ``unannounced_test``). A new fact: the nature stays."""
    if alert.active:
        return Refused("alert_is_active")
    return replace(alert, requalified=what)


def most_severe_first(alerts: list[Alert]) -> list[Alert]:
    """All active alerts, real before drill, threats before the rest, oldest first: none hides another (I12)."""
    threat = (Hazard.INTRUSION, Hazard.VIOLENCE_NEARBY, Hazard.BOMB_THREAT)
    order = {Nature.REAL: 0, Nature.DRILL: 1, Nature.TEST: 2}
    active = [alert for alert in alerts if alert.active]
    return sorted(active, key=lambda a: (order[a.nature], a.hazard not in threat, a.opened_at, a.id))


def keys_missing(alert: Alert) -> tuple[Power, ...]:
    """Which keys are still to be turned, for the page that asks for them."""
    if alert.state is not AlertState.LIFT_REQUESTED:
        return ()
    turned = {power(key.party, Act.LIFT) for key in alert.keys if alert.keys_for is Act.LIFT}
    return tuple(key for key in (Power.FIRST_KEY, Power.SECOND_KEY) if key not in turned)
