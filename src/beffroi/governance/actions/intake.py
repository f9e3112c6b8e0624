"""Taking in files of another video system: written and hashed as they come, examined apart, entered with their fact."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance import models
from beffroi.governance.actions.extractions import EXTRACTABLE
from beffroi.governance.actions.uploads import discard, forget
from beffroi.governance.core import intake as core
from beffroi.governance.core import uploads as parts
from beffroi.governance.files.probing import probe_file
from beffroi.governance.queries import intake as queries
from beffroi.governance.queries import requisitions, uploads
from beffroi.governance.queries.evidence_orders import intake_folder
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, to_us
from beffroi.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from beffroi.kernel.ids import new_id
from beffroi.kernel.spans import Span


@dataclass(frozen=True, slots=True)
class Statement:
    """What the officer states of a file; nobody else can."""

    camera: str
    start: datetime
    system: str
    handed_by: str
    clock: str = ""


def take_in(
    *, actor: Actor, requisition: str, name: str, statement: Statement, chunks: Iterable[bytes], now: datetime
) -> models.Intake:
    """Take one file in for an accepted requisition. Its bytes are never changed afterwards.

    ``Conflict`` when the requisition is not accepted, ``Invalid`` for a camera or span that was not granted (R-20) or a
    file that is no video, ``Unavailable`` when the disk is full. What is refused leaves nothing behind.
    """
    row, granted = _asked(requisition, statement)
    with _place(now) as (made, path):
        kept = _write(path, chunks)
        return _examined(actor, (made, path), (row, granted), name, statement, kept, None, now)


def take_in_upload(
    *, actor: Actor, requisition: str, upload: str, chain: str, statement: Statement, now: datetime
) -> models.Intake:
    """The same for a file that arrived in parts: read once more from the disk, and compared with what was sent.

    ``Conflict`` while parts of it are missing. A statement that is refused leaves the upload there, to be corrected;
    what is no video, or is not what was sent, leaves nothing behind. ``chain`` is what the sender worked out over the
    whole file; empty where the file lay here already when the page was opened.
    """
    row, granted = _asked(requisition, statement)
    sent = uploads.one(actor.id, requisition, upload)
    if not sent.whole:
        raise Conflict("This file is not whole yet.", code="upload_unfinished")
    with _place(now) as (made, path):
        kept, found = _read(uploads.upload_folder() / sent.id, path)
        try:
            if (kept[0], found) != (sent.bytes, sent.chain) or chain not in ("", found):
                raise Invalid("This file is not what was sent.", code="upload_changed", fields={"file": "changed"})
            return _examined(actor, (made, path), (row, granted), sent.name, statement, kept, sent.id, now)
        except Invalid as error:
            if "file" in error.fields and error.code != "intake_too_wide":
                discard(actor=actor, upload=sent.id, why=error.code, now=now)
            raise


def _asked(requisition: str, statement: Statement) -> tuple[models.Requisition, Span]:
    row = requisitions.by_id(requisition)
    granted = requisitions.span_of(row)
    if row.state not in EXTRACTABLE or granted is None:
        raise Conflict("This requisition is not accepted.", code="requisition_not_accepted", hint="Decide on it first.")
    if statement.camera not in {str(one.camera) for one in row.cameras.all() if one.granted}:
        raise Invalid("This camera was not granted.", code="intake_camera", fields={"camera": "not granted"})
    return row, granted


@contextmanager
def _place(now: datetime) -> Iterator[tuple[str, Path]]:
    """A new id and where its file will lie; whatever is raised leaves no file there."""
    made = new_id(to_us(now))
    path = intake_folder() / made
    with ExitStack() as undo:
        undo.callback(path.unlink, missing_ok=True)
        yield made, path
        undo.pop_all()  # taken in: the file stays


def _examined(
    actor: Actor,
    place: tuple[str, Path],
    asked: tuple[models.Requisition, Span],
    name: str,
    statement: Statement,
    kept: tuple[int, str],
    upload: str | None,
    now: datetime,
) -> models.Intake:
    (made, path), (row, granted) = place, asked
    probe = probe_file(path)
    span = core.check(probe, statement.start, granted)
    return _enter(actor, made, row.pk, name, statement, span.end, kept, probe, upload, now)


@transaction.atomic
def drop(*, actor: Actor, intake: str, why: str, now: datetime) -> None:
    """Destroy a file that was taken in; its digest and what was stated stay. ``Conflict`` when it is gone already."""
    row = models.Intake.objects.select_for_update().filter(pk=intake).first()
    if row is None:
        raise NotFound("There is no such file.", code="no_such_intake")
    if row.dropped_at is not None:
        raise Conflict("This file was destroyed already.", code="intake_dropped")
    row.dropped_at, row.dropped_why = now, why[:200]
    row.save(update_fields=["dropped_at", "dropped_why"])
    body: dict[str, Json] = {"sha256": row.sha256, "reason": why[:200], "requisition": row.requisition.number}
    record(actor=actor, name="intake:drop", subject=f"intake:{row.id}", body=body, at=now)
    transaction.on_commit(lambda: (intake_folder() / row.id).unlink(missing_ok=True))


def drop_outlived(*, now: datetime) -> int:
    """Destroy what was kept for a month, or whose requisition is over; returns how many."""
    found = queries.outlived(now)
    for intake in found:
        drop(actor=SYSTEM, intake=intake, why="its requisition is over, or a month has passed", now=now)
    return len(found)


def _read(half: Path, path: Path) -> tuple[tuple[int, str], str]:
    """The half under its new name (no byte is copied), its size, its digest and the chain over its parts."""
    digest, size, chain = hashlib.sha256(), 0, parts.START
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        os.link(half, path)
        with path.open("rb") as file:
            while part := file.read(parts.PART_BYTES):
                size += len(part)
                digest.update(part)
                chain = parts.chained(chain, hashlib.sha256(part).digest())
    except OSError as error:
        raise _unwritable(error) from error
    return (size, digest.hexdigest()), chain


def _unwritable(error: OSError) -> Unavailable:
    return Unavailable(
        f"The data folder cannot be written: {error.strerror or error}.", code="vault_unwritable", hint="See the disk."
    )


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > core.MAX_BYTES:
                    raise Invalid("This file is larger than 8 GB.", code="intake_too_large", fields={"file": "large"})
                if shutil.disk_usage(path.parent).free < core.SPARE_BYTES:
                    raise Unavailable("The disk of the data folder is full.", code="disk_full", hint="Make room.")
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise _unwritable(error) from error
    return size, digest.hexdigest()


@transaction.atomic
def _enter(
    actor: Actor,
    made: str,
    requisition: str,
    name: str,
    statement: Statement,
    until: datetime,
    kept: tuple[int, str],
    probe: core.Probe,
    upload: str | None,
    now: datetime,
) -> models.Intake:
    row = models.Intake.objects.create(
        id=made,
        requisition_id=requisition,
        camera=statement.camera,
        name=" ".join(name.split())[:200] or "export",
        system=statement.system[:120],
        handed_by=statement.handed_by[:160],
        clock=statement.clock[:200],
        footage_from=statement.start,
        footage_until=until,
        bytes=kept[0],
        sha256=kept[1],
        probe=asdict(probe),
        taken_by=actor.id,
        taken_by_name=actor.name,
        taken_at=now,
    )
    body: dict[str, Json] = {
        "requisition": row.requisition.number,
        "camera": row.camera,
        "name": row.name,
        "system": row.system,
        "handed_by": row.handed_by,
        "from": iso(row.footage_from),
        "to": iso(row.footage_until),
        "bytes": row.bytes,
        "sha256": row.sha256,
        "container": probe.container,
        "codec": probe.codec,
    }
    record(actor=actor, name="intake:take", subject=f"requisition:{row.requisition.number}", body=body, at=now)
    sent = models.Upload.objects.filter(pk=upload).first() if upload is not None else None
    if sent is not None:
        forget(sent)
    return row
