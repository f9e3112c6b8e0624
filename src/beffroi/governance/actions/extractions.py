"""Acts on extractions: ask for one, build it (the job calls these), try again. States: ``core.evidence.State``."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance import models
from beffroi.governance.actions.deliveries import open_extraction
from beffroi.governance.actions.requisition_progress import advance
from beffroi.governance.actions.requisition_steps import locked
from beffroi.governance.core import requisitions
from beffroi.governance.core.evidence import StampKind, State, package_name
from beffroi.governance.files.packages import BuiltPackage
from beffroi.governance.queries.access import GrantFacts
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import BeffroiError, Conflict, Forbidden, Invalid, NotFound
from beffroi.kernel.ids import new_id
from beffroi.kernel.spans import Span
from beffroi.sites import queries as sites

LEASE = timedelta(seconds=60)
"""How long a builder may be silent before another takes over: a killed one is replaced within a minute."""
REGISTER = "package"
EXTRACTABLE = frozenset({requisitions.State.ACCEPTED, requisitions.State.PACKAGED, requisitions.State.HANDED_OVER})
LANGUAGES = ("fr", "en")


def request_extraction(
    *,
    actor: Actor,
    requisition: str,
    cameras: Sequence[str] | None = None,
    span: Span | None = None,
    language: str = "fr",
    intake: Sequence[str] = (),
    now: datetime,
) -> models.Extraction:
    """Ask for the package of an accepted requisition: its cameras and span, or fewer of them (R-20).

    ``intake`` names files of another video system that were taken in for it: the package is made of them.

    ``Conflict`` when the requisition is not accepted or a package is being made; ``Forbidden`` with the gate's reason
    and article when the executor may not (the refusal is on record); ``Invalid`` for a language without papers.
    """
    if language not in LANGUAGES:
        raise Invalid("The papers are in French or English.", code="language", fields={"language": "unknown"})
    if not intake and not settings.BEFFROI_RECORDING:
        raise Conflict(
            "This centre has no recorder: first take the exports of the video system in.", code="intake_missing"
        )
    _wanted(requisition)
    grant = _granted(actor=actor, requisition=requisition, cameras=cameras, span=span, now=now)
    with transaction.atomic():
        row = _wanted(requisition)
        if grant.span is None:
            raise Conflict("This requisition names no span.", code="nothing_to_extract")
        made = models.Extraction.objects.create(
            id=new_id(to_us(now)),
            package=_next_package(list(grant.cameras), now),
            requisition=row,
            grant=grant.id,
            cameras=list(grant.cameras),
            intake=list(intake),
            footage_from=grant.span.start,
            footage_until=grant.span.end,
            language=language,
            requested_by=actor.id,
            requested_by_name=actor.name,
            requested_at=now,
        )
        _record(
            actor,
            "extraction:request",
            made,
            now,
            {"article": grant.article, "grant": grant.id, "intake": list(intake)},
        )
    return made


def try_again(*, actor: Actor, extraction: str, now: datetime) -> None:
    """Build a failed package anew, under a new access of whoever asks. ``Conflict`` when it has not failed."""
    row = by_id(extraction)
    if row.state != State.FAILED:
        raise Conflict("This package has not failed.", code="extraction_state", hint="Look at its state again.")
    span = Span(row.footage_from, row.footage_until)
    grant = _granted(actor=actor, requisition=row.requisition_id, cameras=row.cameras, span=span, now=now)
    with transaction.atomic():
        row = _locked(extraction)
        if row.state != State.FAILED:
            raise Conflict("This package has not failed.", code="extraction_state", hint="Look at its state again.")
        row.state, row.grant, row.requested_by, row.requested_by_name = State.REQUESTED, grant.id, actor.id, actor.name
        row.failure, row.failure_detail, row.failed_at = "", "", None
        row.lease_until, row.lease_key, row.bytes_done, row.bytes_total = None, "", 0, 0
        row.save()
        _record(actor, "extraction:retry", row, now, {"grant": grant.id, "tries": row.tries})


def claim(*, builder: str, now: datetime) -> str | None:
    """Take the oldest extraction that waits, or whose builder fell silent; returns its id. One builder has it."""
    waits = Q(state=State.REQUESTED) | Q(state=State.BUILDING, lease_until__lte=now)
    with transaction.atomic():
        row = models.Extraction.objects.select_for_update().filter(waits).order_by("requested_at", "id").first()
        if row is None:
            return None
        row.state, row.lease_key, row.lease_until = State.BUILDING, builder, now + LEASE
        row.tries += 1
        row.bytes_done = row.bytes_total = 0
        row.save(update_fields=["state", "lease_key", "lease_until", "tries", "bytes_done", "bytes_total"])
    return row.id


def note_progress(*, extraction: str, builder: str, done: int, total: int, now: datetime) -> None:
    """Keep the lease and show how far it is; leaves no fact. ``Conflict`` when another builder has taken over."""
    mine = models.Extraction.objects.filter(id=extraction, state=State.BUILDING, lease_key=builder)
    if not mine.update(bytes_done=done, bytes_total=total, lease_until=now + LEASE):
        raise Conflict("Another builder has taken this package over.", code="lease_lost")


@transaction.atomic
def note_built(
    *, extraction: str, builder: str, built: BuiltPackage, stamp: StampKind, checkpoint: str, now: datetime
) -> None:
    """The package lies in the vault, whole and checked; the requisition moves on. ``Conflict``: the lease is lost."""
    row = _mine(extraction, builder)
    row.state, row.lease_until, row.lease_key = State.BUILT, None, ""
    row.built_at, row.stamped_at, row.stamp, row.checkpoint = now, built.stamped_at, stamp, checkpoint
    row.zip_sha256, row.zip_bytes, row.seal_sha256 = built.zip_sha256, built.zip_bytes, built.seal_sha256
    row.contents = {
        "videos": [asdict(video) for video in built.videos],
        "gaps": [asdict(gap) for gap in built.gaps],
    }
    row.fact = _record(
        SYSTEM,
        "extraction:build",
        row,
        now,
        {
            "zip_sha256": row.zip_sha256,
            "zip_bytes": row.zip_bytes,
            "seal_sha256": row.seal_sha256,
            "stamp": row.stamp,
            "videos": [{"file": video.file, "sha256": video.sha256} for video in built.videos],
        },
    )
    row.save()
    if row.requisition.state == requisitions.State.ACCEPTED:
        advance(actor=SYSTEM, requisition=row.requisition_id, act=requisitions.Act.PACKAGE, note=row.package, now=now)


@transaction.atomic
def note_failed(*, extraction: str, builder: str, error: BeffroiError, now: datetime) -> None:
    """It could not be built; a person reads why and tries again. Nothing of it is in the vault."""
    row = _mine(extraction, builder)
    row.state, row.lease_until, row.lease_key, row.failed_at = State.FAILED, None, "", now
    row.failure, row.failure_detail = error.code[:60], str(error)[:500]
    row.save()
    _record(SYSTEM, "extraction:fail", row, now, {"code": row.failure, "why": row.failure_detail})


def by_id(extraction: str) -> models.Extraction:
    """The row, unlocked; ``NotFound``."""
    row = models.Extraction.objects.select_related("requisition").filter(pk=extraction).first()
    if row is None:
        raise NotFound("There is no such extraction.", code="no_such_extraction")
    return row


def _locked(extraction: str) -> models.Extraction:
    row = models.Extraction.objects.select_for_update().filter(pk=extraction).first()
    if row is None:
        raise NotFound("There is no such extraction.", code="no_such_extraction")
    return row


def _mine(extraction: str, builder: str) -> models.Extraction:
    row = _locked(extraction)
    if row.state != State.BUILDING or row.lease_key != builder:
        raise Conflict("Another builder has taken this package over.", code="lease_lost")
    return row


@transaction.atomic
def _wanted(requisition: str) -> models.Requisition:
    """The requisition, if a package may be asked for it now."""
    row = locked(requisition)
    if row.state not in EXTRACTABLE:
        raise Conflict(
            f"The requisition {row.number} is not accepted.",
            code="requisition_not_accepted",
            hint="Decide on it first.",
        )
    if row.extractions.filter(state__in=[State.REQUESTED, State.BUILDING]).exists():
        raise Conflict(
            "A package of this requisition is being made.", code="extraction_running", hint="Wait until it is done."
        )
    return row


def _granted(
    *, actor: Actor, requisition: str, cameras: Sequence[str] | None, span: Span | None, now: datetime
) -> GrantFacts:
    grant = open_extraction(requisition=requisition, cameras=cameras, span=span, actor=actor, now=now)
    if grant.refusal:
        raise Forbidden(
            f"The law does not let you extract this ({grant.refusal}).", code=grant.refusal, article=grant.article
        )
    return grant


def _next_package(cameras: list[str], now: datetime) -> str:
    counter, _ = models.RegisterCounter.objects.select_for_update().get_or_create(register=REGISTER, year=now.year)
    counter.last += 1
    counter.save(update_fields=["last"])
    return package_name(sites.camera(cameras[0]).insee, now.year, counter.last)


def _record(actor: Actor, name: str, row: models.Extraction, now: datetime, more: dict[str, Json]) -> str:
    body: dict[str, Json] = {
        "requisition": row.requisition.number,
        "cameras": list(row.cameras),
        "from": iso(row.footage_from),
        "to": iso(row.footage_until),
    }
    return record(actor=actor, name=name, subject=f"extraction:{row.package}", body=body | more, at=now)
