"""Pictures of a real alert: its ground, the forces the convention names, the room itself (G6; research/ppms.md §4.3).

Everything goes through gate B like any other access, camera by camera, so that one closed camera does not close the
rest. The bell calls ``follow`` for every real alert, again and again; repeating it changes nothing. A drill is never
passed here, and the table refuses one (I8).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from beffroi.audit import queries as audit
from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance.actions.granting import Asked, State, body_of, create
from beffroi.governance.actions.holds import place_hold
from beffroi.governance.core.alert_access import ONE_ACCESS, Opening, event_span, openings
from beffroi.governance.core.gate_b import decide
from beffroi.governance.core.holds import HoldReference
from beffroi.governance.models import AccessGrant, AlertGround, Hold
from beffroi.governance.queries import access, law
from beffroi.governance.queries.access import GrantFacts, facts_of
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.outcome import Allowed
from beffroi.kernel.spans import Span
from beffroi.media.core.tickets import Mode
from beffroi.operations import queries as operations
from beffroi.people import queries as people
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force
from beffroi.sites import queries as sites

ROOM_PURPOSES = ("L251-2:8", "L251-2:5", "L251-2:7", "L251-2:6")
"""For which purpose the room itself looks: rescue first; the one that serves most of the event's cameras is taken."""


@dataclass(frozen=True, slots=True)
class RealAlert:
    """What the bell says of one of its real alerts. ``closes_at`` is its hard stop, once it has ended."""

    id: str
    label: str
    cameras: tuple[str, ...]
    opened_at: datetime
    taken_by: str = ""
    closes_at: datetime | None = None


@transaction.atomic
def follow(*, alert: RealAlert, now: datetime) -> bool:
    """Bring the ground of an alert, its holds and the forces' accesses to where the alert stands; whether anything
    changed. What a person stopped or refused is not opened again."""
    row = AlertGround.objects.select_for_update().filter(pk=alert.id).first()
    if row is None and alert.closes_at is not None and alert.closes_at <= now:
        return False  # over before anybody could look: nothing to open
    changed = _ground(row, alert, now)
    if alert.closes_at is None or now < alert.closes_at:
        changed |= _hold(alert, now)
    if alert.closes_at is None:
        for opening in openings(law.conventions_for_gates(now), now):
            changed |= _open(opening, alert, now)
    return changed


@transaction.atomic
def open_in_room(*, alert: str, mode: Mode, actor: Actor, now: datetime) -> GrantFacts:
    """The event's cameras for whoever is on duty, interior ones among them: live, or its look back.

    The open one of the same person is given back. ``NotFound`` without a ground, ``Conflict`` off duty or where no
    camera may be shown.
    """
    ground = _alive(alert, now)
    person = people.person_facts(actor.id, now)
    shift = operations.shift_of(person.id, now)
    if shift is None:
        raise Conflict("You are not on duty.", code="not_on_duty", hint="Begin your shift first.")
    wanted = {Mode.RELAY: Mode.LIVE}.get(mode, mode)
    standing = _standing(alert, person.id, wanted, now)
    if standing is not None:
        return facts_of(standing)
    asked = _best(_question(person, wanted, ground, "DUTY", now), ROOM_PURPOSES, now)
    if asked is None:
        raise Conflict("No camera of this alert may be shown.", code="no_camera_for_purpose")
    return facts_of(create(asked, actor=actor, now=now))


@transaction.atomic
def renew(*, grant: str, actor: Actor, now: datetime) -> GrantFacts:
    """The same access anew, for its own person, while the alert goes on and its convention lets it be renewed."""
    old = access.grant_for(people.person_facts(actor.id, now), grant)
    ground = _alive(old.basis_reference, now) if old.basis_kind == "alert" else None
    if ground is None or "renewable" not in old.obligations or old.state not in {State.ACTIVE, State.ENDED}:
        raise Conflict("This access is not renewed.", code="access_not_renewable")
    standing = _standing(ground.alert, old.person, old.mode, now)
    if standing is not None and standing.id != old.id:
        return facts_of(standing)
    if standing is not None:
        _end(standing, "renewed", actor=actor, now=now)
    asked = _question(people.person_facts(actor.id, now), old.mode, ground, old.legal_basis, now)
    found = _best(replace(asked, cameras=tuple(old.cameras)), (old.purpose,), now) or asked
    return facts_of(create(found, actor=actor, now=now))


def _ground(row: AlertGround | None, alert: RealAlert, now: datetime) -> bool:
    if not alert.id.startswith("REEL-"):
        raise Invalid("Only a real alert opens pictures.", code="not_real")
    told: dict[str, Json] = {"label": alert.label, "cameras": list(alert.cameras)}
    if row is None:
        row = AlertGround.objects.create(
            alert=alert.id, label=alert.label[:120], cameras=list(alert.cameras), opened_at=alert.opened_at
        )
        record(actor=SYSTEM, name="alert:pictures-open", subject=f"alert:{alert.id}", body=told, at=now)
    elif (row.taken_by, row.closes_at) == (alert.taken_by, alert.closes_at):
        return False
    closing, row.taken_by, row.closes_at = row.closes_at, alert.taken_by, alert.closes_at
    row.save(update_fields=["taken_by", "closes_at"])
    if alert.closes_at is not None and closing != alert.closes_at:
        # No heartbeat names a grant past its end: the door closes at the stroke, whatever the worker is doing then.
        late = AccessGrant.objects.filter(basis_kind="alert", basis_reference=alert.id, until__gt=alert.closes_at)
        end = max(alert.closes_at, now)
        late.filter(state=State.ACTIVE).update(until=end, ends_lived_us=audit.lives_until(now, end))
        body: dict[str, Json] = {"closes_at": iso(alert.closes_at)}
        record(actor=SYSTEM, name="alert:pictures-close", subject=f"alert:{alert.id}", body=body, at=now)
    return True


