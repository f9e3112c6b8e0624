"""Acts on the prefect's authorisation and on dwelling masks."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from beffroi.audit.actions import record
from beffroi.audit.core.facts import Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.media.core.masking import MOST_SHAPES, fault_of
from beffroi.sites.core.purposes import Purpose
from beffroi.sites.models import Authorisation, Camera, DwellingMask

MAX_YEARS_DAYS = 5 * 366  # an authorisation lasts five years at most (CSI L252-4)
MAX_RETENTION_DAYS = 31
Polygon = Sequence[tuple[int, int]]


@transaction.atomic
def enter_authorisation(
    *,
    actor: Actor,
    reference: str,
    department: str,
    purposes: Collection[Purpose],
    retention_max_days: int,
    valid_from: datetime,
    valid_to: datetime,
    cameras: Collection[str],
    retention_min_days: int = 0,
    now: datetime,
) -> str:
    """Enter the prefect's order on the system; returns its id. ``Invalid`` names what does not fit the law."""
    fields = {}
    if not reference.strip():
        fields["reference"] = "reference_missing"
    if not purposes:
        fields["purposes"] = "no_purpose"
    if not 0 <= retention_min_days <= retention_max_days <= MAX_RETENTION_DAYS or retention_max_days < 1:
        fields["retention_max_days"] = "retention_outside_law"
    if valid_to <= valid_from or (valid_to - valid_from).days > MAX_YEARS_DAYS:
        fields["valid_to"] = "term_outside_law"
    if fields:
        raise Invalid("This order does not fit the law.", code="authorisation_invalid", fields=fields)
    if Authorisation.objects.filter(reference=reference).exists():
        raise Conflict("An order with this number was entered already.", code="authorisation_twice")
    row = Authorisation.objects.create(
        id=new_id(to_us(now)),
        reference=reference,
        department=department,
        purposes=sorted(purposes),
        retention_min_days=retention_min_days,
        retention_max_days=retention_max_days,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    row.cameras.set(_known(cameras))
    body: dict[str, Json] = {
        "reference": reference,
        "purposes": sorted(purposes),
        "retention_days": [retention_min_days, retention_max_days],
        "from": iso(valid_from),
        "to": iso(valid_to),
        "cameras": sorted(cameras),
    }
    record(actor=actor, name="authorisation:enter", subject=f"authorisation:{row.id}", body=body, at=now)
    return row.id


@transaction.atomic
def cover_cameras(*, actor: Actor, authorisation: str, cameras: Collection[str], now: datetime) -> None:
    """Add cameras to an order, as an amendment of it says."""
    row = _locked(authorisation)
    row.cameras.add(*_known(cameras))
    body: dict[str, Json] = {"cameras": sorted(cameras)}
    record(actor=actor, name="authorisation:cover", subject=f"authorisation:{row.id}", body=body, at=now)


@transaction.atomic
def withdraw_authorisation(
    *, actor: Actor, authorisation: str, reason: str, at: datetime | None = None, now: datetime
) -> None:
    """The prefect withdrew, suspended or replaced the order: from ``at`` (now, or to come) its cameras no longer record
    under it. ``Conflict`` when it has ended already."""
    row = _locked(authorisation)
    at = max(at or now, now)
    if (row.withdrawn_at is not None and row.withdrawn_at <= now) or row.valid_to <= now:
        raise Conflict("This order has ended already.", code="authorisation_withdrawn")
    row.withdrawn_at = min(row.withdrawn_at or at, at)
    row.save(update_fields=["withdrawn_at"])
    body: dict[str, Json] = {"reason": reason, "at": iso(row.withdrawn_at)}
    record(actor=actor, name="authorisation:withdraw", subject=f"authorisation:{row.id}", body=body, at=now)


@transaction.atomic
def draw_mask(*, actor: Actor, camera: str, polygons: Collection[Polygon], now: datetime) -> int:
    """Draw a camera's dwelling mask, in thousandths of the picture; returns its version. None: no dwelling in view."""
    if not Camera.objects.filter(pk=camera).exists():
        raise NotFound("There is no such camera.", code="no_such_camera")
    faults = [fault for polygon in polygons if (fault := fault_of(tuple(polygon)))]
    if faults or len(polygons) > MOST_SHAPES:
        raise Invalid("A mask is made of a few closed shapes inside the picture.", code=(*faults, "mask_many")[0])
    latest = DwellingMask.objects.select_for_update().filter(camera=camera).aggregate(top=Max("version"))["top"] or 0
    DwellingMask.objects.create(
        camera_id=camera,
        version=latest + 1,
        polygons=[[list(point) for point in polygon] for polygon in polygons],
        author=actor.id,
        drawn_at=now,
    )
    body: dict[str, Json] = {"version": latest + 1, "shapes": len(polygons)}
    record(actor=actor, name="mask:draw", subject=f"camera:{camera}", body=body, at=now)
    return latest + 1


@transaction.atomic
def review_mask(*, actor: Actor, camera: str, version: int, now: datetime) -> None:
    """A second person has looked at the mask and signs for it (R-05). ``Forbidden`` for its author."""
    row = DwellingMask.objects.select_for_update().filter(camera=camera, version=version).first()
    if row is None:
        raise NotFound("There is no such mask.", code="no_such_mask")
    if row.author == actor.id:
        raise Forbidden(
            "Whoever drew the mask does not review it.", code="mask_reviewed_by_author", article="R-05 (CSI L251-3)"
        )
    row.reviewer, row.reviewed_at = actor.id, now
    row.save(update_fields=["reviewer", "reviewed_at"])
    # Another mask than the one last read back: what is recorded counts as masked once the camera says so (I3).
    Camera.objects.filter(pk=camera, masks_on_camera=True).exclude(device_url_sealed="").update(masks_on_camera=False)
    body: dict[str, Json] = {"version": version, "author": row.author}
    record(actor=actor, name="mask:review", subject=f"camera:{camera}", body=body, at=now)


def _locked(authorisation: str) -> Authorisation:
    row = Authorisation.objects.select_for_update().filter(pk=authorisation).first()
    if row is None:
        raise NotFound("There is no such order.", code="no_such_authorisation")
    return row


def _known(cameras: Collection[str]) -> list[Camera]:
    rows = list(Camera.objects.filter(pk__in=cameras))
    if len(rows) != len(set(cameras)):
        raise NotFound("The order names a camera that is not here.", code="no_such_camera")
    return rows
