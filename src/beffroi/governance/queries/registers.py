"""Registers: readings of what the acts left, never documents that somebody keeps (DESIGN §6). Rows are plain text.

The register of viewings stands in the log (``audit.queries.looks``). Whoever shows a register notes the reading (R-28).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from beffroi.audit import queries as audit
from beffroi.governance import models
from beffroi.governance.queries.reach import cameras_in_reach, communes_in_reach
from beffroi.governance.queries.requisitions import of_reach
from beffroi.operations import queries as operations
from beffroi.people.core.facts import PersonFacts
from beffroi.people.core.roles import Force, Role
from beffroi.sites import queries as sites

LIMIT = 20_000


class Register(StrEnum):
    """The registers of the chest."""

    REQUISITIONS = "requisitions"
    HOLDS = "holds"
    EXTRACTIONS = "extractions"
    DESTRUCTIONS = "destructions"
    RELAYS = "relays"
    FINDS = "finds"


COLUMNS: Mapping[Register, tuple[str, ...]] = {
    Register.REQUISITIONS: (
        "number", "received", "channel", "unit", "requester", "quality", "basis", "procedure", "offence", "place",
        "period", "state", "result", "answered", "document",
    ),
    Register.HOLDS: (
        "placed", "camera", "period", "reference", "judicial", "reason", "by", "state", "confirmed", "released",
    ),
    Register.EXTRACTIONS: (
        "package", "requisition", "cameras", "period", "asked", "by", "state", "built", "digest", "recipient",
        "received",
    ),
    Register.DESTRUCTIONS: ("when", "what", "subject", "by", "why"),
    Register.RELAYS: (
        "requested", "opened", "ends", "ended", "person", "unit", "mode", "cameras", "ground", "article", "reason",
        "emergency", "decided", "state",
    ),
    Register.FINDS: ("found", "kind", "incident", "what", "told", "by"),
}  # fmt: skip
"""Columns of each register, by stable names the pages translate."""

DESTRUCTION_FACTS = ("hold:released", "intake:drop", "requisition:purge-copies", "fact:erase")
"""What the office destroyed or let go. The recorder's own destructions stand, signed, in the volume's journal."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What a register is narrowed to: half-open time, and words found in any text of a line."""

    since: datetime | None = None
    until: datetime | None = None
    words: str = ""


def register(
    person: PersonFacts, which: Register, filters: Filters, *, limit: int = LIMIT, offset: int = 0
) -> list[Sequence[str]]:
    """The lines of the person's communes, newest first, as text in the order of ``COLUMNS``; the DPO reads all."""
    return _READERS[which](person, filters, limit, offset)


_SHOWN = (
    "number", "received_at", "channel", "unit_name", "rank", "officer_name", "quality", "legal_basis",
    "procedure_number", "offence", "place", "span_from", "span_to", "state", "result", "answered_at",
)  # fmt: skip
"""What a line reads of its row: no list, no trace."""


def _requisitions(person: PersonFacts, filters: Filters, limit: int, offset: int) -> list[Sequence[str]]:
    rows = _between(of_reach(models.Requisition.objects.all(), person), "received_at", filters)
    if filters.words:
        rows = rows.filter(
            Q(number__icontains=filters.words) | Q(unit_name__icontains=filters.words)
            | Q(officer_name__icontains=filters.words) | Q(procedure_number__icontains=filters.words)
            | Q(offence__icontains=filters.words) | Q(place__icontains=filters.words)
        )  # fmt: skip
    papers = models.StoredDocument.objects.filter(requisition=OuterRef("pk"), kind="request").order_by("stored_at")
    found = rows.only(*_SHOWN).annotate(paper=Subquery(papers.values("sha256")[:1])).order_by("-received_at", "-number")
    return [
        (
            row.number, at(row.received_at), row.channel, row.unit_name, f"{row.rank} {row.officer_name}".strip(),
            row.quality, row.legal_basis, row.procedure_number, row.offence, row.place,
            _period(row.span_from, row.span_to), row.state, row.result, at(row.answered_at), row.paper or "",
        )
        for row in found[offset : offset + limit]
    ]  # fmt: skip


def _holds(person: PersonFacts, filters: Filters, limit: int, offset: int) -> list[Sequence[str]]:
    rows = _between(models.Hold.objects.all(), "placed_at", filters)
    known = cameras_in_reach(person)
    if known is not None:
        rows = rows.filter(camera__in=known)
    if filters.words:
        rows = rows.filter(
            Q(label__icontains=filters.words) | Q(camera_name__icontains=filters.words)
            | Q(reason__icontains=filters.words) | Q(judicial_reference__icontains=filters.words)
        )  # fmt: skip
    return [
        (
            at(row.placed_at), row.camera_name, _period(row.start, row.end), row.label, row.judicial_reference,
            row.reason, row.placed_by_name, row.state, at(row.confirmed_at), at(row.released_at),
        )
        for row in rows.order_by("-placed_at", "-id")[offset : offset + limit]
    ]  # fmt: skip


