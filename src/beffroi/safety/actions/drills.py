"""The only writer of drills. A drill becomes an alert of nature *exercice* by two keys inside its window; a real alert
on the same building interrupts it at once (ppms.md §4.4)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import Conflict, Invalid
from beffroi.kernel.ids import new_id
from beffroi.kernel.outcome import Refused
from beffroi.kernel.signing import SigningKey
from beffroi.kernel.spans import Span
from beffroi.operations import queries as operations
from beffroi.people.core.facts import PersonFacts
from beffroi.safety import models, queries
from beffroi.safety.actions.alerts import interrupt_drills, party_of, relay_order
from beffroi.safety.core import drills
from beffroi.safety.core.alerts import Alert
from beffroi.safety.core.drills import Drill, DrillState
from beffroi.safety.core.words import Hazard, Nature, Party

LONGEST_WINDOW = timedelta(hours=8)
NOTICE = timedelta(days=1)
"""A drill is planned a day ahead at least, so that it can be announced (design default; no surprise, ppms.md F35)."""


@transaction.atomic
def plan_drill(
    *,
    actor: Actor,
    person: PersonFacts,
    building: str,
    hazard: Hazard,
    window: Span,
    objectives: str = "",
    devices: Sequence[str] = (),
    now: datetime,
) -> str:
    """Plan a drill; returns its id. ``devices`` are the very triggers that raise it while it is armed.

    ``Invalid`` for a window that is too near, too long or in the past."""
    found = queries.building_visible_to(person, building)
    if window.start < now + NOTICE:
        raise Invalid(
            "A drill is planned a day ahead at least.", code="drill_too_near", fields={"start": "drill_too_near"}
        )
    if window.duration > LONGEST_WINDOW:
        raise Invalid(
            "This window is longer than eight hours.", code="drill_too_long", fields={"end": "drill_too_long"}
        )
    row = models.Drill.objects.create(
        id=f"{Nature.DRILL.prefix}-{new_id(to_us(now))}",
        building_id=found.id,
        hazard=hazard.value,
        window_from=window.start,
        window_to=window.end,
        state=DrillState.PLANNED.value,
        objectives=objectives[:500],
        devices=list(devices),
        planned_at=now,
    )
    body: dict[str, Json] = {"hazard": hazard.value, "from": iso(window.start), "to": iso(window.end)}
    record(actor=actor, name="drill:plan", subject=f"drill:{row.id}", body=body, at=now)
    return row.id


@transaction.atomic
def announce_drill(*, actor: Actor, person: PersonFacts, drill: str, informed: str, now: datetime) -> None:
    """Say who was told: mayor, forces, call centre, parents. ``Invalid`` when nobody was."""
    row = _row(person, drill)
    if not informed.strip():
        raise Invalid("Say who was told.", code="nobody_told", fields={"informed": "nobody_told"})
    row.informed = informed.strip()[:500]
    _apply(row, drills.announce(_core(row)))
    record(actor=actor, name="drill:announce", subject=f"drill:{row.id}", body={"informed": row.informed}, at=now)


@transaction.atomic
def arm_drill(*, actor: Actor, person: PersonFacts, drill: str, now: datetime) -> bool:
    """Turn one of the two keys; ``True`` when the drill is armed by it. ``Conflict`` names why not."""
    row = _row(person, drill)
    if any(_real(view.file.alert) for view in queries.active_of([row.building_id])):
        raise Conflict("A real alert is going on in this building.", code="real_alert_running")
    changes = [shift.expires_at for shift in operations.on_duty(now)]
    after = drills.arm(_core(row), person=person.id, party=party_of(person), now=now, shift_changes=changes)
    _apply(row, after)
    if row.state == DrillState.ARMED.value:
        row.alert = f"{Nature.DRILL.prefix}-{new_id(to_us(now))}"
        row.save(update_fields=["alert"])
    record(actor=actor, name="drill:arm", subject=f"drill:{row.id}", body={"state": row.state}, at=now)
    return row.state == DrillState.ARMED.value


@transaction.atomic
def start_drill(*, actor: Actor, person: PersonFacts, drill: str, key: SigningKey, now: datetime) -> str:
    """Begin: an alert of nature *exercice* in the building. Never while a real alert goes on there."""
    row = _row(person, drill)
    running = [view.file.alert for view in queries.active_of([row.building_id])]
    if any(_real(alert) for alert in running):
        raise Conflict("A real alert is going on in this building.", code="real_alert_running")
    alert = relay_order(
        actor=actor,
        person=person,
        building=row.building_id,
        hazard=Hazard(row.hazard),
        authority=f"drill {row.id}",
        nature=Nature.DRILL,
        alert=row.alert,
        key=key,
        now=now,
    )
    _apply(row, drills.start(_core(row), alert=alert, now=now))
    record(actor=actor, name="drill:start", subject=f"drill:{row.id}", body={"alert": alert}, at=now)
    return alert


@transaction.atomic
def settle_drills(*, key: SigningKey, now: datetime) -> int:
    """What time and alerts do to drills: disarm after the window, end with the alert, be interrupted by the real."""
    changed = 0
    for view in queries.active_alerts():
        if _real(view.file.alert):
            changed += interrupt_drills(building=view.building.id, by=view.file.alert.id, key=key, now=now)
    open_states = [DrillState.ANNOUNCED.value, DrillState.ARMED.value, DrillState.RUNNING.value]
    for row in models.Drill.objects.select_for_update().filter(state__in=open_states):
        before = row.state
        core = drills.disarmed_by_time(_core(row), now=now)
        active = [view.file.alert for view in queries.active_of([row.building_id])]
        if core.state is DrillState.ARMED and models.Alert.objects.filter(id=row.alert).exists():
            begun = drills.start(core, alert=row.alert, now=now)  # by one of its own triggers
            core = core if isinstance(begun, Refused) else begun
        if core.state in (DrillState.ARMED, DrillState.RUNNING) and any(_real(one) for one in active):
            _apply(row, drills.interrupt(core))
        elif core.state is DrillState.RUNNING and row.alert not in {one.id for one in active}:
            _apply(row, drills.end(core))
        else:
            _apply(row, core)
        if row.state != before:
            changed += 1
            record(actor=SYSTEM, name="drill:settle", subject=f"drill:{row.id}", body={"state": row.state}, at=now)
    return changed


def _row(person: PersonFacts, drill: str) -> models.Drill:
    queries.drill_visible_to(person, drill)
    return models.Drill.objects.select_for_update().get(id=drill)


def _core(row: models.Drill) -> Drill:
    return Drill(
        id=row.id,
        site=row.building_id,
        hazard=Hazard(row.hazard),
        window=Span(row.window_from, row.window_to),
        state=DrillState(row.state),
        armed_by=tuple((person, Party(party)) for person, party in row.armed_by),
        alert=row.alert,
    )


def _apply(row: models.Drill, after: Drill | Refused) -> None:
    if isinstance(after, Refused):
        raise Conflict("The drill's rules do not allow this now.", code=f"drill_{after.reason}")
    row.state, row.alert = after.state.value, after.alert
    row.armed_by = [[person, party.value] for person, party in after.armed_by]
    row.save(update_fields=["state", "alert", "armed_by", "informed"])


def _real(alert: Alert) -> bool:
    """Whether it stands in a drill's way: one that nobody on site may notice does not."""
    return alert.nature is Nature.REAL and not alert.secret
