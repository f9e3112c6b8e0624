"""An alert of ours as one CAP 1.2 message, in French and in English (research/ppms.md §8).

The same alert in the same state gives the same message: the first one bears the alert's own identifier, every later
one names it. Only orders and the verification count: a message says nothing of what the log keeps from some readers.
"""

from datetime import datetime

from beffroi.safety.core import cap
from beffroi.safety.core.alerts import ALL_ZONES, Alert
from beffroi.safety.core.events import AlertFile, Event, Kind
from beffroi.safety.core.notices import framed
from beffroi.safety.core.telling import HAZARD_WORDS, NATURE_WORDS, POSTURE_WORDS
from beffroi.safety.core.words import Nature, Posture, Verdict

LANGUAGES = {"fr": "fr-FR", "en": "en-GB"}
CERTAINTY = {Verdict.CONFIRMED: "Observed", Verdict.UNKNOWN: "Possible", Verdict.PROBABLY_FALSE: "Unlikely"}
TOLD = (Kind.QUALIFY, Kind.POSTURE, Kind.RELEASE)
RESTRICTION = {"fr": "Forces et secours", "en": "Forces and rescue"}


def message_of(file: AlertFile, *, building: str, zones: dict[str, str], sender: str) -> cap.Message:
    """What the alert says now: ``Alert`` as raised, ``Update`` once more was ordered or found, ``Cancel`` once it is
    over. ``zones`` are the names of the plan's zones by id."""
    alert = file.alert
    orders = [one.event for one in file.log if not one.without_effect and one.event.kind in TOLD]
    kind = _kind(alert, orders)
    first = kind is cap.MessageType.ALERT
    return cap.Message(
        identifier=alert.id if first else f"{alert.id}.{len(orders)}{'' if alert.active else '.end'}",
        sender=sender,
        sent=_sent(alert, orders),
        status=cap.STATUS_OF[alert.nature],
        message_type=kind,
        scope="Restricted",
        restriction=" / ".join(RESTRICTION.values()),
        references="" if first else f"{sender},{alert.id},{cap.stamp(alert.opened_at)}",
        note="" if alert.nature is Nature.REAL else " / ".join(words[alert.nature] for words in NATURE_WORDS.values()),
        infos=tuple(
            _info(alert, posture, areas, language, building)
            for posture, areas in _areas(alert, building, zones)
            for language in LANGUAGES
        ),
    )


def _kind(alert: Alert, orders: list[Event]) -> cap.MessageType:
    if not alert.active:
        return cap.MessageType.CANCEL
    return cap.MessageType.UPDATE if orders else cap.MessageType.ALERT


def _sent(alert: Alert, orders: list[Event]) -> datetime:
    if alert.ended_at is not None:
        return alert.ended_at
    return orders[-1].at if orders else alert.opened_at


def _areas(alert: Alert, building: str, zones: dict[str, str]) -> list[tuple[Posture, tuple[str, ...]]]:
    """What is ordered where: the whole building at once where it is the same everywhere."""
    if not alert.active:
        return [(Posture.RELEASED, (building,))]
    found: dict[Posture, list[str]] = {}
    for zone in alert.zones:
        if zone != ALL_ZONES:
            found.setdefault(alert.posture_of(zone), []).append(f"{building}, {zones.get(zone, zone)}")
    if len(found) < 2:
        return [(next(iter(found), alert.posture_of(ALL_ZONES)), (building,))]
    return [(posture, tuple(names)) for posture, names in found.items()]


def _info(alert: Alert, posture: Posture, areas: tuple[str, ...], language: str, building: str) -> cap.Info:
    hazard, order = HAZARD_WORDS[language][alert.hazard], POSTURE_WORDS[language][posture]
    said = "" if alert.nature is Nature.REAL else f"{NATURE_WORDS[language][alert.nature]} - "
    return cap.Info(
        language=LANGUAGES[language],
        event=f"{said}{hazard}",
        category=cap.CATEGORY_OF[alert.hazard],
        response=cap.RESPONSE_OF[posture],
        urgency="Immediate" if alert.active else "Past",
        severity="Severe" if alert.active else "Minor",
        certainty=CERTAINTY[alert.verdict or Verdict.UNKNOWN],
        headline=framed(f"{said}{building} - {hazard} - {order}", alert.nature),
        instruction=framed(f"{said}{order}.", alert.nature),
        areas=tuple(cap.Area(name) for name in areas),
    )
