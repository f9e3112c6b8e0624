"""What persons do to alerts from the centre: relay an order (level 0), acknowledge, qualify, order, turn keys …

Who may do what is the authority matrix; a refusal comes back with its reason and is recorded. Party follows role:
the municipal police on duty holds the chief's powers (staffing of four officers), the video officer the operator's.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, Forbidden, Invalid
from beffroi.kernel.ids import new_id
from beffroi.kernel.signing import SigningKey
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Role
from beffroi.safety import queries
from beffroi.safety.actions.events import append
from beffroi.safety.core.authority import Act, power
from beffroi.safety.core.events import MAX_TEXT, Kind
from beffroi.safety.core.words import DEFAULT_POSTURE, Hazard, Nature, Party, Power

PARTY_OF: tuple[tuple[Role, Party], ...] = (
    (Role.CHIEF, Party.CHIEF),
    (Role.DUTY_OFFICER, Party.CHIEF),
    (Role.SCHOOL_HEAD, Party.HEAD),
    (Role.VIDEO_OFFICER, Party.OPERATOR),
    (Role.MAYOR, Party.PREFECT_OR_MAYOR),
    (Role.PREFECTURE_DUTY, Party.PREFECT_OR_MAYOR),
    (Role.OPERATIONS_CENTRE, Party.STATE_FORCES),
    (Role.INVESTIGATOR, Party.STATE_FORCES),
)

_WITH_PERSON = frozenset(
    {Kind.DURESS_OVER, Kind.ACKNOWLEDGE, Kind.TAKE_OVER, Kind.POSTURE, Kind.REQUEST_LIFT, Kind.KEY}
)
FROM_THE_CENTRE = frozenset(
    {
        Kind.ACKNOWLEDGE,
        Kind.DURESS_OVER,
        Kind.TAKE_OVER,
        Kind.QUALIFY,
        Kind.STABILISE,
        Kind.POSTURE,
        Kind.REQUEST_LIFT,
        Kind.KEY,
        Kind.RELEASE,
        Kind.CLOSE,
        Kind.REQUALIFY,
        Kind.CALL_MADE,
        Kind.ORDER_RECEIVED,
        Kind.NOTE,
        Kind.MISSION_DONE,
    }
)


def party_of(person: PersonFacts) -> Party:
    """In which party a person acts; one with no function in an alert is *anyone*."""
    return next((party for role, party in PARTY_OF if role in person.roles), Party.ANYONE)


@transaction.atomic
def relay_order(
    *,
    actor: Actor,
    person: PersonFacts,
    building: str,
    hazard: Hazard,
    authority: str,
    nature: Nature = Nature.REAL,
    alert: str = "",
    origin: str = "",
    note: str = "",
    key: SigningKey,
    now: datetime,
) -> str:
    """Raise an alert in a building on somebody's order (level 0); returns its identifier: ``alert`` where one was
    reserved for a drill. A real one interrupts every drill there, and says which alert it follows. ``origin`` names the
    message from outside that is relayed, ``note`` is what it said.

    ``Invalid`` when the authority is not named, ``Forbidden`` for someone who may not trigger from here.
    """
    found = queries.building_visible_to(person, building)
    if not authority.strip():
        raise Invalid("Say who ordered it.", code="authority_missing", fields={"authority": "authority_missing"})
    if power(party_of(person), Act.TRIGGER) is not Power.DO or party_of(person) is Party.ANYONE:
        raise Forbidden("You cannot raise an alert from here.", code="no_power")
    plan = queries.plan_in_force(building)
    alert = alert or f"{nature.prefix}-{new_id(to_us(now))}"
    zones: list[Json] = [zone.id for zone in plan.zones] if plan else []
    body: dict[str, Json] = {
        "device": f"person:{person.id}",
        "hazard": hazard.value,
        "place": "",
        "site": found.id,
        "zones": zones,
        "posture": (plan.posture_for(hazard) if plan else DEFAULT_POSTURE[hazard]).value,
        "authority": authority.strip()[:200],
    }
    if before := queries.just_over(building, nature, now):
        body["follows"] = before
    body |= {name: text for name, text in (("origin", origin), ("note", note.strip()[:MAX_TEXT])) if text}
    append(Kind.TRIGGER, alert=alert, building=building, body=body, key=key, actor=actor, now=now)
    if nature is Nature.REAL:
        interrupt_drills(building=building, by=alert, key=key, now=now)
    return alert


def interrupt_drills(*, building: str, by: str, key: SigningKey, now: datetime) -> int:
    """End every drill and test of a building: a real alert goes on there. Returns how many. Inside a transaction."""
    ended = [view.file.alert for view in queries.active_of([building]) if view.file.alert.nature is not Nature.REAL]
    for alert in ended:
        append(
            Kind.INTERRUPTED, alert=alert.id, building=building, body={"by_alert": by}, key=key, actor=SYSTEM, now=now
        )
    return len(ended)


def act(
    *,
    actor: Actor,
    person: PersonFacts,
    alert: str,
    kind: Kind,
    body: Mapping[str, Json],
    key: SigningKey,
    now: datetime,
) -> None:
    """Any act of a person on an alert. ``NotFound`` for a foreign one, ``Conflict`` with the reason when the alert's
    rules say no: the wish stays in the log as an event without effect, so the refusal is raised after the commit."""
    with transaction.atomic():
        refused = _written(actor, person, alert, kind, body, key, now)
    if refused:
        raise Conflict("The alert's rules do not allow this now.", code=refused)


def _written(
    actor: Actor, person: PersonFacts, alert: str, kind: Kind, body: Mapping[str, Json], key: SigningKey, now: datetime
) -> str:
    view = queries.alert_visible_to(person, alert)
    if kind not in FROM_THE_CENTRE:
        raise Invalid("This is not done from the centre.", code="act_unknown")
    full: dict[str, Json] = {**body, "by": person.called}
    if kind in _WITH_PERSON:
        full |= {"person": person.id, "party": party_of(person).value}
    append(kind, alert=alert, building=view.building.id, body=full, key=key, actor=actor, now=now)
    refused = queries.files([alert])[alert].log[-1].without_effect
    if refused:
        words: dict[str, Json] = {"kind": kind.value, "reason": refused}
        record(actor=actor, name="alert:refuse", subject=f"alert:{alert}", body=words, at=now)
    return refused
