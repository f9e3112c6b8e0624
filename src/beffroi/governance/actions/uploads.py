"""Sending an export in parts: begun, gone on with where it stopped, given up. Taking it in is ``actions.intake``."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from beffroi.audit.actions import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.governance import models
from beffroi.governance.actions.extractions import EXTRACTABLE
from beffroi.governance.core import uploads as core
from beffroi.governance.core.intake import SPARE_BYTES
from beffroi.governance.queries import requisitions
from beffroi.governance.queries import uploads as queries
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Conflict, NotFound, Unavailable
from beffroi.kernel.ids import new_id


@transaction.atomic
def begin(*, actor: Actor, requisition: str, name: str, length: int | None, now: datetime) -> queries.UploadFacts:
    """Announce a file for an accepted requisition.

    ``Conflict`` when the requisition is not accepted or three are on their way already, ``Invalid`` for a length that
    cannot be, ``Unavailable`` where the disk has no room for the whole of it.
    """
    row = requisitions.by_id(requisition)
    if row.state not in EXTRACTABLE:
        raise Conflict("This requisition is not accepted.", code="requisition_not_accepted", hint="Decide on it first.")
    whole = core.check_length(length)
    if models.Upload.objects.filter(person=actor.id).count() >= core.MOST_OF_ONE_PERSON:
        raise Conflict("Three files are on their way already.", code="uploads_many")
    free = shutil.disk_usage(settings.BEFFROI_DATA_DIR).free - queries.to_come()
    if free < whole + SPARE_BYTES:
        raise Unavailable("The disk of the data folder has no room for it.", code="disk_full", hint="Make room.")
    made = models.Upload.objects.create(
        id=new_id(to_us(now)),
        requisition_id=row.pk,
        person=actor.id,
        name=" ".join(name.split())[:200] or "export",
        bytes=whole,
        chain=core.START,
        begun_at=now,
        touched_at=now,
    )
    body: dict[str, Json] = {"requisition": row.number, "name": made.name, "bytes": whole}
    record(actor=actor, name="upload:begin", subject=f"upload:{made.id}", body=body, at=now)
    return queries.facts(made)


def add(
    *, actor: Actor, requisition: str, upload: str, offset: int | None, part: bytes, digest: bytes, now: datetime
) -> queries.UploadFacts:
    """Add the next part. It counts once it is on the disk: what was cut on its way is sent again.

    ``NotFound`` for somebody else's, ``Conflict`` where it does not go on from there, ``Invalid`` for a part that is
    not what it says. No fact of its own: the log has the beginning, and the end.
    """
    path = _path(queries.one(actor.id, requisition, upload).id)
    with _alone(path) as file, transaction.atomic():
        row = models.Upload.objects.select_for_update().filter(pk=upload).first()
        if row is None:  # discarded while this part came
            raise NotFound("There is no such upload.", code="no_such_upload")
        core.check_part(part, digest, offset=offset, received=row.received, length=row.bytes)
        _write(file, part, row.received)
        row.received += len(part)
        row.chain, row.touched_at = core.chained(row.chain, digest), now
        row.save(update_fields=["received", "chain", "touched_at"])
    return queries.facts(row)


@transaction.atomic
def discard(*, actor: Actor, upload: str, why: str, now: datetime) -> None:
    """Give one up: its half is destroyed."""
    row = models.Upload.objects.select_for_update().select_related("requisition").filter(pk=upload).first()
    if row is None:
        raise NotFound("There is no such upload.", code="no_such_upload")
    body: dict[str, Json] = {"requisition": row.requisition.number, "received": row.received, "reason": why[:200]}
    record(actor=actor, name="upload:drop", subject=f"upload:{row.id}", body=body, at=now)
    forget(row)


def forget(row: models.Upload) -> None:
    """Inside a transaction: the row goes now, its half when that holds."""
    path = _path(row.id)
    row.delete()
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def drop_abandoned(*, now: datetime) -> int:
    """Destroy what nobody went on with for a day, and files that no row knows; returns how many."""
    found = queries.abandoned(now)
    for upload in found:
        discard(
            actor=SYSTEM, upload=upload, why="nobody went on with it for a day, or its requisition is over", now=now
        )
    known, lost = queries.known(), 0
    for path in queries.upload_folder().glob("*-*"):
        if path.is_file() and path.name not in known and now.timestamp() - path.stat().st_mtime > 3_600:
            path.unlink(missing_ok=True)
            lost += 1
    return len(found) + lost


def _path(upload: str) -> Path:
    return queries.upload_folder() / upload


@contextmanager
def _alone(path: Path) -> Iterator[int]:
    """The half, open to one writer; ``Conflict`` while another writes (two tabs, or a line that is not yet dead)."""
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise _unwritable(error) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield file
    except BlockingIOError as error:
        raise Conflict("A part is being written.", code="upload_busy") from error
    finally:
        os.close(file)


def _write(file: int, part: bytes, at: int) -> None:
    try:
        rest = memoryview(part)
        while rest:
            done = os.pwrite(file, rest, at)
            rest, at = rest[done:], at + done
        os.fsync(file)
    except OSError as error:
        raise _unwritable(error) from error


def _unwritable(error: OSError) -> Unavailable:
    return Unavailable(
        f"The data folder cannot be written: {error.strerror or error}.", code="vault_unwritable", hint="See the disk."
    )
