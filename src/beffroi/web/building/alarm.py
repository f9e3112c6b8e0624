"""The alarm on every console: pushed the moment an alert changes, shown over whatever page is open (ppms.md §4.1).

One watcher a process is woken when this process commits an event, and asks the database for the number of the last one
four times a second, since another may have written it. What changed is drawn once per commune and language and pushed
to every open page by server-sent events, so that five hundred consoles cost one query and a few renderings. A page
whose stream is silent says *state unknown*; it never shows calm (I9).
"""

import asyncio
import json
import re
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from asgiref.sync import sync_to_async
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.views.decorators.http import require_GET

from beffroi.kernel.canonical import Json
from beffroi.people.core.permissions import Permission
from beffroi.safety import queries
from beffroi.safety.core.events import AlertFile, Kind
from beffroi.web.building.levels import open_levels
from beffroi.web.building.words import HAZARDS, NATURES, POSTURES, STATES
from beffroi.web.shared.requests import OfficeRequest
from beffroi.web.shared.routing import guarded

LOOK_SECONDS = 0.25
BEAT_SECONDS = 3.0
"""A line at least this often, so that the page knows the stream lives."""
LIFE_SECONDS = 300.0
"""A stream ends after this and the page opens a new one: who lost her right or her session is out by then."""
UNREAD = queries.Version(-1, -1, (-1, -1))
"""Before the first answer of the database: nothing is told, least of all calm."""


_BLANK_IN_NUMBER = re.compile(r"(?<=\d) (?=\d)")
"""A telephone number is not broken over two lines."""
BEAT = b"event: beat\ndata: 1\n\n"


@dataclass(slots=True)
class Shown:
    """One state of all alerts, and what was drawn of it; ``over`` is set when another has taken its place."""

    version: queries.Version
    over: asyncio.Event = field(default_factory=asyncio.Event)
    drawn: dict[tuple[frozenset[str], str, bool], bytes] = field(default_factory=dict)
    drawing: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def line(self, buildings: frozenset[str], language: str, room: bool) -> bytes:
        """What a page of these buildings is sent, drawn once for all who see the same."""
        key = (buildings, language, room)
        if key not in self.drawn:
            async with self.drawing:
                if key not in self.drawn:
                    self.drawn[key] = _alarm(await sync_to_async(draw)(buildings, language, room))
        return self.drawn[key]


@dataclass(slots=True)
class Watch:
    """The watcher of one event loop and the present state."""

    shown: Shown = field(default_factory=lambda: Shown(UNREAD))
    watchers: int = 0
    task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Look until nobody watches; a database that does not answer leaves the pages without beat: unknown."""
        woken = asyncio.Event()
        with queries.woken_by_events(partial(_set, woken, asyncio.get_running_loop())):
            while self.watchers:
                woken.clear()
                version = await sync_to_async(queries.version)()
                if version != self.shown.version:
                    past, self.shown = self.shown, Shown(version)
                    past.over.set()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_SECONDS):
                        await woken.wait()

    def join(self) -> None:
        """One more page watches."""
        self.watchers += 1
        if self.task is None or self.task.done():
            past, self.shown = self.shown, Shown(UNREAD)  # what was known before a failure is known no more
            past.over.set()
            self.task = asyncio.create_task(self.run(), name="alarm-watch")

    def leave(self) -> None:
        """One page fewer."""
        self.watchers -= 1


_watches: dict[asyncio.AbstractEventLoop, Watch] = {}
_watches_lock = threading.Lock()


def _watch() -> Watch:
    loop = asyncio.get_running_loop()
    with _watches_lock:
        for gone in [one for one in _watches if one.is_closed()]:
            del _watches[gone]
        return _watches.setdefault(loop, Watch())


def draw(buildings: frozenset[str], language: str, room: bool = True) -> str:
    """The strip: empty when all is calm, else every active alert of the buildings, most severe first. ``room``: for the
    commune's police, who alone see a code of duress."""
    with translation.override(language):
        alerts = [
            (view.file.alert, view.building, _passed_on(view.file), open_levels(view))
            for view in queries.active_on_screens(buildings, room=room)
        ]
        words = {"natures": NATURES, "hazards": HAZARDS, "postures": POSTURES, "states": STATES}
        return render_to_string("building/strip.html", {"alerts": alerts, "room": room, **words}) if alerts else ""


def _passed_on(file: AlertFile) -> Mapping[str, Json] | None:
    """The last rung an untaken alert was passed on to, since it was last untaken."""
    last = next((one.event for one in reversed(file.log) if one.event.kind in (Kind.ESCALATED, Kind.UNHELD)), None)
    if last is None or last.kind is not Kind.ESCALATED:
        return None
    return {**last.body, "text": _BLANK_IN_NUMBER.sub("\u00a0", str(last.body.get("text", "")))}


async def _lines(buildings: frozenset[str], language: str, room: bool = True) -> AsyncIterator[bytes]:
    watch = _watch()
    watch.join()
    try:
        told, places = b"", None
        end = asyncio.get_running_loop().time() + LIFE_SECONDS
        while asyncio.get_running_loop().time() < end:
            if watch.task is None or watch.task.done():
                return  # the watcher failed: the page says unknown and tries again
            shown = watch.shown
            if shown.version != UNREAD:
                places = places or shown.version.places
                if places != shown.version.places:
                    return  # a building more, or another head: the page asks anew what is hers
                line = await shown.line(buildings, language, room)
                yield BEAT if line == told else line
                told = line
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT_SECONDS):
                    await shown.over.wait()
    finally:
        watch.leave()


def _set(woken: asyncio.Event, loop: asyncio.AbstractEventLoop) -> None:
    with suppress(RuntimeError):  # the loop was closed meanwhile: nobody watches there any more
        loop.call_soon_threadsafe(woken.set)


def _alarm(fragment: str) -> bytes:
    return b"event: alarm\ndata: " + json.dumps(fragment).encode() + b"\n\n"


@require_GET
def stream(request: OfficeRequest) -> HttpResponseBase:
    """Server-sent events for one page."""
    buildings = queries.building_ids_visible_to(request.person)
    lines = _lines(buildings, translation.get_language() or "fr", queries.sees_duress(request.person))
    answer = StreamingHttpResponse(lines, content_type="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


@require_GET
def strip(request: OfficeRequest) -> HttpResponse:
    """The same once, for a page without script."""
    return render(
        request,
        "building/strip_page.html",
        {
            "strip": draw(
                queries.building_ids_visible_to(request.person),
                translation.get_language() or "fr",
                queries.sees_duress(request.person),
            )
        },
    )


urlpatterns = [
    guarded("", strip, permission=Permission.BUILDING_READ, name="alarm", locked=True),
    guarded("stream", stream, permission=Permission.BUILDING_READ, name="alarm-stream", locked=True),
]
