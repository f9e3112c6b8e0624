"""Reconcilers of packages: build what was asked for, copy what was asked to be copied.

Both may be killed at any moment: the row says what is wanted, a working folder that the next turn clears is all that
is left behind, and a package has its name only when it is whole and checked.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from beffroi.audit.files import office_key
from beffroi.governance.actions import extractions as acts
from beffroi.governance.actions import handover
from beffroi.governance.actions.tickets import OFFICE_BINDING, issue_ticket
from beffroi.governance.files.fetching import ExtractionSource
from beffroi.governance.files.media import copy_package
from beffroi.governance.files.packages import build
from beffroi.governance.files.stamps import ExternalAuthority, OwnAuthority, Stamper, create_authority
from beffroi.governance.queries import evidence
from beffroi.governance.queries.evidence_orders import order_of
from beffroi.kernel.clock import Clock, to_us
from beffroi.kernel.errors import BeffroiError, Conflict, Unavailable
from beffroi.kernel.ids import new_id
from beffroi.people import queries as people

log = logging.getLogger(__name__)

PROGRESS_EVERY = timedelta(seconds=1)


def reconcile_extractions(recorder: ExtractionSource, now: datetime, *, clock: Clock | None = None) -> int:
    """Build every package that waits, one after the other; returns how many were finished, well or not.

    ``clock`` is read while a build runs, to keep its lease; it defaults to the office's own.
    """
    ticking: Clock = clock or settings.BEFFROI_CLOCK
    done = 0
    builder = new_id(to_us(now))
    while (extraction := acts.claim(builder=builder, now=ticking.now())) is not None:
        _build(recorder, extraction, builder, ticking)
        done += 1
    return done


def reconcile_copies(now: datetime) -> int:
    """Copy finished packages to the media that were asked for; returns how many turned out well."""
    done = 0
    for asked in evidence.copies_to_make():
        try:
            folder = copy_package(vault(), asked.extraction.package, Path(asked.medium))
        except BeffroiError as error:
            handover.note_copy_failed(handover=asked.id, why=str(error), now=now)
            continue
        handover.note_copied(handover=asked.id, folder=folder, now=now)
        done += 1
    return done


def vault() -> Path:
    """Where finished packages lie: ``DATA/vault/<package>/package.zip``."""
    return Path(settings.BEFFROI_DATA_DIR) / "vault"


def stamper(now: datetime) -> Stamper:
    """The configured authority, else the centre's own, made when it is missing."""
    url = str(getattr(settings, "BEFFROI_TSA_URL", ""))
    if url:
        return ExternalAuthority(url, _authority_pem())
    keys = Path(settings.BEFFROI_DATA_DIR) / "keys"
    create_authority(keys, organisation=str(settings.BEFFROI_CENTRE), now=now)
    return OwnAuthority(keys)


def _authority_pem() -> bytes:
    """Roots of the external authority, if the centre put them in ``keys/tsa-roots.pem``."""
    path = Path(settings.BEFFROI_DATA_DIR) / "keys" / "tsa-roots.pem"
    try:
        return path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise Unavailable(f"{path} cannot be read.", code="stamp_roots_unreadable", hint="See its rights.") from error


def _build(recorder: ExtractionSource, extraction: str, builder: str, clock: Clock) -> None:
    try:
        order = order_of(extraction)
        authority = stamper(clock.now())
        built = build(
            order,
            source=recorder,
            ticket=_tickets(extraction, clock),
            vault=vault(),
            stamper=authority,
            key=office_key(),
            clock=clock,
            progress=_progress(extraction, builder, clock),
        )
        acts.note_built(
            extraction=extraction, builder=builder, built=built, stamp=authority.kind,
            checkpoint=order.proofs.checkpoint, now=clock.now(),
        )  # fmt: skip
    except BeffroiError as error:
        if isinstance(error, Conflict) and error.code == "lease_lost":
            log.warning("package %s was taken over by another builder", extraction)
            return
        log.warning("package %s could not be made: %s", extraction, error)
        try:
            acts.note_failed(extraction=extraction, builder=builder, error=error, now=clock.now())
        except Conflict:
            log.warning("package %s is another builder's by now", extraction)


def _tickets(extraction: str, clock: Clock) -> Callable[[str], str]:
    """A fresh ticket for each camera, sealed for the executor's own access (I1, R-20)."""
    row = acts.by_id(extraction)
    actor = people.actor(row.requested_by, station="worker")

    def ticket(camera: str) -> str:
        return issue_ticket(grant=row.grant, binding=OFFICE_BINDING, camera=camera, actor=actor, now=clock.now())

    return ticket


def _progress(extraction: str, builder: str, clock: Clock) -> Callable[[int, int], None]:
    """Writes how far it is, and the lease, once a second at most."""
    last = [clock.now() - 2 * PROGRESS_EVERY]

    def told(done: int, total: int) -> None:
        now = clock.now()
        if now - last[0] >= PROGRESS_EVERY:
            last[0] = now
            acts.note_progress(extraction=extraction, builder=builder, done=done, total=total, now=now)

    return told
