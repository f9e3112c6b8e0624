"""Every route of the door, with what it asks for. The applications are made from this table, and so is its test."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum

from beffroi.media.core.tickets import Mode
from beffroi.media.door import devices, footage, live_socket, movement, packages, ptz_socket, recorder, sessions, trials

_NAME = "[a-z0-9][a-z0-9-]{0,62}"
_NUMBER = "[0-9]{1,9}"

Handler = Callable[..., Awaitable[None]]


class Guard(StrEnum):
    """What opens a route."""

    NOTHING = "nothing"  # gives no picture and no fact about any camera
    TICKET = "ticket"  # header Beffroi-Ticket, or the first message
    OPENED = "opened"  # a package that this browser opened with a ticket
    LEASE = "lease"  # a shift lease, while the office is silent
    OFFICE = "office"  # a call signed by the office


@dataclass(frozen=True, slots=True)
class DoorRoute:
    """One route. ``<name>`` in ``path`` stands for a safe name, ``<name:n>`` for a number."""

    method: str  # GET, POST, PUT, DELETE or WS
    path: str
    guard: Guard
    modes: frozenset[Mode]
    handler: Handler

    def pattern(self) -> re.Pattern[str]:
        """What matches the path."""

        def named(match: re.Match[str]) -> str:
            return f"(?P<{match[1]}>{_NUMBER if match[2] else _NAME})"

        return re.compile(re.sub(r"<(\w+)(:n)?>", named, re.escape(self.path)))


def _route(method: str, path: str, guard: Guard, handler: Handler, *modes: Mode) -> DoorRoute:
    return DoorRoute(method, path, guard, frozenset(modes), handler)


DOOR_ROUTES: tuple[DoorRoute, ...] = (
    _route("GET", "/door/session", Guard.NOTHING, sessions.session),
    _route("GET", "/door/office", Guard.NOTHING, sessions.office),
    _route("POST", "/door/lease", Guard.LEASE, sessions.lease, Mode.LIVE),
    _route("WS", "/door/live", Guard.TICKET, live_socket.live, Mode.LIVE, Mode.RELAY),
    _route("WS", "/door/ptz", Guard.TICKET, ptz_socket.steer, Mode.PTZ),
    _route("GET", "/door/timeline", Guard.TICKET, footage.timeline, Mode.REPLAY),
    _route("GET", "/door/replay/<camera>/index.m3u8", Guard.TICKET, footage.index, Mode.REPLAY),
    _route("GET", "/door/replay/<camera>/<run>/init.mp4", Guard.TICKET, footage.init, Mode.REPLAY),
    _route("GET", "/door/replay/<camera>/<segment>/<first:n>-<last:n>.m4s", Guard.TICKET, footage.segment, Mode.REPLAY),
    _route("GET", "/door/still/<camera>", Guard.TICKET, footage.still, Mode.STILL, Mode.REPLAY),
    _route("GET", "/door/preview/<camera>", Guard.TICKET, footage.preview, Mode.REPLAY),
    _route("GET", "/door/trials/<trial>", Guard.TICKET, trials.picture, Mode.STILL),
    _route("GET", "/door/movement/<camera>", Guard.TICKET, movement.movement, Mode.REPLAY),
    _route("POST", "/door/packages/<package>/open", Guard.TICKET, packages.open_package, Mode.PACKAGE),
    _route("GET", "/door/packages/<package>/file", Guard.OPENED, packages.file, Mode.PACKAGE),
)
"""The public face. ``HEAD`` is answered where ``GET`` of a package is."""

RECORDER_ROUTES: tuple[DoorRoute, ...] = (
    _route("PUT", "/recorder/cameras", Guard.OFFICE, recorder.cameras),
    _route("GET", "/recorder/timeline", Guard.OFFICE, recorder.timeline),
    _route("POST", "/recorder/trials/<trial>", Guard.OFFICE, trials.begin),
    _route("GET", "/recorder/trials/<trial>", Guard.OFFICE, trials.answer),
    _route("POST", "/recorder/discoveries", Guard.OFFICE, trials.discover_devices),
    _route("GET", "/recorder/devices/<camera>", Guard.OFFICE, devices.device),
    _route("GET", "/recorder/status", Guard.OFFICE, recorder.status),
    _route("PUT", "/recorder/holds/<hold>", Guard.OFFICE, recorder.hold),
    _route("DELETE", "/recorder/holds/<hold>", Guard.OFFICE, recorder.release),
    _route("POST", "/recorder/extractions", Guard.OFFICE, recorder.extract, Mode.EXTRACT),
    _route("GET", "/recorder/extractions/<id_>", Guard.OFFICE, recorder.extraction),
    _route("DELETE", "/recorder/extractions/<id_>", Guard.OFFICE, recorder.forget),
    _route("GET", "/recorder/extractions/<id_>/<number:n>", Guard.OFFICE, recorder.piece, Mode.EXTRACT),
    _route("GET", "/recorder/journal", Guard.OFFICE, recorder.journal),
    _route("POST", "/recorder/heartbeat", Guard.OFFICE, recorder.heartbeat),
    _route("GET", "/recorder/sessions", Guard.OFFICE, recorder.sessions),
)
"""The face to the office."""
