"""What an alert does to pictures: a real one opens its cameras under the convention and shuts them (G6, I8).

A drill or a test stops here: it has no way to ``governance``, and the table there would refuse it.
"""

from datetime import datetime

from beffroi.audit.core.facts import Actor
from beffroi.governance.actions import alert_access
from beffroi.governance.actions.alert_access import RealAlert
from beffroi.governance.core.alert_access import hard_stop
from beffroi.governance.queries.access import GrantFacts
from beffroi.media.core.tickets import Mode
from beffroi.people.core.facts import PersonFacts
from beffroi.safety import queries
from beffroi.safety.core.authority import Act
from beffroi.safety.core.events import AlertFile
from beffroi.safety.core.words import Nature
from beffroi.safety.queries import BuildingFacts


def follow_pictures(file: AlertFile, building: BuildingFacts, *, now: datetime) -> bool:
    """Open what the convention opens, set the hard stop when the alert has ended; whether anything changed."""
    alert = file.alert
    if alert.nature is not Nature.REAL or not building.cameras:
        return False
    ended_at = None if alert.active else alert.ended_at or now
    told = RealAlert(
        id=alert.id,
        label=building.name,
        cameras=building.cameras,
        opened_at=alert.opened_at,
        taken_by=alert.acknowledged_by[:36],
        closes_at=hard_stop(ended_at, cancelled=alert.keys_for is Act.CANCEL) if ended_at else None,
    )
    return alert_access.follow(alert=told, now=now)


def look(*, alert: str, mode: Mode, actor: Actor, person: PersonFacts, now: datetime) -> GrantFacts:
    """The event's cameras for the person of the room who asks: her own access, live or back to five minutes before.

    ``NotFound`` for a foreign alert and for one that opens nothing; ``Conflict`` off duty.
    """
    view = queries.alert_visible_to(person, alert)
    follow_pictures(view.file, view.building, now=now)
    return alert_access.open_in_room(alert=alert, mode=mode, actor=actor, now=now)
