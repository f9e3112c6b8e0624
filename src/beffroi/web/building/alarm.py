"""The alarm on every console: pushed the moment an alert changes, shown over whatever page is open (ppms.md §4.1).

One watcher a process asks the database for the number of the last event, four times a second; what changed is drawn
once per commune and language and pushed to every open page by server-sent events, so that five hundred consoles cost
one query and a few renderings. A page whose stream is silent says *state unknown*; it never shows calm (I9).
"""

import asyncio
import json
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
from beffroi.safety.actions.alerts import sees_duress
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
UNREAD = (-1, -1)
"""Before the first answer of the database: nothing is told, least of all calm."""


@dataclass(slots=True)
class Watch:
    """The watcher of one event loop and what it has drawn for the present state."""

    version: tuple[int, int] = UNREAD
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    drawn: dict[tuple[frozenset[str], str, bool], str] = field(default_factory=dict)
    drawing: asyncio.Lock = field(default_factory=asyncio.Lock)
    watchers: int = 0
    task: asyncio.Task[None] | None = None

    async def run(self) -> None:
        """Look until nobody watches; a database that does not answer leaves the pages without beat: unknown."""
        while self.watchers:
            version = await sync_to_async(queries.version)()
            if version != self.version:
                async with self.changed:
                    self.version = version
                    self.drawn.clear()
                    self.changed.notify_all()
            await asyncio.sleep(LOOK_SECONDS)

    async def fragment(self, buildings: frozenset[str], language: str, room: bool) -> str:
        """What a page of these buildings shows now, drawn once for all who see the same."""
        key = (buildings, language, room)
        async with self.drawing:
            if key not in self.drawn:
                self.drawn[key] = await sync_to_async(draw)(buildings, language, room)
            return self.drawn[key]

    def join(self) -> None:
        """One more page watches."""
        self.watchers += 1
        if self.task is None or self.task.done():
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
            for view in queries.active_of(buildings)
        ]
        words = {"natures": NATURES, "hazards": HAZARDS, "postures": POSTURES, "states": STATES}
        return render_to_string("building/strip.html", {"alerts": alerts, "room": room, **words}) if alerts else ""


def _passed_on(file: AlertFile) -> Mapping[str, Json] | None:
    """The last rung an untaken alert was passed on to, since it was last untaken."""
    last = next((one.event for one in reversed(file.log) if one.event.kind in (Kind.ESCALATED, Kind.UNHELD)), None)
    return last.body if last is not None and last.kind is Kind.ESCALATED else None


async def _lines(buildings: frozenset[str], language: str, room: bool = True) -> AsyncIterator[bytes]:
    watch = _watch()
    watch.join()
    try:
        told: str | None = None
        end = asyncio.get_running_loop().time() + LIFE_SECONDS
        while asyncio.get_running_loop().time() < end:
            if watch.task is None or watch.task.done():
                return  # the watcher failed: the page says unknown and tries again
            seen = watch.version
            if seen != UNREAD:
                fragment = await watch.fragment(buildings, language, room)
                yield b"event: beat\ndata: 1\n\n" if fragment == told else _alarm(fragment)
                told = fragment
            async with watch.changed:
                with suppress(TimeoutError):
                    moved = partial(_moved, watch, seen)
                    await asyncio.wait_for(watch.changed.wait_for(moved), BEAT_SECONDS)
    finally:
        watch.leave()


def _alarm(fragment: str) -> bytes:
    return b"event: alarm\ndata: " + json.dumps(fragment).encode() + b"\n\n"


def _moved(watch: Watch, seen: tuple[int, int]) -> bool:
    return watch.version != seen


@require_GET
def stream(request: OfficeRequest) -> HttpResponseBase:
    """Server-sent events for one page."""
    buildings = queries.building_ids_visible_to(request.person)
    lines = _lines(buildings, translation.get_language() or "fr", sees_duress(request.person))
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
                sees_duress(request.person),
            )
        },
    )


urlpatterns = [
    guarded("", strip, permission=Permission.BUILDING_READ, name="alarm", locked=True),
    guarded("stream", stream, permission=Permission.BUILDING_READ, name="alarm-stream", locked=True),
]
