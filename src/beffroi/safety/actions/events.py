"""How an event enters the centre: checked, stored, folded, projected, and on the audit chain, in one transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.clock import to_us
from beffroi.kernel.signing import SigningKey
from beffroi.safety import models, queries
from beffroi.safety.actions.pictures import follow_pictures
from beffroi.safety.core.events import Event, Kind, next_order, to_json
from beffroi.safety.core.wire import CENTRE, Stored
from beffroi.safety.queries.waking import wake

BOOT = "1"
"""The centre numbers its events in the database, so one boot is enough for ever."""


def append(
    kind: Kind, *, alert: str, building: str, body: Mapping[str, Json], key: SigningKey, actor: Actor, now: datetime
) -> Event:
    """Write one event of the centre's own. Must stand inside a transaction."""
    counter, _ = models.Counter.objects.select_for_update().get_or_create(name=CENTRE)
    counter.last += 1
    counter.order_us = next_order(to_us(now), counter.order_us)
    counter.save(update_fields=["last", "order_us"])
    event = Event(CENTRE, BOOT, counter.last, alert, kind, to_us(now), counter.order_us, body)
    document = canonical_bytes(to_json(event))
    take([Stored(event, document, key.sign(document))], building=building, actor=actor, now=now)
    return event


def take(stored: Iterable[Stored], *, building: str, actor: Actor, now: datetime) -> list[Event]:
    """Keep events that are not here yet and bring the alerts' projections up to date. Inside a transaction only."""
    assert transaction.get_connection().in_atomic_block
    new: list[Event] = []
    for one in stored:
        event = one.event
        _, fresh = models.Event.objects.get_or_create(
            origin=event.origin,
            boot=event.boot,
            sequence=event.sequence,
            defaults={
                "alert": event.alert,
                "kind": event.kind.value,
                "order_us": event.order_us,
                "document": one.document.decode(),
                "signature": one.signature,
                "received_at": now,
            },
        )
        if fresh:
            new.append(event)
            record(
                actor=actor,
                name="alert:event",
                subject=f"alert:{event.alert}",
                body={
                    "kind": event.kind.value,
                    "origin": event.origin,
                    "sequence": event.sequence,
                    "building": building,
                },
                at=now,
            )
    if new:
        _see(max(event.order_us for event in new))
        _project({event.alert for event in new}, building, now)
        transaction.on_commit(wake)
    return new


def _see(order_us: int) -> None:
    """The centre's clock never falls behind what it has seen (hybrid logical clock)."""
    models.Counter.objects.get_or_create(name=CENTRE)
    models.Counter.objects.filter(name=CENTRE, order_us__lt=order_us).update(order_us=order_us)


def _project(alerts: set[str], building: str, now: datetime) -> None:
    plan = models.PlanVersion.objects.filter(building=building, state="in_force").first()
    for name, file in queries.files(alerts).items():
        alert = file.alert
        models.Alert.objects.update_or_create(
            id=name,
            defaults={"state": alert.state.value, "ended_at": alert.ended_at},
            create_defaults={
                "building_id": building,
                "nature": alert.nature.value,
                "hazard": alert.hazard.value,
                "state": alert.state.value,
                "plan": plan,
                "opened_at": alert.opened_at,
                "ended_at": alert.ended_at,
            },
        )
        if not alert.active:
            # In the same transaction as the end: no worker has to be alive for the pictures to shut (I12).
            follow_pictures(file, queries.building(building), now=now)
