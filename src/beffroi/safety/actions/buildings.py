"""Buildings, their plans and the boxes in them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json, unb64
from beffroi.kernel.clock import to_us
from beffroi.kernel.digest import digest_of
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.safety import models
from beffroi.safety.core.plan_json import plan_from_json, plan_to_json
from beffroi.safety.core.plans import Finding, check
from beffroi.safety.queries import plans as plan_queries

LANGUAGES = ("fr", "en")
"""What the screens of a box speak."""


@transaction.atomic
def enter_building(
    *,
    actor: Actor,
    insee: str,
    name: str,
    kind: str,
    address: str = "",
    phone: str = "",
    latitude: float | None = None,
    longitude: float | None = None,
    cameras: Sequence[str] = (),
    now: datetime,
) -> str:
    """Enter an equipped building and the cameras that are called up for it; returns its id."""
    row = models.Building.objects.create(
        id=new_id(to_us(now)),
        insee=insee,
        name=name,
        kind=kind,
        address=address,
        phone=phone,
        latitude=latitude,
        longitude=longitude,
    )
    for position, camera in enumerate(cameras):
        models.BuildingCamera.objects.create(building=row, camera=camera, position=position)
    body: dict[str, Json] = {"name": name, "kind": kind, "cameras": list(cameras)}
    record(actor=actor, name="building:enter", subject=f"building:{row.id}", body=body, at=now)
    return row.id


@transaction.atomic
def appoint(*, actor: Actor, building: str, person: str, now: datetime) -> None:
    """Let somebody answer for a building: its alerts and its plan, no picture. Appointing twice changes nothing."""
    _, new = models.BuildingStaff.objects.get_or_create(
        building_id=building, person=person, until=None, defaults={"since": now}
    )
    if new:
        body: dict[str, Json] = {"person": person}
        record(actor=actor, name="building:appoint", subject=f"building:{building}", body=body, at=now)


@transaction.atomic
def import_plan(*, actor: Actor, building: str, document: object, now: datetime) -> tuple[int, list[Finding]]:
    """Keep a new version of a building's plan as a draft; returns its number and what is wrong with it.

    ``Invalid`` names the place in the document that cannot be read.
    """
    plan = plan_from_json(document)
    last = models.PlanVersion.objects.filter(building=building).aggregate(top=Max("version"))["top"] or 0
    kept = {**plan_to_json(plan), "version": last + 1}
    row = models.PlanVersion.objects.create(
        building_id=building, version=last + 1, document=kept, digest=digest_of(kept), imported_at=now
    )
    body: dict[str, Json] = {"version": row.version, "digest": row.digest}
    record(actor=actor, name="plan:import", subject=f"building:{building}", body=body, at=now)
    return row.version, check(plan)


@transaction.atomic
def put_plan_in_force(*, actor: Actor, building: str, version: int, now: datetime) -> None:
    """Let a version take effect; the one before it is kept. ``Invalid`` while something blocking is wrong with it."""
    blocking = [finding for finding in plan_queries.version(building, version).findings if finding.blocking]
    if blocking:
        first = blocking[0]
        raise Invalid(f"This plan cannot take effect: {first.where}: {first.what}.", code="plan_blocked")
    models.PlanVersion.objects.filter(building=building, state="in_force").update(state="replaced")
    models.PlanVersion.objects.filter(building=building, version=version).update(state="in_force", in_force_at=now)
    record(actor=actor, name="plan:effect", subject=f"building:{building}", body={"version": version}, at=now)


@transaction.atomic
def pair_edge(*, actor: Actor, building: str, edge: str, public_key: str, now: datetime) -> None:
    """Enter the public key of a building's box. ``Conflict`` when the building has one, ``Invalid`` for a bad key."""
    try:
        key = unb64(public_key)
    except ValueError:
        key = b""
    if len(key) != 32:
        raise Invalid("This is not a public key.", code="key_malformed", fields={"public_key": "key_malformed"})
    if models.Edge.objects.filter(building=building, withdrawn_at=None).exists():
        raise Conflict("This building has a box already.", code="edge_exists", hint="Withdraw it first.")
    models.Edge.objects.create(id=edge, building_id=building, public_key=key, paired_at=now)
    body: dict[str, Json] = {"edge": edge, "key": key.hex()}
    record(actor=actor, name="edge:pair", subject=f"building:{building}", body=body, at=now)


@transaction.atomic
def choose_language(*, actor: Actor, building: str, language: str, now: datetime) -> None:
    """The language that the building's box shows from its next exchange on. ``NotFound`` where there is no box."""
    if language not in LANGUAGES:
        raise Invalid("The box speaks French or English.", code="language_unknown")
    if not models.Edge.objects.filter(building=building, withdrawn_at=None).update(language=language):
        raise NotFound("This building has no box.", code="edge_unknown")
    body: dict[str, Json] = {"language": language}
    record(actor=actor, name="edge:language", subject=f"building:{building}", body=body, at=now)
