"""Recorded pictures at the door: timeline, playlist, segments, stills. Each request is admitted anew."""

from collections.abc import AsyncIterator, Sequence

from beffroi.kernel.errors import Invalid, NotFound
from beffroi.kernel.ids import CameraId, RunId
from beffroi.kernel.spans import Span
from beffroi.media.core.answers import timeline_to_json
from beffroi.media.core.tickets import HEADER, Mode, Ticket
from beffroi.media.core.words import ArchiveReader, Fragment, StreamName
from beffroi.media.door.admission import binding_in
from beffroi.media.door.asgi import Request, Send, reply, reply_json, stream
from beffroi.media.door.door import Door
from beffroi.media.door.kept_pictures import Place, Size
from beffroi.media.door.looks import Look
from beffroi.media.replay.playlist import MAX_SPAN_US, SCREEN, playlist, within
from beffroi.media.replay.stills import StillMaker

_MAX_CHUNK_US = 120_000_000
_MAX_TIMELINE_US = 32 * 24 * 3_600 * 1_000_000
_LONGEST_NAME = 64


async def timeline(door: Door, request: Request, send: Send) -> None:
    """``GET /door/timeline?camera&stream&from_us&to_us``: no picture, so no look."""
    camera = CameraId(request.text("camera"))
    _, asked = _admit(door, request, camera, {Mode.REPLAY}, _MAX_TIMELINE_US)
    which = _stream(request)
    found = await door.archive.ask(lambda reader: reader.timeline(camera, which, asked))
    await reply_json(send, timeline_to_json(found))


async def index(door: Door, request: Request, send: Send, camera: str) -> None:
    """``GET /door/replay/<camera>/index.m3u8?stream&from_us&to_us[&screen=h264]``. Opens the look for the span."""
    camera_id = CameraId(camera)
    ticket, asked = _admit(door, request, camera_id, {Mode.REPLAY}, MAX_SPAN_US)
    which, screen = _stream(request), _for_screen(request)

    def answer(reader: ArchiveReader) -> tuple[str, Span]:
        fragments = reader.fragments(camera_id, which, asked)
        text = playlist(which, fragments, reader.run, screen=screen)
        return text, Span.of_us(min(asked.start_us, fragments[0].start_us), max(asked.end_us, fragments[-1].end_us))

    text, delivered = await door.archive.ask(answer)
    await _look(door, request, ticket, Mode.REPLAY, camera_id, _declared(ticket, delivered))
    await reply(send, 200, text.encode(), kind="application/vnd.apple.mpegurl")


async def init(door: Door, request: Request, send: Send, camera: str, run: str) -> None:
    """``GET /door/replay/<camera>/<run>/init.mp4``: parameter sets, no picture."""
    _admitted(door, request, camera, {Mode.REPLAY})
    found = await door.archive.ask(lambda reader: reader.run(RunId(run[:_LONGEST_NAME])))
    if found.camera != camera:
        raise NotFound("There is nothing here for this ticket.", code="not_found")
    data = await door.screens.made(found.init, b"") if _for_screen(request) else found.init
    await reply(send, 200, data, kind="video/mp4")


