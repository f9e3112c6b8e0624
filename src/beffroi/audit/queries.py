"""The only reader of the log. Whoever shows it to a person records that with ``actions.note_reading`` (R-28)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import JSONField, Max, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from beffroi.audit import files, models
from beffroi.audit.core import facts as words
from beffroi.audit.core.checkpoints import NoteKey
from beffroi.audit.core.facts import Actor, Fact
from beffroi.audit.core.growth import Comparison, compare, leaf_today
from beffroi.audit.core.lived import Lived, Reading, lived
from beffroi.audit.core.looks import Look, look_of, totals_of
from beffroi.audit.core.merkle import inclusion_proof
from beffroi.audit.core.names import LOOKS
from beffroi.audit.core.verify import Report, StoredEntry, StoredFact, Walk
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import NotFound

PAGE = 100
CLOCKS_DIFFER_US = 2_000_000
"""What a wall clock that is kept right may turn against the count: no access ends early for that."""
CHAINED_WITHIN = timedelta(seconds=60)
"""A fact that waits longer for its place in the chain is a break."""


@dataclass(frozen=True, slots=True)
class FactLine:
    """A fact as it is shown: its place in the log (``None``: not chained yet) and, once erased, only the rule."""

    fact: Fact
    index: int | None
    erased_rule: str


def facts(
    *,
    name: str | Sequence[str] = "",
    subject: str = "",
    actor: str = "",
    contains: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = PAGE,
    offset: int = 0,
) -> list[FactLine]:
    """Facts, newest first. ``name`` is one name or several; ``contains`` is looked for in the body's text."""
    rows = _filtered(name, subject, actor, contains, since, until)
    return [_line(row) for row in rows.select_related("entry")[offset : offset + limit]]


