"""The centre's side of the exchange with an edge: take what it lacks, give what the edge lacks (see edge/sync.py)."""

import json
from datetime import datetime
from typing import Any

from django.db import transaction

from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json, b64, canonical_bytes, unb64
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Forbidden, Invalid, NotFound
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.safety import models, queries
from beffroi.safety.actions.events import take
from beffroi.safety.core.plan_json import plan_to_json
from beffroi.safety.core.wire import CENTRE, MAX_EVENTS, MAX_MESSAGE_BYTES, from_wire

AGREEMENT_BYTES = 32
MAX_DEVICES = 100


@transaction.atomic
def exchange(*, edge: str, signature: str, body: bytes, key: SigningKey, now: datetime) -> bytes:
    """One exchange. Returns the canonical answer, to be signed by the caller with the same ``key``.

    Raises ``Forbidden`` for an edge we did not pair or a signature that is not its own, ``Invalid`` for the rest.
    """
    facts = _authentic(edge, signature, body)
    request = _request(body)
    theirs = {facts.id: VerifyKey(facts.public_key), CENTRE: VerifyKey(key.public_bytes)}
    stored = [from_wire(one, theirs) for one in request.get("events", [])[:MAX_EVENTS]]
    for one in stored:
        _belongs(one.event.alert, facts.building)
    take(stored, building=facts.building, actor=Actor(f"edge:{facts.id}", facts.id), now=now)
    models.Edge.objects.filter(id=facts.id).update(heard_at=now, **_standing(request))
    have = _vector(request.get("have", {}))
    given = queries.lacking(facts.building, have, limit=MAX_EVENTS)
    plan = queries.plan_in_force(facts.building)
    answer: dict[str, Json] = {
        "have": dict(queries.vector()),
        "events": [one.to_wire() for one in given],
        "agreement": b64(key.agreement_bytes),
    }
    if facts.language:
        answer["language"] = facts.language
    armed = queries.armed_drill(facts.building, now)
    if armed is not None:
        devices: list[Json] = list(armed.devices)
        answer["drill"] = {"alert": armed.alert, "devices": devices, "until_us": to_us(armed.window_to)}
    if plan is not None and plan.version != request.get("plan_version"):
        answer["plan"] = plan_to_json(plan)
    return canonical_bytes(answer)


def _authentic(edge: str, signature: str, body: bytes) -> queries.EdgeFacts:
    refusal = Forbidden("This edge is not one of ours.", code="edge_unknown")
    try:
        facts = queries.edge(edge)
        signed = VerifyKey(facts.public_key).verifies(unb64(signature), body)
    except (NotFound, ValueError):
        raise refusal from None
    if not signed:
        raise refusal
    return facts


def _request(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_MESSAGE_BYTES:
        raise Invalid("This message is too large.", code="too_large")
    try:
        request = json.loads(body)
    except ValueError:
        request = None
    if not isinstance(request, dict) or not isinstance(request.get("events", []), list):
        raise Invalid("This is not an exchange.", code="exchange_malformed")
    return request


def _standing(request: dict[str, Any]) -> dict[str, Any]:
    """What the box says of itself: its half of the agreement, its triggers, its contacts. An older one says none."""
    said: dict[str, Any] = {}
    agreement, devices, contacts = request.get("agreement"), request.get("devices"), request.get("contacts")
    if isinstance(agreement, str):
        try:
            half = unb64(agreement)
        except ValueError:
            half = b""
        if len(half) != AGREEMENT_BYTES:
            raise Invalid("This is not a key for agreeing.", code="exchange_malformed")
        said["agreement_key"] = half
    if isinstance(devices, list):
        said["devices"] = [str(one)[:80] for one in devices[:MAX_DEVICES]]
    if isinstance(contacts, list):
        said["contacts"] = [_contact(one) for one in contacts[:MAX_DEVICES]]
    return said


def _contact(said: object) -> dict[str, str | bool]:
    if not isinstance(said, dict):
        raise Invalid("This is not a contact.", code="exchange_malformed")
    words = {key: str(said.get(key, ""))[:80] for key in ("name", "kind", "place", "fault")}
    return {**words, "simulated": said.get("simulated") is True}


def _vector(value: object) -> dict[str, int]:
    if not isinstance(value, dict) or not all(isinstance(last, int) for last in value.values()):
        raise Invalid("This does not say what the edge has.", code="exchange_malformed")
    return {str(name): last for name, last in value.items()}


def _belongs(alert: str, building: str) -> None:
    """An edge speaks of its own building's alerts only."""
    known = models.Alert.objects.filter(id=alert).values_list("building", flat=True).first()
    if known is not None and known != building:
        raise Forbidden("This alert is another building's.", code="alert_foreign")
