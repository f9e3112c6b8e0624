"""How often each trigger was wrong (F4): too many small alarms dull the great one; one loose contact makes them. Pure.

Only alerts that are over and real count: a drill is none, and of what goes on nobody knows yet what it was.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from beffroi.safety.core.alerts import Alert
from beffroi.safety.core.authority import Act
from beffroi.safety.core.words import AlertState, Nature

FALSE = frozenset({"false_alarm", "unannounced_test"})
"""What an alert may be said to have been, afterwards, that makes it none."""


@dataclass(frozen=True, slots=True)
class TriggerCount:
    """A trigger, how many alerts it opened, and how many of them were none."""

    device: str
    raised: int
    false: int


def was_false(alert: Alert) -> bool:
    """Whether it was called off as a false alarm, or said afterwards to have been none."""
    called_off = alert.keys_for is Act.CANCEL and alert.state in (AlertState.CANCELLED, AlertState.CLOSED)
    return called_off or alert.requalified in FALSE


def by_trigger(alerts: Iterable[Alert]) -> list[TriggerCount]:
    """The triggers that opened real alerts which are over, the most often wrong first."""
    raised: Counter[str] = Counter()
    false: Counter[str] = Counter()
    for alert in alerts:
        if alert.nature is not Nature.REAL or alert.active or alert.quiet or not alert.triggers:
            continue
        device = alert.triggers[0].device
        raised[device] += 1
        false[device] += was_false(alert)
    counts = [TriggerCount(device, raised[device], false[device]) for device in raised]
    return sorted(counts, key=lambda one: (-one.false, -one.raised, one.device))
