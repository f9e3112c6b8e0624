"""Acts on communes and sites."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.sites.core.coverage import Position
from beffroi.sites.models import Commune, Site

_INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}")


@transaction.atomic
def enter_commune(
    *,
    actor: Actor,
    insee: str,
    name: str,
    department: str,
    centre: Position,
    boundary: Sequence[Position] = (),
    plan: dict[str, Any] | None = None,
    now: datetime,
) -> str:
    """Enter a commune, or draw it anew; returns its INSEE code. ``plan`` is a GeoJSON FeatureCollection.

    ``Invalid`` for a code that is none, a boundary of one or two corners, or a plan of another kind.
    """
    fields = {}
    if not _INSEE.fullmatch(insee):
        fields["insee"] = "insee_form"
    if len(boundary) in {1, 2}:
        fields["boundary"] = "boundary_open"
    if plan and plan.get("type") != "FeatureCollection":
        fields["plan"] = "plan_kind"
    if fields:
        raise Invalid("This commune cannot be entered.", code="commune_invalid", fields=fields)
    Commune.objects.update_or_create(
        insee=insee,
        defaults={
            "name": name,
            "department": department,
            "latitude": centre[0],
            "longitude": centre[1],
            "boundary": [list(point) for point in boundary],
            "plan": plan or {},
        },
    )
    body: dict[str, Json] = {"name": name, "department": department, "corners": len(boundary)}
    record(actor=actor, name="commune:enter", subject=f"commune:{insee}", body=body, at=now)
    return insee


@transaction.atomic
def enter_site(*, actor: Actor, insee: str, name: str, kind: str, address: str = "", now: datetime) -> str:
    """Enter a named place with cameras; returns its id. ``NotFound`` for the commune, ``Conflict`` for the name."""
    if kind not in Site.Kind.values:
        raise Invalid("There is no such kind of site.", code="site_kind", fields={"kind": "site_kind"})
    if not Commune.objects.filter(pk=insee).exists():
        raise NotFound("There is no such commune here.", code="no_such_commune")
    if Site.objects.filter(commune=insee, name=name).exists():
        raise Conflict("This commune has a site of that name already.", code="site_twice")
    row = Site.objects.create(id=new_id(to_us(now)), commune_id=insee, name=name, kind=kind, address=address)
    record(
        actor=actor,
        name="site:enter",
        subject=f"site:{row.id}",
        body={"name": name, "kind": kind, "insee": insee},
        at=now,
    )
    return row.id
