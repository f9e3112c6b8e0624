"""The door's side of the decoder process: one request at a time, a time limit, a fresh process after each accident."""

import asyncio
import sys
from contextlib import suppress
from dataclasses import dataclass

from beffroi.kernel.errors import Corrupt, Unavailable
from beffroi.media.replay.framing import ANSWER, HEAD, MAX_INPUT_BYTES

TIMEOUT_S = 5.0
_MAX_WAITING = 8


@dataclass(frozen=True, slots=True)
class Words:
    """What is said when nothing comes of it."""

    too_long: str = "This fragment is too long for a still."
    busy: str = "Too many stills are asked for at once."
    busy_code: str = "still_busy"
    none: str = "There is no picture in this fragment."
    failed_code: str = "still_failed"


class StillMaker:
    """Turns stored fragments into JPEGs in a process of its own (``program``: into what that one makes)."""

    def __init__(
        self,
        *,
        timeout_s: float = TIMEOUT_S,
        program: str = "decode",
        max_waiting: int = _MAX_WAITING,
        words: Words | None = None,
    ) -> None:
        self._timeout_s, self._program = timeout_s, f"beffroi.media.replay.{program}"
        self._max_waiting, self._words = max_waiting, words or Words()
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def made(self, init: bytes, fragment: bytes) -> bytes:
        """What is made of the first picture. ``Corrupt`` when there is none, ``Unavailable`` after too long."""
        if len(init) + len(fragment) > MAX_INPUT_BYTES:
            raise Corrupt(self._words.too_long, code=self._words.failed_code)
        if self._waiting >= self._max_waiting:
            raise Unavailable(self._words.busy, code=self._words.busy_code, hint="Try again.")
        self._waiting += 1
        try:
            async with self._turn:
                try:
                    picture = await asyncio.wait_for(self._ask(init, fragment), self._timeout_s)
                except (TimeoutError, OSError, asyncio.IncompleteReadError):
                    await self.close()
                    raise Unavailable(
                        "The picture could not be decoded in time.", code=self._words.failed_code
                    ) from None
                except asyncio.CancelledError:
                    await self.close()  # an answer would come that nobody reads
                    raise
        finally:
            self._waiting -= 1
        if not picture:
            raise Corrupt(self._words.none, code=self._words.failed_code)
        return picture

    @property
    def waiting(self) -> int:
        """How many requests have not been answered yet."""
        return self._waiting

    async def close(self) -> None:
        """End the decoder process."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _ask(self, init: bytes, fragment: bytes) -> bytes:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", self._program),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
            )
        assert process.stdin is not None  # asked for above
        assert process.stdout is not None
        process.stdin.write(HEAD.pack(len(init), len(fragment)) + init + fragment)
        await process.stdin.drain()
        (length,) = ANSWER.unpack(await process.stdout.readexactly(ANSWER.size))
        return await process.stdout.readexactly(length)


SCREEN_PATIENCE_S = 40.0
_SCREEN_WORDS = Words(
    too_long="This stretch is too long to be converted for a screen.",
    busy="No more pictures can be converted for screens now.",
    busy_code="conversions_full",
    none="These pictures cannot be converted for a screen.",
    failed_code="conversion_failed",
)


class ScreenMaker:
    """Turns stored pictures into H.264 in a few processes; who finds them all busy is told so at once."""

    def __init__(self, *, processes: int = 2, max_waiting: int = 2) -> None:
        self._makers = [
            StillMaker(timeout_s=SCREEN_PATIENCE_S, program="screen", max_waiting=max_waiting, words=_SCREEN_WORDS)
            for _ in range(processes)
        ]

    async def made(self, init: bytes, pictures: bytes) -> bytes:
        """``pictures`` as H.264, or the init section of that where there are none."""
        return await min(self._makers, key=lambda one: one.waiting).made(init, pictures)

    async def close(self) -> None:
        """End the processes."""
        for one in self._makers:
            await one.close()
