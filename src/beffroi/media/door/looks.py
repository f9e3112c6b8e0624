"""Looks in progress: one fact before the first byte, totals after the last (I2)."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError
from beffroi.kernel.ids import CameraId, new_id
from beffroi.kernel.spans import Span, union
from beffroi.media.core.answers import LookSession
from beffroi.media.core.looks import LineName
from beffroi.media.core.tickets import Mode, Ticket
from beffroi.media.door.journal import DoorJournal

IDLE_US = 90_000_000
"""A look made of single requests (replay, stills, packages) is over after so long a silence."""
_MAX_FOOTAGE = 64
_MAX_STRETCHES = 1_024
"""Of a file; whoever fetches it in more pieces than that at once is not said to have all of it."""
_REFUSAL_US = 10_000_000
_MAX_REFUSALS = 256


@dataclass(slots=True)
class Look:
    """One look in progress and what it has delivered so far."""

    id: str
    ticket: Ticket
    mode: Mode
    camera: CameraId
    span: Span | None  # footage the look was declared for; None for live
    binding: str
    since_us: int
    touched_boot_us: int
    sent_bytes: int = 0
    pictures: int = 0
    footage: list[Span] = field(default_factory=list)
    busy: int = 0
    of_bytes: int = 0  # of the file that is fetched; 0 where pictures are shown
    _fetched: list[tuple[int, int]] = field(default_factory=list)

    def sent(self, count: int) -> None:
        """``count`` bytes went out."""
        self.sent_bytes += count

    def sent_from(self, start: int) -> Callable[[int], None]:
        """``sent`` for a stretch of the file that begins at ``start``."""
        at = start

        def went_out(count: int) -> None:
            nonlocal at
            self.sent(count)
            self._fetched = joined([*self._fetched, (at, at + count)])[:_MAX_STRETCHES]
            at += count

        return went_out

    @property
    def complete(self) -> bool:
        """Whether every byte of the file went out, in however many goes."""
        return self.of_bytes > 0 and self._fetched == [(0, self.of_bytes)]

    def showed(self, span: Span, pictures: int) -> None:
        """Footage of ``span`` went out."""
        self.pictures += pictures
        merged = union([*self.footage, span])
        if len(merged) > _MAX_FOOTAGE:  # keep the totals bounded: join the oldest two
            merged = [Span(merged[0].start, merged[1].end), *merged[2:]]
        self.footage = merged


@dataclass(slots=True)
class _Refusals:
    since_us: int
    body: dict[str, Json]
    count: int = 1


class Looks:
    """The register of looks. Everything shown goes through ``begin``."""

    def __init__(self, journal: DoorJournal, clock: Clock) -> None:
        self._journal, self._clock = journal, clock
        self._open: dict[str, Look] = {}
        self._turn = asyncio.Lock()
        self._refused: OrderedDict[tuple[str, str, str, str], _Refusals] = OrderedDict()

    async def begin(self, ticket: Ticket, *, mode: Mode, camera: CameraId, span: Span | None, binding: str) -> Look:
        """Open a look; returns when its fact is on disk. ``Unavailable`` when the journal cannot be written."""
        now_us = self._clock.now_us()
        look = Look(new_id(now_us), ticket, mode, camera, span, binding, now_us, self._clock.since_boot_us())
        await self._journal.append(LineName.BEGIN, _begin_body(look))
        self._open[look.id] = look
        return look

    async def begin_or_extend(self, ticket: Ticket, *, mode: Mode, camera: CameraId, span: Span, binding: str) -> Look:
        """The look of the same grant, browser, camera and mode that was declared for ``span``, or a new one."""
        async with self._turn:  # two requests at once are one look
            known = self._find(ticket, mode, camera, span, binding)
            return known or await self.begin(ticket, mode=mode, camera=camera, span=span, binding=binding)

    def _find(self, ticket: Ticket, mode: Mode, camera: CameraId, span: Span, binding: str) -> Look | None:
        for look in self._open.values():
            if (look.ticket.grant, look.binding, look.camera, look.mode, look.ticket.package) != (
                ticket.grant, binding, camera, mode, ticket.package,
            ):  # fmt: skip
                continue
            if look.span is not None and look.span.covers(span):
                look.touched_boot_us = self._clock.since_boot_us()
                return look
        return None

    def end(self, look: Look, why: str) -> None:
        """Close a look and write its totals."""
        if self._open.pop(look.id, None) is None:
            return
        file: dict[str, Json] = {"of_bytes": look.of_bytes, "complete": look.complete} if look.of_bytes else {}
        self._journal.note(
            LineName.END,
            {
                **file,
                "look": look.id,
                "grant": look.ticket.grant,
                "person": look.ticket.person,
                "person_name": look.ticket.person_name,
                "force": look.ticket.force,
                "camera": look.camera,
                "mode": look.mode.value,
                "why": why,
                "sent_bytes": look.sent_bytes,
                "pictures": look.pictures,
                "footage": [[span.start_us, span.end_us] for span in look.footage],
                "began_us": look.since_us,
            },
        )

    def of_package(self, package: str, grant: str, binding: str) -> list[Look]:
        """The looks in progress at one package by one browser under one grant."""
        return [
            one
            for one in self._open.values()
            if one.mode is Mode.PACKAGE
            and (one.ticket.package, one.ticket.grant, one.binding) == (package, grant, binding)
        ]

    def by_id(self, id_: str) -> Look | None:
        """A look in progress."""
        return self._open.get(id_)

    def end_by_id(self, id_: str, why: str) -> None:
        """``end`` for a look of which only the id was kept."""
        look = self._open.get(id_)
        if look is not None:
            self.end(look, why)

    def refuse(self, error: BeffroiError, *, route: str, camera: str, peer: str, ticket: Ticket | None = None) -> None:
        """Leave a trace of a refused look. Repeats within ten seconds are counted in one line."""
        self._flush_refusals()
        who = ticket.person if ticket else ""
        # Whoever tries many cameras is counted in one line: a flood of refusals cannot fill the disk.
        key = (error.code, route, camera if len(self._refused) < _MAX_REFUSALS else "", who or peer)
        known = self._refused.get(key)
        if known is not None:
            known.count += 1
            return
        body: dict[str, Json] = {
            "code": error.code,
            "route": route,
            "camera": camera[:64],
            "peer": peer,
            "person": who,
            "person_name": ticket.person_name if ticket else "",
            "force": ticket.force if ticket else "",
            "grant": ticket.grant if ticket else "",
        }
        self._journal.note(LineName.REFUSE, {**body, "count": 1})
        self._refused[key] = _Refusals(self._clock.now_us(), body, count=0)

    def tick(self) -> None:
        """End looks that fell silent; write counted refusals. Called once a second."""
        self._flush_refusals()
        horizon = self._clock.since_boot_us() - IDLE_US
        for look in [one for one in self._open.values() if one.mode not in _CONTINUOUS]:
            if look.busy == 0 and look.touched_boot_us < horizon:
                self.end(look, "idle")

    def close(self) -> None:
        """End everything: the door stops."""
        for look in list(self._open.values()):
            self.end(look, "door stopped")
        self._flush_refusals(everything=True)

    def sessions(self) -> list[LookSession]:
        """Who is looking now."""
        return [
            LookSession(
                look=look.id,
                grant=look.ticket.grant,
                person=look.ticket.person,
                person_name=look.ticket.person_name,
                force=look.ticket.force,
                mode=look.ticket.mode.value,
                camera=look.camera,
                since_us=look.since_us,
                article=look.ticket.basis.article,
                sent_bytes=look.sent_bytes,
            )
            for look in self._open.values()
        ]

    def _flush_refusals(self, *, everything: bool = False) -> None:
        horizon = self._clock.now_us() - _REFUSAL_US
        while self._refused:
            key, oldest = next(iter(self._refused.items()))
            if not everything and oldest.since_us > horizon:
                return
            del self._refused[key]
            if oldest.count:
                self._journal.note(LineName.REFUSE, {**oldest.body, "count": oldest.count})


def joined(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same half-open stretches in order, those that touch made one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(stretches):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


_CONTINUOUS = frozenset({Mode.LIVE, Mode.RELAY, Mode.EXTRACT, Mode.PTZ})


def _begin_body(look: Look) -> dict[str, Json]:
    ticket = look.ticket
    return {
        "look": look.id,
        "ticket": ticket.id,
        "grant": ticket.grant,
        "person": ticket.person,
        "person_name": ticket.person_name,
        "force": ticket.force,
        "mode": look.mode.value,
        "camera": look.camera,
        "span": [look.span.start_us, look.span.end_us] if look.span else None,
        "article": ticket.basis.article,
        "basis": {
            "kind": ticket.basis.kind,
            "reference": ticket.basis.reference,
            "reason": ticket.basis.reason,
            "purpose": ticket.basis.purpose,
        },
        "binding": look.binding,
        "package": ticket.package,
    }
