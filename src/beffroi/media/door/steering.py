"""The hand on each camera that moves: one at a time, by rank; the camera stops when its hand falls silent.

Each taking of the hand is a look of mode ``ptz``: a fact with the person, durable before the camera moves, and a line
in the room's strip of who is looking (I2, I12).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import NotFound
from beffroi.kernel.ids import CameraId
from beffroi.media.core.steering import FREE_NS, SILENCE_NS, STILL, Speeds, may_take, rank_of
from beffroi.media.core.tickets import Mode, Ticket
from beffroi.media.door.looks import Look, Looks
from beffroi.media.onvif import ptz
from beffroi.media.onvif.failures import OnvifFailed
from beffroi.media.onvif.steered import Steered, SteeredCameras

_STEP_S = 0.1
_AGAIN_NS = 400_000_000
"""A move is said again so often, well before the camera's own second runs out."""

Tell = Callable[[dict[str, Json]], Awaitable[None]]


@dataclass(slots=True)
class Pilot:
    """Somebody at the controls: one socket. ``tell`` sends an event to its page."""

    ticket: Ticket
    binding: str
    tell: Tell


@dataclass(slots=True)
class _Hand:
    pilot: Pilot
    look: Look
    used_ns: int


@dataclass(slots=True)
class Wheel:
    """One camera's controls."""

    camera: CameraId
    steered: Steered
    looks: Looks
    clock: Clock
    _hand: _Hand | None = None
    _wanted: Speeds = STILL
    _sent: Speeds = STILL
    _sent_ns: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _wire: asyncio.Lock = field(default_factory=asyncio.Lock)
    _driver: asyncio.Task[None] | None = None

    async def take(self, pilot: Pilot) -> str:
        """Give ``pilot`` the hand, if rank and rest let it; empty, or the name of whoever has it."""
        async with self._turn:
            now_ns = self.clock.monotonic_ns()
            hand = self._hand
            if hand is not None and hand.pilot is pilot:
                hand.used_ns = now_ns
                return ""
            if hand is not None:
                held, wanted = rank_of(hand.pilot.ticket), rank_of(pilot.ticket)
                if not may_take(held_by=held, rested_ns=now_ns - hand.used_ns, wanted_by=wanted):
                    return hand.pilot.ticket.person_name
                self._drop(hand, "taken over")
                await hand.pilot.tell({"event": "taken", "by": pilot.ticket.person_name})
            look = await self.looks.begin(
                pilot.ticket, mode=Mode.PTZ, camera=self.camera, span=None, binding=pilot.binding
            )
            self._hand = _Hand(pilot, look, now_ns)
            return ""

    def drive(self, pilot: Pilot, speeds: Speeds) -> None:
        """Move so, until the next order, for half a second at most. Only for whoever has the hand."""
        if self._hand is None or self._hand.pilot is not pilot:
            return
        self._hand.used_ns = self.clock.monotonic_ns()
        self._wanted = speeds
        if self._driver is None or self._driver.done():
            self._driver = asyncio.create_task(self._drive())

    async def tell(self, pilot: Pilot, order: Callable[[Steered], object]) -> None:
        """Give another order (preset, home). ``OnvifFailed`` says why the camera did not."""
        if self._hand is not None and self._hand.pilot is pilot:
            self._wanted = self._sent = STILL
            await self._call(order)

    async def presets(self) -> list[ptz.Preset]:
        """The positions that the camera remembers; none where it cannot say."""
        try:
            return await asyncio.to_thread(ptz.presets, self.steered.device, self.steered.profile)
        except OnvifFailed:
            return []

    async def leave(self, pilot: Pilot, why: str) -> None:
        """``pilot`` is gone: stop the camera at once if it was his."""
        if self._hand is None or self._hand.pilot is not pilot:
            return
        self._drop(self._hand, why)
        if self._driver is not None and not self._driver.done():
            await self._driver

    def tick(self) -> None:
        """Free a hand that has rested long."""
        hand = self._hand
        if hand is not None and self.clock.monotonic_ns() - hand.used_ns > FREE_NS:
            self._drop(hand, "idle")

    def _drop(self, hand: _Hand, why: str) -> None:
        self._hand, self._wanted = None, STILL
        self.looks.end(hand.look, why)

    async def _drive(self) -> None:
        """Say what is wanted until the camera stands still again. One at a time."""
        while True:
            now_ns = self.clock.monotonic_ns()
            if self._hand is None or now_ns - self._hand.used_ns > SILENCE_NS:
                self._wanted = STILL
            wanted = self._wanted
            if wanted.still and self._sent.still:
                return
            if wanted != self._sent or now_ns - self._sent_ns > _AGAIN_NS:
                self._sent, self._sent_ns = wanted, now_ns
                await self._say(wanted)
                continue
            await asyncio.sleep(_STEP_S)

    async def _say(self, wanted: Speeds) -> None:
        try:
            if wanted.still:
                await self._call(lambda steered: ptz.stop(steered.device, steered.profile))
            else:
                await self._call(lambda steered: ptz.move(steered.device, steered.profile, wanted))
        except OnvifFailed as failure:
            self._wanted = self._sent = STILL  # the camera's own timeout ends what it may have begun
            if self._hand is not None:
                await self._hand.pilot.tell({"event": "failed", "code": failure.code})

    async def _call(self, order: Callable[[Steered], object]) -> None:
        async with self._wire:
            await asyncio.to_thread(order, self.steered)


class Steering:
    """The wheels of all cameras."""

    def __init__(self, cameras: SteeredCameras, looks: Looks, clock: Clock) -> None:
        self._cameras, self._looks, self._clock = cameras, looks, clock
        self._wheels: dict[str, Wheel] = {}

    async def wheel(self, camera: CameraId) -> Wheel:
        """A camera's controls; ``NotFound`` for one that does not move."""
        try:
            steered = await asyncio.to_thread(self._cameras.get, camera)
        except NotFound:
            self._wheels.pop(camera, None)
            raise
        wheel = self._wheels.get(camera)
        if wheel is None:
            wheel = self._wheels[camera] = Wheel(camera, steered, self._looks, self._clock)
        wheel.steered = steered
        return wheel

    def tick(self) -> None:
        """Once a second."""
        for wheel in self._wheels.values():
            wheel.tick()