async def segment(door: Door, request: Request, send: Send, camera: str, segment: str, first: str, last: str) -> None:
    """``GET /door/replay/<camera>/<segment>/<first>-<last>.m4s?stream&from_us&to_us``: whole fragments, unchanged.

    With ``screen=h264`` the same pictures converted; what is extracted or sealed is never taken from here (I3).
    """
    camera_id = CameraId(camera)
    ticket = _admitted(door, request, camera, {Mode.REPLAY})
    asked = _span(request, _MAX_CHUNK_US)
    fragments = await door.archive.ask(
        lambda reader: _reachable(reader, ticket, camera_id, _stream(request), asked, (segment, int(first), int(last)))
    )
    shown = Span.of_us(fragments[0].start_us, fragments[-1].end_us)
    look = await _look(door, request, ticket, Mode.REPLAY, camera_id, _declared(ticket, shown))
    length = sum(one.length for one in fragments)
    look.busy += 1
    try:
        if _for_screen(request):
            data = await door.screens.made(*await door.archive.ask(lambda reader: _pictures(reader, fragments)))
            await reply(send, 200, data, kind="video/iso.segment")
            look.sent(len(data))
            look.showed(shown, sum(one.frames for one in fragments))
            return
        await stream(
            request.receive,
            send,
            _bytes_of(door, look, fragments),
            status=200,
            length=length,
            headers=((b"content-type", b"video/iso.segment"),),
            sent=look.sent,
        )
    finally:
        look.busy -= 1
        look.touched_boot_us = door.clock.since_boot_us()


async def still(door: Door, request: Request, send: Send, camera: str) -> None:
    """``GET /door/still/<camera>?at_us&stream``: a JPEG of the key frame at or before that instant."""
    camera_id = CameraId(camera)
    ticket = _admitted(door, request, camera, {Mode.STILL, Mode.REPLAY})
    fragment = await _key_frame(door, request, ticket, camera_id)
    picture = _Picture(door, Size.STILL, door.stills, Place(camera_id, _stream(request), fragment.start_us), fragment)
    await picture.prepare()
    look = await _look(door, request, ticket, Mode.STILL, camera_id, _declared(ticket, fragment.span))
    await _picture(send, look, fragment, await picture.made())


async def preview(door: Door, request: Request, send: Send, camera: str) -> None:
    """``GET /door/preview/<camera>?at_us&stream``: the same, small, while somebody moves over the timeline.

    One look for all of them, declared for the whole span of the ticket; its totals say which moments were shown.
    """
    camera_id = CameraId(camera)
    ticket = _admitted(door, request, camera, {Mode.REPLAY})
    fragment = await _key_frame(door, request, ticket, camera_id)
    assert ticket.span is not None  # _key_frame saw to it
    place = Place(camera_id, _stream(request), fragment.start_us)
    picture = _Picture(door, Size.PREVIEW, door.previews, place, fragment)
    await picture.prepare()
    look = await _look(door, request, ticket, Mode.STILL, camera_id, ticket.span)
    await _picture(send, look, fragment, await picture.made())


class _Picture:
    """A still or a preview of one fragment that the catalogue has now: as it was made of late, or made anew."""

    def __init__(self, door: Door, size: Size, maker: StillMaker, place: Place, fragment: Fragment) -> None:
        self._door, self._size, self._maker, self._place, self._fragment = door, size, maker, place, fragment
        self._kept = door.pictures.get(size, fragment)
        self._read = (b"", b"")

    async def prepare(self) -> None:
        """Read what it is made of, so that what is not there is said before the look begins."""
        if self._kept is None:
            one = self._fragment
            self._read = await self._door.archive.ask(lambda reader: (reader.run(one.run).init, reader.read(one)))

    async def made(self) -> bytes:
        """The JPEG."""
        if self._kept is None:
            self._kept = await self._maker.made(*self._read)
            self._door.pictures.put(self._size, self._place, self._fragment, self._kept)
        return self._kept


async def _key_frame(door: Door, request: Request, ticket: Ticket, camera: CameraId) -> Fragment:
    """The fragment whose key frame stands at or before the moment asked for."""
    at_us = request.number("at_us")
    moment = Span.of_us(at_us, at_us + 1)
    if ticket.span is None or not ticket.span.covers(moment):
        raise NotFound("There is nothing here for this ticket.", code="not_found")
    which = _stream(request)

    def find(reader: ArchiveReader) -> Fragment:
        fragment = next((one for one in reader.fragments(camera, which, moment) if one.random_access), None)
        if fragment is None:
            raise NotFound("Nothing is recorded at that moment.", code="nothing_recorded")
        return fragment

    return await door.archive.ask(find)


