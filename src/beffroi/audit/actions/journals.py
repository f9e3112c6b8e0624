"""Take in the lines of a recorder's journal as facts: each once, in the transaction that moves the position."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from beffroi.audit import models
from beffroi.audit.actions.facts import record
from beffroi.audit.core.facts import SYSTEM, Actor
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import from_us
from beffroi.kernel.errors import Corrupt
from beffroi.media.core.looks import JournalLine


@transaction.atomic
def pin_source(*, source: str, key: bytes, now: datetime) -> None:
    """Remember a recorder's journal and the key by which it is signed; the first key seen stays."""
    models.JournalSource.objects.get_or_create(id=source, defaults={"key": key.hex(), "pulled_at": now})


@transaction.atomic
def take_lines(*, source: str, after: int, lines: Sequence[JournalLine], now: datetime) -> bool:
    """Record lines that were checked; ``False`` when another worker was faster and nothing was done."""
    row = models.JournalSource.objects.select_for_update().get(id=source)
    if row.position != after:
        return False
    for line in lines:
        record(
            actor=_actor(line, source),
            name=line.name,
            subject=_subject(line),
            body={**line.body, "journal": source, "line": line.number, "line_digest": line.digest},
            at=from_us(line.at_us),
        )
    row.position, row.head, row.pulled_at, row.broken = lines[-1].number, lines[-1].digest, now, ""
    row.save(update_fields=["position", "head", "pulled_at", "broken"])
    return True


def _actor(line: JournalLine, source: str) -> Actor:
    person = str(line.body.get("person", "") or "")
    if not person:
        return Actor(SYSTEM.id, SYSTEM.name, station=source)
    return Actor(person, _text(line, "person_name"), _text(line, "force"), station=_text(line, "peer") or source)


def _subject(line: JournalLine) -> str:
    camera = _text(line, "camera")
    return f"camera:{camera}" if camera else "door"


def _text(line: JournalLine, name: str) -> str:
    value: Json = line.body.get(name, "")
    return value if isinstance(value, str) else ""


@transaction.atomic
def tell_break(*, source: str, error: Corrupt, now: datetime) -> None:
    """Say once in the log that a journal does not follow from what was taken in before."""
    row = models.JournalSource.objects.select_for_update().get(id=source)
    if row.broken == error.message[:120]:
        return
    row.broken = error.message[:120]
    row.save(update_fields=["broken"])
    body: dict[str, Json] = {"source": source, "after": row.position, "what": error.message}
    record(actor=SYSTEM, name="journal:break", subject=f"journal:{source}", body=body, at=now)
