"""Trials of camera addresses under way or just ended, each in a process of its own (``onvif.trial``).

Nothing of a trial reaches a disk; all is forgotten after ten minutes.
"""

import asyncio
import json
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from beffroi.kernel.canonical import canonical_bytes
from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import Conflict, Invalid, NotFound
from beffroi.media.core.trials import TrialAnswer, TrialRequest, TrialState, answer_from_json, request_to_json

KEPT_US = 10 * 60 * 1_000_000
_LIMIT_S = 30.0
_MAX_RUNNING, _MAX_KEPT = 3, 32
_MAX_ANSWER_BYTES = 24 * 1024 * 1024
_RUNNING, _UNREADABLE = TrialAnswer(TrialState.RUNNING), TrialAnswer(TrialState.FAILED, "unreadable")


@dataclass(slots=True)
class _Trial:
    began_us: int
    answer: TrialAnswer = _RUNNING
    init: bytes = b""
    first: bytes = b""
    at_us: int = 0
    task: asyncio.Task[None] | None = None


class Trials:
    """Those of the last ten minutes. ``keys`` is the folder with the key that seals passwords."""

    def __init__(self, keys: Path, clock: Clock) -> None:
        self._keys, self._clock = keys, clock
        self._kept: dict[str, _Trial] = {}

    def begin(self, request: TrialRequest) -> None:
        """Start one. ``Conflict`` when it was begun before or too many run."""
        self.tick()
        running = sum(one.answer.state is TrialState.RUNNING for one in self._kept.values())
        if request.id in self._kept or running >= _MAX_RUNNING or len(self._kept) >= _MAX_KEPT:
            raise Conflict("Too many cameras are tried at once.", code="trials_busy", hint="Try again in a minute.")
        trial = self._kept[request.id] = _Trial(self._clock.now_us())
        trial.task = asyncio.create_task(self._run(trial, request))

    def answer(self, id_: str) -> TrialAnswer:
        """How far it is; ``NotFound`` when it was forgotten."""
        return self._one(id_).answer

    def picture(self, id_: str) -> tuple[bytes, bytes, int]:
        """Init section, fragment and time of the first picture; ``NotFound`` where there is none."""
        trial = self._one(id_)
        if not trial.first:
            raise NotFound("There is nothing here for this ticket.", code="not_found")
        return trial.init, trial.first, trial.at_us

    def tick(self) -> None:
        """Forget what is old."""
        horizon = self._clock.now_us() - KEPT_US
        for id_ in [id_ for id_, one in self._kept.items() if one.began_us < horizon]:
            self._end(self._kept.pop(id_))

    async def close(self) -> None:
        """End all."""
        tasks = [one.task for one in self._kept.values() if one.task is not None]
        for one in self._kept.values():
            self._end(one)
        await asyncio.gather(*tasks, return_exceptions=True)

    @staticmethod
    def _end(trial: _Trial) -> None:
        if trial.task is not None:
            trial.task.cancel()

    def _one(self, id_: str) -> _Trial:
        trial = self._kept.get(id_)
        if trial is None:
            raise NotFound("There is no such trial any more.", code="trial_forgotten", hint="Test again.")
        return trial

    async def _run(self, trial: _Trial, request: TrialRequest) -> None:
        asked = canonical_bytes({**request_to_json(request), "id": request.id, "keys": str(self._keys)})
        try:
            raw = await _answer_of(asked)
        except TimeoutError:
            trial.answer = TrialAnswer(TrialState.FAILED, "unreachable")
        except OSError:
            trial.answer = _UNREADABLE  # no process could be made: this machine is out of something
        else:
            self._take(trial, raw)

    def _take(self, trial: _Trial, raw: bytes) -> None:
        """What the process said; nothing of it is believed that cannot be read."""
        head, _, rest = raw.partition(b"\n")
        try:
            data = json.loads(head)
            answer, lengths = answer_from_json(data["answer"]), (int(data["init"]), int(data["first"]))
        except (ValueError, KeyError, TypeError, Invalid):
            trial.answer = _UNREADABLE
            return
        if lengths[1] and sum(lengths) == len(rest):
            trial.init, trial.first, trial.at_us = rest[: lengths[0]], rest[lengths[0] :], self._clock.now_us()
        trial.answer = replace(answer, picture=bool(trial.first))


async def _answer_of(asked: bytes) -> bytes:
    """What the trial's process says; it does not outlive this call. ``TimeoutError``, ``OSError``."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "beffroi.media.onvif.trial"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_MAX_ANSWER_BYTES,
    )
    try:
        raw, _ = await asyncio.wait_for(process.communicate(asked), _LIMIT_S)
        return raw
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