async def _picture(send: Send, look: Look, fragment: Fragment, picture: bytes) -> None:
    at = str(fragment.start_us).encode()
    await reply(send, 200, picture, kind="image/jpeg", headers=((b"beffroi-at-us", at),))
    look.sent(len(picture))
    look.showed(Span.of_us(fragment.start_us, fragment.start_us + 1), 1)


def _for_screen(request: Request) -> bool:
    return request.text("screen", "") == SCREEN


def _pictures(reader: ArchiveReader, fragments: Sequence[Fragment]) -> tuple[bytes, bytes]:
    return reader.run(fragments[0].run).init, b"".join(reader.read(one) for one in fragments)


def _admitted(door: Door, request: Request, camera: str, modes: set[Mode]) -> Ticket:
    return door.admission.admit(
        request.headers.get(HEADER, ""), binding=binding_in(request), modes=modes, camera=camera
    )


def _admit(door: Door, request: Request, camera: CameraId, modes: set[Mode], longest_us: int) -> tuple[Ticket, Span]:
    ticket = _admitted(door, request, camera, modes)
    asked = _span(request, longest_us)
    if ticket.span is None or not ticket.span.covers(asked):
        raise NotFound("There is nothing here for this ticket.", code="not_found")
    return ticket, asked


def _span(request: Request, longest_us: int) -> Span:
    start_us, end_us = request.number("from_us"), request.number("to_us")
    if not 0 < end_us - start_us <= longest_us:
        raise Invalid("This span is empty, backwards or too long.", code="span_wrong", fields={"to_us": "wrong"})
    return Span.of_us(start_us, end_us)


def _stream(request: Request) -> StreamName:
    try:
        return StreamName(request.text("stream", StreamName.MAIN.value))
    except ValueError:
        raise Invalid("There is no such stream.", code="stream_wrong", fields={"stream": "main or sub"}) from None


def _declared(ticket: Ticket, shown: Span) -> Span:
    """What of ``shown`` the ticket reaches; for the lead-in before its span: the ticket's first instant."""
    assert ticket.span is not None  # admission and _reachable saw to it
    return ticket.span.cut(shown) or Span.of_us(ticket.span.start_us, ticket.span.start_us + 1)


def _reachable(
    reader: ArchiveReader,
    ticket: Ticket,
    camera: CameraId,
    which: StreamName,
    asked: Span,
    wanted: tuple[str, int, int],
) -> Sequence[Fragment]:
    """The fragments of one chunk, every one inside the ticket's span or in the lead-in from the key frame before it."""
    name, first, last = wanted
    absent = NotFound("There is nothing here for this ticket.", code="not_found")
    found = within(reader.fragments(camera, which, asked), name, first, last)
    if ticket.span is None or not found or len(found) != last - first + 1:
        raise absent
    if found[0].end_us <= ticket.span.start_us:
        start = Span.of_us(ticket.span.start_us, ticket.span.start_us + 1)
        lead_in = {(one.segment, one.sequence) for one in reader.fragments(camera, which, start)}
        if any(one.end_us <= ticket.span.start_us and (one.segment, one.sequence) not in lead_in for one in found):
            raise absent
    if found[-1].start_us >= ticket.span.end_us:
        raise absent
    return found


async def _look(door: Door, request: Request, ticket: Ticket, mode: Mode, camera: CameraId, span: Span) -> Look:
    return await door.looks.begin_or_extend(ticket, mode=mode, camera=camera, span=span, binding=binding_in(request))


async def _bytes_of(door: Door, look: Look, fragments: Sequence[Fragment]) -> AsyncIterator[bytes]:
    async for data, group in door.archive.read(fragments, lambda reader, one: reader.read(one)):
        yield data
        look.showed(Span.of_us(group[0].start_us, group[-1].end_us), sum(one.frames for one in group))