def _hold(alert: RealAlert, now: datetime) -> bool:
    """Keep what the event's cameras recorded, from five minutes before, two hours at a time, to the hard stop."""
    since = event_span(alert.opened_at, alert.opened_at).start
    ends = dict.fromkeys(alert.cameras, since)
    for camera, end in Hold.objects.filter(kind=HoldReference.ALERT, reference=alert.id).values_list("camera", "end"):
        ends[camera] = max(ends.get(camera, end), end)
    known = {str(camera.id) for camera in sites.cameras()}
    wanted = [(camera, end) for camera, end in ends.items() if camera in known and end < now]
    for camera, end in wanted:
        span = Span(end, max(now, end) + ONE_ACCESS)
        place_hold(
            actor=SYSTEM,
            camera=camera,
            span=span,
            kind=HoldReference.ALERT,
            reference=alert.id,
            label=alert.label,
            reason=f"{alert.label}, {alert.id}",
            now=now,
        )
    return bool(wanted)


def _open(opening: Opening, alert: RealAlert, now: datetime) -> bool:
    ground = AlertGround.objects.get(pk=alert.id)
    opened = False
    for person in people.persons(now=now, force=Force(opening.force)):
        if not _named(opening, person, now):
            continue
        rows = AccessGrant.objects.filter(basis_kind="alert", basis_reference=alert.id)
        if rows.filter(person=person.id, mode=opening.mode.value).exists():
            continue
        question = _question(person, opening.mode, ground, opening.legal_basis, now)
        found = _best(question, opening.purposes, now) or replace(question, purpose=opening.purposes[0])
        create(found, actor=SYSTEM, now=now)
        opened = True
    return opened


def _named(opening: Opening, person: PersonFacts, now: datetime) -> bool:
    if opening.persons:
        return person.matricule in opening.persons
    lines = (
        order.recipient(person.force.value, person.unit, person.matricule)
        for order in law.orders_for_gates(now)
        if order.in_force(now)
    )
    return any(line is not None and line.persons for line in lines)


def _question(person: PersonFacts, mode: Mode, ground: AlertGround, basis: str, now: datetime) -> Asked:
    past = mode is Mode.REPLAY
    return Asked(
        person=person,
        mode=mode,
        cameras=tuple(ground.cameras),
        span=event_span(ground.opened_at, now) if past else None,
        ground_kind="alert",
        ground=ground.alert,
        purpose="",
        legal_basis=basis,
        reason=f"{ground.label}, {ground.alert}",
        until=min(now + ONE_ACCESS, ground.closes_at or now + ONE_ACCESS),
    )


def _best(asked: Asked, purposes: Sequence[str], now: datetime) -> Asked | None:
    """The same question narrowed to the cameras the gate gives, for the purpose that gives most; ``None`` for none."""
    pack, best = law.law_pack(now), replace(asked, cameras=())
    for purpose in purposes:
        whole = replace(asked, purpose=purpose)
        context = access.context(
            person=asked.person, request=whole.request, ground_kind="alert", ground=asked.ground, now=now
        )
        given = tuple(
            camera.id
            for camera in context.cameras
            if isinstance(
                decide(
                    replace(context, request=replace(whole.request, cameras=(camera.id,)), cameras=(camera,)), pack, now
                ),
                Allowed,
            )
        )
        if len(given) > len(best.cameras):
            best = replace(whole, cameras=given)
        if len(given) == len(asked.cameras):
            break  # no other purpose gives more: each question reads every camera, and somebody waits for a picture
    return best if best.cameras else None


def _alive(alert: str, now: datetime) -> AlertGround:
    row = AlertGround.objects.filter(pk=alert).first()
    if row is None or (row.closes_at is not None and row.closes_at <= now):
        raise NotFound("There is no such alert.", code="no_such_alert")
    return row


def _standing(alert: str, person: str, mode: Mode, now: datetime) -> AccessGrant | None:
    rows = AccessGrant.objects.filter(basis_kind="alert", basis_reference=alert, person=person, mode=mode.value)
    return rows.filter(state=State.ACTIVE, until__gt=now).first()


def _end(row: AccessGrant, why: str, *, actor: Actor, now: datetime) -> None:
    row.state, row.ended_at, row.stop_reason = State.ENDED, now, why
    row.save(update_fields=["state", "ended_at", "stop_reason"])
    record(actor=actor, name="access:end", subject=f"access:{row.id}", body={**body_of(row), "why": why}, at=now)