def count_facts(
    *,
    name: str | Sequence[str] = "",
    subject: str = "",
    actor: str = "",
    contains: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> int:
    """How many facts the same filters select."""
    return _filtered(name, subject, actor, contains, since, until).count()


def fact(fact_id: str) -> FactLine:
    """One fact; ``NotFound``."""
    row = models.Fact.objects.select_related("entry").filter(id=fact_id).first()
    if row is None:
        raise NotFound("There is no such fact.", code="fact_unknown")
    return _line(row)


def looks(
    *,
    actor: str = "",
    camera: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = PAGE,
    offset: int = 0,
) -> list[FactLine]:
    """Who looked at what and why, newest first (I2): looks begun, ended and refused at the door."""
    subject = f"camera:{camera}" if camera else ""
    return facts(name=LOOKS, subject=subject, actor=actor, since=since, until=until, limit=limit, offset=offset)


@dataclass(frozen=True, slots=True)
class LookFilter:
    """What the register of viewings is narrowed to; empty means all."""

    person: str = ""  # part of a name
    camera: str = ""
    mode: str = ""
    kind: str = ""  # duty | incident | case | requisition
    purpose: str = ""
    basis: str = ""  # words of the article, the reference or the reason
    refused: bool = False
    since: datetime | None = None
    until: datetime | None = None
    grants: QuerySet[Any] | None = field(default=None, compare=False)  # ids of the accesses with ``purpose``


def look_register(chosen: LookFilter, *, limit: int = PAGE, offset: int = 0) -> list[Look]:
    """One line a look, newest first, with its totals where it has ended."""
    rows = [_line(row) for row in _looks(chosen).select_related("entry")[offset : offset + limit]]
    if not rows:
        return []
    ends = models.Fact.objects.filter(
        name="look:end", at__gte=min(row.fact.at for row in rows), subject__in={row.fact.subject for row in rows}
    ).order_by("at")[: 20 * limit]
    totals = totals_of(_line(row).fact for row in ends.select_related("entry"))
    return [look_of(row.fact, erased_rule=row.erased_rule, ends=totals) for row in rows]


def count_looks(chosen: LookFilter) -> int:
    """How many looks the filter selects."""
    return _looks(chosen).count()


def _looks(chosen: LookFilter) -> QuerySet[models.Fact]:
    names = ("look:refuse",) if chosen.refused else ("look:begin", "look:refuse")
    subject = f"camera:{chosen.camera}" if chosen.camera else ""
    rows = _filtered(names, subject, "", "", chosen.since, chosen.until)
    if chosen.person:
        rows = rows.filter(actor_name__icontains=chosen.person)
    if chosen.mode:  # bodies are canonical JSON: one spelling each
        rows = rows.filter(body__contains=f'"mode":{json.dumps(chosen.mode)}')
    if chosen.kind:
        rows = rows.filter(body__contains=f'"kind":{json.dumps(chosen.kind)}')
    if chosen.basis:
        rows = rows.filter(body__icontains=json.dumps(chosen.basis, ensure_ascii=False)[1:-1])
    if chosen.grants is not None:
        rows = rows.annotate(grant=KeyTextTransform("grant", Cast("body", JSONField())))
        rows = rows.filter(grant__in=chosen.grants)
    return rows


def _filtered(
    name: str | Sequence[str],
    subject: str,
    actor: str,
    contains: str,
    since: datetime | None,
    until: datetime | None,
) -> QuerySet[models.Fact]:
    rows = models.Fact.objects.order_by("-at", "-id")
    names = [name] if isinstance(name, str) and name else list(name)
    if names:
        rows = rows.filter(name__in=names)
    if subject:
        rows = rows.filter(subject=subject)
    if actor:
        rows = rows.filter(actor_id=actor)
    if contains:
        rows = rows.filter(body__icontains=contains)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    return rows


def _line(row: models.Fact) -> FactLine:
    actor = Actor(row.actor_id, row.actor_name, row.actor_force, row.actor_unit, row.actor_station)
    body = words.read_body(row.body) if row.body is not None else {}
    entry = getattr(row, "entry", None)
    shown = Fact(row.id, row.at, row.name, row.subject, actor, body)
    return FactLine(shown, entry.index if entry is not None else None, row.erased_rule)


def past_term(*, names: Sequence[str], before: datetime, limit: int) -> list[str]:
    """Ids of chained facts with these names, older than ``before`` and not forgotten yet, oldest first."""
    rows = models.Fact.objects.filter(name__in=names, at__lt=before, erased_rule="", entry__isnull=False)
    return list(rows.order_by("at", "id").values_list("id", flat=True)[:limit])


@dataclass(frozen=True, slots=True)
class CheckpointLine:
    """A signed checkpoint as it is shown and handed out."""

    size: int
    at: datetime
    root: bytes
    note: str


def latest_checkpoint() -> CheckpointLine | None:
    """The newest signed checkpoint."""
    row = models.Tip.objects.first()
    return CheckpointLine(row.size, row.at, bytes(row.root), row.note) if row is not None else None


def pending() -> int:
    """How many facts wait for their place in the chain."""
    return models.Pending.objects.count()


def proof(fact_id: str) -> tuple[int, int, list[bytes]]:
    """Index, tree size and inclusion proof of a fact under the newest checkpoint; ``NotFound`` when not yet chained.

    Costs one pass over the leaf hashes.
    """
    entry = models.Entry.objects.filter(fact_id=fact_id).first()
    last = latest_checkpoint()
    if entry is None or last is None:
        raise NotFound("This fact is not chained yet.", code="fact_unchained")
    rows = models.Entry.objects.filter(index__lt=last.size).order_by("index").values_list("leaf", flat=True)
    leaves = [bytes(leaf) for leaf in rows.iterator(chunk_size=10_000)]
    return entry.index, last.size, inclusion_proof(leaves, entry.index)


@dataclass(frozen=True, slots=True)
class SampledEntry:
    """One entry of the log with its proof under a checkpoint, and nothing of what the fact says."""

    index: int
    fact: str
    name: str
    commitment: bytes
    proof: tuple[bytes, ...]


def sample(indexes: Sequence[int], size: int) -> list[SampledEntry]:
    """These entries with their inclusion proofs in the tree of ``size`` leaves. One pass over the leaf hashes."""
    rows = models.Entry.objects.filter(index__lt=size).order_by("index").values_list("leaf", flat=True)
    leaves = [bytes(leaf) for leaf in rows.iterator(chunk_size=10_000)]
    found = models.Entry.objects.filter(index__in=list(indexes), index__lt=size).order_by("index")
    return [
        SampledEntry(
            row.index, row.fact_id, row.fact.name, bytes(row.fact.commitment), tuple(inclusion_proof(leaves, row.index))
        )
        for row in found.select_related("fact")
    ]


def disclosure(fact_id: str) -> tuple[Mapping[str, Json], bytes]:
    """A fact as it was committed to, and its salt: with both, a stranger tells its leaf again. ``NotFound`` when absent
    or erased (I11). Give it only to whom the fact concerns."""
    row = models.Fact.objects.filter(id=fact_id).first()
    if row is None or row.body is None or row.salt is None:
        raise NotFound("There is no such fact.", code="fact_unknown")
    return words.document(_line(row).fact), bytes(row.salt)


@dataclass(frozen=True, slots=True)
class JournalPosition:
    """How far a recorder's journal has been taken in."""

    id: str
    key: str
    position: int
    head: str
    pulled_at: datetime
    broken: str


def journal_position(source: str) -> JournalPosition | None:
    """The position in one recorder's journal, or ``None`` before the first pull."""
    row = models.JournalSource.objects.filter(id=source).first()
    return _position(row) if row is not None else None


def journal_positions() -> list[JournalPosition]:
    """All recorders' journals."""
    return [_position(row) for row in models.JournalSource.objects.order_by("id")]


def _position(row: models.JournalSource) -> JournalPosition:
    return JournalPosition(row.id, row.key, row.position, row.head, row.pulled_at, row.broken)


def verify(
    *, now: datetime | None = None, key: NoteKey | None = None, checkpoints: Sequence[str] = (), using: str = "default"
) -> Report:
    """Walk the whole stored log against its signed checkpoints and those a stranger brought (``checkpoints``).

    ``using`` names the database connection: the live one, or a copy. Reads only; memory stays flat.
    ``now`` tells which unchained facts should have been chained; without it only what no list of work names counts.
    """
    kept = models.Checkpoint.objects.using(using).order_by("size").values_list("note", flat=True)
    tip = models.Tip.objects.using(using).values_list("note", flat=True)
    walk = Walk([*kept, *tip, *checkpoints], key=key)
    for entry in _entries(using):
        walk.take(entry)
    return walk.report(unchained=_unchained(now, using))


def grown_from(note: str, *, key: NoteKey | None = None, using: str = "default") -> Comparison:
    """Whether today's log begins with the log of an earlier signed checkpoint. One pass over the stored facts."""
    tip = models.Tip.objects.using(using).first()
    return grown_to(tip.note if tip else "", tip.size if tip else 0, [note], key=key, using=using)[0]


def grown_to(
    tip: str, size: int, notes: Sequence[str], *, key: NoteKey | None = None, using: str = "default",
) -> list[Comparison]:  # fmt: skip
    """The same for several earlier checkpoints, up to the signed ``tip`` of the first ``size`` entries; one pass."""
    leaves = [leaf_today(entry) for entry in islice(_entries(using), size)]  # what is chained meanwhile is not in it
    return [compare(note, tip=tip, leaves=leaves, key=key) for note in notes]


def spread_checkpoints(below: int, most: int) -> list[str]:
    """At most ``most`` of the signed checkpoints kept of smaller sizes: the first, the last, and evenly between."""
    sizes = list(models.Checkpoint.objects.filter(size__lt=below).order_by("size").values_list("size", flat=True))
    if len(sizes) > most:
        sizes = [sizes[round(number * (len(sizes) - 1) / (most - 1))] for number in range(most)]
    return list(models.Checkpoint.objects.filter(size__in=sizes).order_by("size").values_list("note", flat=True))


def kept_checkpoint(size: int, *, using: str = "default") -> str:
    """The signed checkpoint kept of this size; ``NotFound``."""
    row = models.Checkpoint.objects.using(using).filter(size=size).first()
    if row is None:
        raise NotFound(f"No checkpoint of {size} entries is kept here.", code="checkpoint_unknown")
    return row.note


def _unchained(now: datetime | None, using: str) -> list[str]:
    rows = models.Fact.objects.using(using)
    lost = list(rows.filter(entry=None, pending=None).order_by("id").values_list("id", flat=True)[:20])
    if now is not None:
        late = rows.filter(entry=None, pending__isnull=False, at__lt=now - CHAINED_WITHIN)
        newest = models.Tip.objects.using(using).aggregate(at=Max("at"))["at"]
        if newest is None or newest < now - CHAINED_WITHIN:
            lost += list(late.order_by("id").values_list("id", flat=True)[:20])
    return lost


_FIELDS = (
    "id", "at", "name", "subject", "actor_id", "actor_name", "actor_force", "actor_unit", "actor_station",
    "body", "salt", "commitment", "erased_rule", "erased_by",
)  # fmt: skip
_CHUNK = 2_000


def _entries(using: str) -> Iterator[StoredEntry]:
    start = -1
    while True:
        rows = list(
            models.Entry.objects.using(using)
            .filter(index__gt=start)
            .order_by("index")
            .values_list("index", "fact_id", "leaf", "head")[:_CHUNK]
        )
        if not rows:
            return
        wanted = models.Fact.objects.using(using).filter(id__in=[row[1] for row in rows])
        found = {row[0]: _stored(row) for row in wanted.values_list(*_FIELDS)}
        for index, fact_id, leaf, head in rows:
            yield StoredEntry(index, bytes(leaf), bytes(head), fact_id, found.get(fact_id))
        start = rows[-1][0]


def _stored(row: tuple[object, ...]) -> StoredFact:
    (id_, at, name, subject, actor_id, actor_name, force, unit, station, body, salt, committed, rule, by) = row
    assert isinstance(at, datetime)
    texts = (id_, name, subject, actor_id, actor_name, force, unit, station, rule, by)
    id_, name, subject, actor_id, actor_name, force, unit, station, rule, by = (str(text) for text in texts)
    whole = None
    if body is not None:
        try:
            said = words.read_body(str(body))
        except ValueError:
            said = {"unreadable": str(body)}
        whole = Fact(id_, at, name, subject, Actor(actor_id, actor_name, force, unit, station), said)
    return StoredFact(
        id=id_,
        name=name,
        commitment=bytes(committed),  # type: ignore[call-overload]
        fact=whole,
        salt=bytes(salt) if salt is not None else b"",  # type: ignore[call-overload]
        at_agrees=words.agrees_with_id(id_, at),
        erased_rule=rule,
        erased_by=by,
    )


def lived_now() -> Lived:
    """How long the centre has lived: it rises as time passes, whatever is done to the wall clock."""
    row = models.Lived.objects.filter(pk=1).first()
    kept = None if row is None else Lived(row.us, Reading(row.boot, row.since_boot_us, row.wall_us))
    return lived(kept, files.reading())


def lived_us() -> int:
    """The same, as a number to compare with what rows keep of their own ends (``ends_lived_us``)."""
    return lived_now().us


def lives_until(now: datetime, until: datetime) -> int:
    """The count at which what begins ``now`` and lasts until ``until`` is over, however the wall clock is set."""
    return lived_us() + (to_us(until) - to_us(now)) + CLOCKS_DIFFER_US
