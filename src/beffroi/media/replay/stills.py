"""The door's side of the decoder process: one request at a time, a time limit, a fresh process after each accident."""

import asyncio
import sys
from contextlib import suppress

from beffroi.kernel.errors import Corrupt, Unavailable
from beffroi.media.replay.decode import ANSWER, HEAD, MAX_INPUT_BYTES

TIMEOUT_S = 5.0
_MAX_WAITING = 8


class StillMaker:
    """Turns stored fragments into JPEGs (``grid``: into grey grids) in a process of its own."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S, program: str = "decode") -> None:
        self._timeout_s, self._program = timeout_s, f"beffroi.media.replay.{program}"
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def made(self, init: bytes, fragment: bytes) -> bytes:
        """What is made of the first picture. ``Corrupt`` when there is none, ``Unavailable`` after too long."""
        if len(init) + len(fragment) > MAX_INPUT_BYTES:
            raise Corrupt("This fragment is too long for a still.", code="still_failed")
        if self._waiting >= _MAX_WAITING:
            raise Unavailable("Too many stills are asked for at once.", code="still_busy", hint="Try again.")
        self._waiting += 1
        try:
            async with self._turn:
                try:
                    picture = await asyncio.wait_for(self._ask(init, fragment), self._timeout_s)
                except (TimeoutError, OSError, asyncio.IncompleteReadError):
                    await self.close()
                    raise Unavailable("The picture could not be decoded in time.", code="still_failed") from None
                except asyncio.CancelledError:
                    await self.close()  # an answer would come that nobody reads
                    raise
        finally:
            self._waiting -= 1
        if not picture:
            raise Corrupt("There is no picture in this fragment.", code="still_failed")
        return picture

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
