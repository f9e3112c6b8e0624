"""Alerts from outside (CAP): brought in, relayed, set aside. A message raises nothing by itself: a person does."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.digest import sha256
from beffroi.kernel.errors import Conflict, Forbidden, Invalid
from beffroi.kernel.ids import new_id
from beffroi.kernel.signing import SigningKey
from beffroi.people.core.facts import PersonFacts
from beffroi.safety import models, queries
from beffroi.safety.actions.alerts import party_of, relay_order
from beffroi.safety.core import cap
from beffroi.safety.core.authority import Act, power
from beffroi.safety.core.bulletins import MAX_BYTES, Standing, name_of
from beffroi.safety.core.cap_areas import concern
from beffroi.safety.core.words import Hazard, Party, Power
from beffroi.safety.queries.bulletins import BulletinView, bulletin_visible_to, place_of


def may_relay(person: PersonFacts) -> bool:
    """Whether this person may raise an alert on somebody's order, and so decide on a message from outside."""
    party = party_of(person)
    return party is not Party.ANYONE and power(party, Act.TRIGGER) is Power.DO


@transaction.atomic
def receive(*, actor: Actor, person: PersonFacts, document: bytes, now: datetime) -> tuple[str, bool]:
    """Take in a message for every commune in which this person sees a building; returns the identifier of one, and
    whether it is new. ``Invalid`` with what is wrong and where; ``Conflict`` where the same sender's same identifier
    came before with other words: what came first stays."""
    _may(person)
    if len(document) > MAX_BYTES:
        raise Invalid("This file is larger than 1 MB.", code="cap_too_large", fields={"file": "cap_too_large"})
    message = cap.read(document)
    communes = sorted({one.insee for one in queries.buildings_visible_to(person)})
    if not communes:
        raise Forbidden("You see no building.", code="no_power")
    name, digest = name_of(message.sender, message.identifier), sha256(document).hex()
    found: list[tuple[str, bool]] = []
    for insee in communes:
        place = place_of(insee)
        row, new = models.Bulletin.objects.get_or_create(
            insee=insee,
            name=name,
            defaults={
                "id": new_id(to_us(now)),
                "sha256": digest,
                "document": document,
                "concerns": [concern(info.areas, place).value for info in message.infos],
                "received_at": now,
                "brought_by": person.id,
                "brought_by_name": person.called,
            },
        )
        if not new and cap.read(bytes(row.document)) != message:
            raise Conflict("This sender said something else under this identifier.", code="bulletin_differs")
        found.append((row.id, new))
        if new:
            body: dict[str, Json] = {
                "sender": message.sender[:200],
                "identifier": message.identifier[:200],
                "status": message.status.value,
                "type": message.message_type.value,
                "sha256": digest,
                "commune": insee,
            }
            record(actor=actor, name="bulletin:receive", subject=f"bulletin:{row.id}", body=body, at=now)
    return next((one for one in found if one[1]), found[0])


@transaction.atomic
def relay(
    *,
    actor: Actor,
    person: PersonFacts,
    bulletin: str,
    buildings: Iterable[str],
    hazard: Hazard,
    authority: str,
    note: str,
    key: SigningKey,
    now: datetime,
) -> list[str]:
    """Raise a real alert in these buildings on the word of a message; returns the alerts. ``Conflict`` where it does
    not propose anything any more, or somebody has decided for one of them."""
    view, chosen = _open(person, bulletin, buildings, now)
    if view.proposal.standing is not Standing.PROPOSES:
        raise Conflict("This message proposes nothing now.", code=f"bulletin_{view.proposal.standing.value}")
    origin = f"{view.message.sender},{view.message.identifier}"[:400]
    alerts: dict[str, Json] = {}
    for building in chosen:
        alert = relay_order(
            actor=actor,
            person=person,
            building=building,
            hazard=hazard,
            authority=authority,
            origin=origin,
            note=note,
            key=key,
            now=now,
        )
        alerts[building] = alert
        _decide(person, bulletin, building, now, alert_id=alert)
    body: dict[str, Json] = {"alerts": alerts, "hazard": hazard.value, "authority": authority.strip()[:200]}
    record(actor=actor, name="bulletin:relay", subject=f"bulletin:{bulletin}", body=body, at=now)
    return [str(alert) for alert in alerts.values()]


@transaction.atomic
def set_aside(
    *, actor: Actor, person: PersonFacts, bulletin: str, buildings: Iterable[str], reason: str, now: datetime
) -> None:
    """Say why a message is not relayed in these buildings. ``Invalid`` without a reason."""
    _, chosen = _open(person, bulletin, buildings, now)
    if not reason.strip():
        raise Invalid("Say why.", code="reason_missing", fields={"reason": "reason_missing"})
    for building in chosen:
        _decide(person, bulletin, building, now, reason=reason.strip()[:500])
    body: dict[str, Json] = {"buildings": list(chosen), "reason": reason.strip()[:500]}
    record(actor=actor, name="bulletin:set-aside", subject=f"bulletin:{bulletin}", body=body, at=now)


def _may(person: PersonFacts) -> None:
    if not may_relay(person):
        raise Forbidden("You cannot raise an alert from here.", code="no_power")


def _open(
    person: PersonFacts, bulletin: str, buildings: Iterable[str], now: datetime
) -> tuple[BulletinView, list[str]]:
    """The message, locked, and the chosen buildings, all of them visible and undecided."""
    _may(person)
    models.Bulletin.objects.select_for_update().filter(id=bulletin).first()
    view = bulletin_visible_to(person, bulletin, now)
    chosen = sorted(set(buildings))
    if not chosen:
        raise Invalid("Choose a building.", code="building_missing", fields={"buildings": "building_missing"})
    for building in chosen:
        row = next((one for one in view.rows if one.building.id == building), None)
        if row is None:
            queries.building_visible_to(person, building)  # absent and foreign are the same ``NotFound``
            raise Invalid("This building is elsewhere.", code="building_missing")
        if row.decision is not None:
            raise Conflict("Somebody has decided for this building.", code="bulletin_decided")
    return view, chosen


def _decide(
    person: PersonFacts, bulletin: str, building: str, now: datetime, *, alert_id: str | None = None, reason: str = ""
) -> None:
    models.BulletinDecision.objects.create(
        bulletin_id=bulletin,
        building_id=building,
        alert_id=alert_id,
        reason=reason,
        person=person.id,
        person_name=person.called,
        at=now,
    )
