"""The sequencer: chains what was recorded and signs what the log has become. Only one runs at a time."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max

from beffroi.audit import models
from beffroi.audit.core import checkpoints, facts
from beffroi.audit.core.chain import heads
from beffroi.audit.core.merkle import Frontier, leaf_hash
from beffroi.audit.files import keep_checkpoint, office_key, origin
from beffroi.kernel.digest import GENESIS
from beffroi.kernel.errors import Corrupt

BATCH = 5_000
KEEP_EVERY = timedelta(hours=1)
KEEP_EVERY_ENTRIES = 10_000
_SEQUENCER_LOCK = 0x42656666  # "Beff": the advisory lock of PostgreSQL


def chain_pending(now: datetime) -> int:
    """Chain what is pending and sign a checkpoint over it; returns how many facts were chained.

    Call it at least once a second. ``Corrupt`` when the stored log was cut or grown by someone else: nothing is
    chained on top of a broken log. ``Unavailable`` without the office's key.
    """
    if not models.Pending.objects.exists():
        return 0
    key = office_key()
    with transaction.atomic():
        _alone()
        waiting = list(
            models.Pending.objects.order_by("id").values_list("id", "fact_id", "fact__name", "fact__commitment")[:BATCH]
        )
        if not waiting:
            return 0
        size, head, frontier = _standing()
        leaves = [leaf_hash(facts.entry_bytes(fact, name, bytes(committed))) for _, fact, name, committed in waiting]
        grown = frontier.grown(leaves)
        models.Entry.objects.bulk_create(
            models.Entry(index=size + place, fact_id=row[1], leaf=leaf, head=linked)
            for place, (row, leaf, linked) in enumerate(zip(waiting, leaves, heads(head, leaves), strict=True))
        )
        note = checkpoints.sign(checkpoints.Checkpoint(origin(), grown.size, grown.root()), key)
        tip = {"size": grown.size, "at": now, "root": grown.root(), "frontier": grown.to_bytes(), "note": note}
        models.Tip.objects.update_or_create(id=1, defaults=tip)
        _keep(grown.size, note, now)
        models.Pending.objects.filter(id__lte=waiting[-1][0], fact_id__in=[row[1] for row in waiting]).delete()
    keep_checkpoint(note)
    return len(waiting)


def _alone() -> None:
    """One sequencer at a time: SQLite's IMMEDIATE transaction is alone already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEQUENCER_LOCK])


def _keep(size: int, note: str, now: datetime) -> None:
    """Keep this checkpoint for ever when the last one kept is old or far behind."""
    last = models.Checkpoint.objects.order_by("-size").first()
    if last is None or now - last.at >= KEEP_EVERY or size - last.size >= KEEP_EVERY_ENTRIES:
        models.Checkpoint(size=size, at=now, note=note).save(force_insert=True)


def _standing() -> tuple[int, bytes, Frontier]:
    """Size, head and frontier of the stored log; ``Corrupt`` where entries and last checkpoint disagree."""
    last = models.Tip.objects.first()
    top = models.Entry.objects.aggregate(top=Max("index"))["top"]
    size = 0 if top is None else top + 1
    signed = 0 if last is None else last.size
    if size != signed:
        raise Corrupt(
            f"The log has {size} entries and its last signed checkpoint {signed}.",
            code="log_broken",
            hint="Nothing is chained on top. Run: beffroi audit verify",
        )
    if last is None:
        return 0, GENESIS, Frontier()
    entry = models.Entry.objects.get(index=top)
    return size, bytes(entry.head), Frontier.from_bytes(size, bytes(last.frontier))
