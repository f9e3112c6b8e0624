"""Movement search at the door: change in a drawn zone, from key frames, inside an open incident or case only.

The answer is lines of JSON as the search goes on, so that whoever waits sees how far it is; no picture leaves. The
search is a look like any other (I2) and a fact of its own, with its zone. One at a time, in a process that yields.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from beffroi.kernel.canonical import Json, canonical_bytes
from beffroi.kernel.errors import BeffroiError, Conflict, Forbidden, Invalid
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.core.looks import LineName
from beffroi.media.core.movement import Searching, Zone
from beffroi.media.core.tickets import HEADER, Mode, Ticket
from beffroi.media.core.words import ArchiveReader, Fragment, StreamName
from beffroi.media.door.admission import binding_in
from beffroi.media.door.asgi import Disconnected, Request, Send, reply_lines
from beffroi.media.door.door import Door

GROUNDS = frozenset({"incident", "case", "requisition"})
MAX_SPAN_US = 24 * 3_600 * 1_000_000
APART_US = 1_000_000
"""Key frames closer together than this tell nothing more."""
_TOLD_EVERY = 20
_PATIENCE_S = 2.0


async def movement(door: Door, request: Request, send: Send, camera: str) -> None:
    """``GET /door/movement/<camera>?from_us&to_us&zone``: lines ``{"done", "all"}``, at last ``{"moved", …}``."""
    camera_id, binding = CameraId(camera), binding_in(request)
    ticket = door.admission.admit(request.headers.get(HEADER, ""), binding=binding, modes={Mode.REPLAY}, camera=camera)
    if ticket.basis.kind not in GROUNDS:
        raise Forbidden("Movement is searched inside an open incident or case only.", code="search_ground")
    zone, asked = Zone.parse(request.text("zone")), _span(request)
    if ticket.span is None or not ticket.span.covers(asked):
        raise Forbidden("This span is not open to you.", code="span_wrong")
    async with _turn(door.searching):
        which, frames = await door.archive.ask(lambda reader: _key_frames(reader, camera_id, asked))
        look = await door.looks.begin(ticket, mode=Mode.REPLAY, camera=camera_id, span=asked, binding=binding)
        try:
            await door.journal.append(LineName.SEARCH, _body(look.id, ticket, camera_id, asked, zone))
            lines = _lines(door, ticket, binding, which, frames, zone, asked)
            await reply_lines(request.receive, send, lines)
        except Disconnected:
            return
        finally:
            door.looks.end(look, "searched")


@asynccontextmanager
async def _turn(searching: asyncio.Lock) -> AsyncIterator[None]:
    """Whoever asks again as her own search ends is not told that it is still going on."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await searching.acquire()
    except TimeoutError:
        raise Conflict("Another search is going on.", code="search_busy", hint="Wait for it to end.") from None
    try:
        yield
    finally:
        searching.release()


async def _lines(
    door: Door,
    ticket: Ticket,
    binding: str,
    which: StreamName,
    frames: list[Fragment],
    zone: Zone,
    asked: Span,
) -> AsyncIterator[bytes]:
    searching = Searching(zone, asked.start_us, asked.end_us)
    for done, fragment in enumerate(frames):
        if done % _TOLD_EVERY == 0:
            # A ticket lives a minute and a search may take longer: the grant itself must go on.
            if not door.beats.keeps(ticket):
                return
            yield _line({"done": done, "all": len(frames), "stream": which.value})
            await asyncio.sleep(0)  # kept grids come without waiting; live pictures go out in between
        searching.add(fragment.start_us, await _grid(door, fragment))
    found = searching.found()
    yield _line(
        {
            "done": len(frames),
            "all": len(frames),
            "examined": searching.examined,
            "moved": [list(one) for one in found.moved],
            "unexamined": [list(one) for one in found.unexamined],
        }
    )


async def _grid(door: Door, fragment: Fragment) -> bytes | None:
    """The grid of a key frame; ``None`` where it cannot be read or decoded: told as not examined."""
    kept = door.kept_grids.get(fragment)
    if kept is not None:
        return kept
    try:
        init, data = await door.archive.ask(lambda reader: (reader.run(fragment.run).init, reader.read(fragment)))
        grid = await door.grids.made(init, data)
    except BeffroiError:
        return None
    door.kept_grids.put(fragment, grid)
    return grid


def _key_frames(reader: ArchiveReader, camera: CameraId, asked: Span) -> tuple[StreamName, list[Fragment]]:
    """The key frames of the smaller stream where it covers as much as the main one, at least a second apart."""
    found = {which: reader.fragments(camera, which, asked) for which in (StreamName.SUB, StreamName.MAIN)}
    sub, main = (sum(one.end_us - one.start_us for one in found[which]) for which in found)
    which = StreamName.SUB if sub >= main * 0.95 and sub else StreamName.MAIN
    frames: list[Fragment] = []
    for fragment in found[which]:
        if fragment.random_access and (not frames or fragment.start_us - frames[-1].start_us >= APART_US):
            frames.append(fragment)
    return which, frames


def _span(request: Request) -> Span:
    from_us, to_us = request.number("from_us"), request.number("to_us")
    if not 0 < to_us - from_us <= MAX_SPAN_US:
        raise Invalid("This span is empty, backwards or too long.", code="span_wrong", fields={"to_us": "wrong"})
    return Span.of_us(from_us, to_us)


def _body(look: str, ticket: Ticket, camera: CameraId, asked: Span, zone: Zone) -> dict[str, Json]:
    return {
        "look": look,
        "grant": ticket.grant,
        "person": ticket.person,
        "person_name": ticket.person_name,
        "force": ticket.force,
        "camera": camera,
        "span": [asked.start_us, asked.end_us],
        "zone": zone.text(),
    }


def _line(value: dict[str, Json]) -> bytes:
    return canonical_bytes(value) + b"\n"