def _extractions(person: PersonFacts, filters: Filters, limit: int, offset: int) -> list[Sequence[str]]:
    mine = of_reach(models.Requisition.objects.all(), person).values("pk")
    rows = _between(models.Extraction.objects.filter(requisition__in=mine), "requested_at", filters)
    if filters.words:
        rows = rows.filter(Q(package__icontains=filters.words) | Q(requisition__number__icontains=filters.words))
    found = rows.order_by("-requested_at", "-id").select_related("requisition").prefetch_related("handovers")
    lines: list[Sequence[str]] = []
    for row in found[offset : offset + limit]:
        given = [one for one in row.handovers.all() if one.received_at is not None]
        lines.append(
            (
                row.package, row.requisition.number, str(len(row.cameras)),
                _period(row.footage_from, row.footage_until), at(row.requested_at), row.requested_by_name, row.state,
                at(row.built_at), row.zip_sha256, "; ".join(one.received_name for one in given),
                "; ".join(at(one.received_at) for one in given),
            )
        )  # fmt: skip
    return lines


def _destructions(_person: PersonFacts, filters: Filters, limit: int, offset: int) -> list[Sequence[str]]:
    """The whole centre's: a destruction names no person and no place."""
    found = audit.facts(
        name=DESTRUCTION_FACTS, contains=filters.words, since=filters.since, until=filters.until, limit=limit,
        offset=offset,
    )  # fmt: skip
    return [
        (
            at(line.fact.at), line.fact.name, line.fact.subject, line.fact.actor.name,
            str(line.fact.body.get("rule") or line.fact.body.get("reason") or line.fact.body.get("label") or ""),
        )
        for line in found
    ]  # fmt: skip


def _relays(person: PersonFacts, filters: Filters, limit: int, offset: int) -> list[Sequence[str]]:
    """One line an access to pictures that a partner asked for, refused ones included."""
    own = models.AccessGrant.objects.filter(force=Force.PM.value) | models.AccessGrant.objects.filter(mode="package")
    rows = _between(models.AccessGrant.objects.exclude(pk__in=own.values("pk")), "requested_at", filters)
    if filters.words:
        rows = rows.filter(
            Q(person_name__icontains=filters.words) | Q(unit__icontains=filters.words)
            | Q(basis_label__icontains=filters.words) | Q(reason__icontains=filters.words)
        )  # fmt: skip
    known = cameras_in_reach(person)
    names = {str(one.id): f"{one.number} · {one.name}" for one in sites.cameras(retired=True)}
    found = rows.order_by("-requested_at", "-id").iterator(chunk_size=500)
    mine = (row for row in found if known is None or known.intersection(row.cameras))
    return [
        (
            at(row.requested_at), at(row.opened_at), at(row.until), at(row.stopped_at or row.ended_at),
            row.person_name, f"{row.force} {row.unit}".strip(), row.mode,
            "; ".join(names.get(one, one) for one in row.cameras), row.basis_label or row.basis_kind, row.article,
            row.reason, "×" if row.emergency else "", row.decided_by_name, row.state,
        )
        for row in islice(mine, offset, offset + limit)
    ]  # fmt: skip


def _finds(person: PersonFacts, filters: Filters, limit: int, offset: int) -> list[Sequence[str]]:
    """What the commune's own agents found, on nobody's request."""
    communes = None if Role.DPO in person.roles else communes_in_reach(person)
    found = operations.finds(
        communes, since=filters.since, until=filters.until, words=filters.words, limit=limit, offset=offset
    )
    return [(at(one.found_at), one.kind, one.incident, one.what, one.told, one.by) for one in found]


_READERS: Mapping[Register, Callable[[PersonFacts, Filters, int, int], list[Sequence[str]]]] = {
    Register.REQUISITIONS: _requisitions,
    Register.HOLDS: _holds,
    Register.EXTRACTIONS: _extractions,
    Register.DESTRUCTIONS: _destructions,
    Register.RELAYS: _relays,
    Register.FINDS: _finds,
}


def _between(rows: QuerySet, field: str, filters: Filters) -> QuerySet:  # type: ignore[type-arg]  # any of three tables
    if filters.since is not None:
        rows = rows.filter(**{f"{field}__gte": filters.since})
    if filters.until is not None:
        rows = rows.filter(**{f"{field}__lt": filters.until})
    return rows


def at(moment: datetime | None) -> str:
    """A time in the centre's zone with its offset, the same in page, CSV and print."""
    if moment is None:
        return ""
    local = moment.astimezone(ZoneInfo(settings.TIME_ZONE))
    offset = f"{local:%z}"
    return f"{local:%d/%m/%Y %H:%M:%S} {offset[:3]}:{offset[3:]}"


def _period(start: datetime | None, end: datetime | None) -> str:
    return f"{at(start)} → {at(end)}" if start and end else ""


def csv_safe(cells: Iterable[str]) -> list[str]:
    """Cells that no spreadsheet takes for a formula: what begins with one of its signs gets an apostrophe."""
    return [f"'{cell}" if cell[:1] in {"=", "+", "-", "@", "\t", "\r"} else cell for cell in cells]
