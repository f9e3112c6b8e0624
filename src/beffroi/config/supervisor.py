"""Starts the parts as processes, restarts what dies, stops all of them, leaves no orphan.

A child dies with its supervisor: the kernel sends it SIGTERM when the supervisor is gone (``PR_SET_PDEATHSIG``), so
even ``kill -9`` of the supervisor leaves nothing behind. A part that dies is started again after 0.5 s, then 1, 2 …
30 s; a minute of life forgives. Output of each part goes to ``DATA/logs/<part>.log``.
"""

import asyncio
import ctypes
import json
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from beffroi.config.tls.serving import only_this
from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import Unavailable

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
STOP_GRACE_S = 6.0
FORGIVEN_AFTER_S = 60.0
LOG_LIMIT_BYTES = 20_000_000

log = structlog.get_logger("supervisor")


@dataclass(frozen=True, slots=True)
class Part:
    """One process: its name, its command, and the one-time parts that must have ended well before it starts."""

    name: str
    command: Sequence[str]
    once: bool = False
    after: tuple[str, ...] = ()


def beffroi_command(*arguments: str) -> list[str]:
    """This installation's own command line."""
    return [sys.executable, "-m", "beffroi.config.cli", *arguments]


def back_off_s(failures: int) -> float:
    """Pause before start number ``failures + 1``: 0.5, 1, 2, 4 … 30 seconds."""
    return float(min(30.0, 0.5 * 2 ** min(max(failures, 0), 10)))


@dataclass(slots=True)
class State:
    """What is known of a part now."""

    pid: int | None = None
    restarts: int = 0
    failures: int = 0
    last_exit: int | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)


class Supervisor:
    """Runs ``parts`` until told to stop. ``ready`` is called once, when the first page answers."""

    def __init__(
        self,
        parts: Sequence[Part],
        *,
        environment: Mapping[str, str],
        run: Path,
        logs: Path,
        clock: Clock,
        url: str,
        ready: Callable[[], None],
        told: Callable[[str], None],
        certificate: Path | None = None,
    ) -> None:
        self._parts = parts
        self._environment = {**os.environ, **environment}
        self._run, self._logs, self._clock, self._url = run, logs, clock, url
        self._ready, self._told, self._certificate = ready, told, certificate
        self._states = {part.name: State() for part in parts}
        self._stopping = asyncio.Event()
        self._failed: str | None = None

    async def run(self) -> None:
        """Start all, wait for SIGINT or SIGTERM, stop all. Raises ``Unavailable`` when a one-time part fails."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._stopping.set)
        tasks = [loop.create_task(self._keep(part), name=part.name) for part in self._parts]
        watcher = loop.create_task(self._announce())
        await self._stopping.wait()
        watcher.cancel()
        await asyncio.gather(*tasks, return_exceptions=False)
        (self._run / "supervisor.json").unlink(missing_ok=True)
        if self._failed is not None:
            raise Unavailable(
                f"{self._failed} could not do its work.", hint=f"Its last words are in {self._logs / self._failed}.log."
            )

    def stop(self) -> None:
        """Ask for the end of all parts."""
        self._stopping.set()

    async def _keep(self, part: Part) -> None:
        state = self._states[part.name]
        for other in part.after:
            if not await self._unless_stopping(self._states[other].done.wait()):
                return
        while not self._stopping.is_set():
            began = self._clock.monotonic_ns()
            code = await self._live(part, state)
            if self._stopping.is_set():
                return
            if part.once and code == 0:
                state.done.set()
                return
            lived_s = (self._clock.monotonic_ns() - began) / 1e9
            state.failures = 0 if lived_s > FORGIVEN_AFTER_S else state.failures + 1
            if part.once and state.failures >= 3:
                self._failed = part.name
                self._stopping.set()
                return
            state.restarts += 1
            pause = back_off_s(state.failures - 1)
            log.warning("part died", part=part.name, exit=code, lived_s=round(lived_s, 1), again_in_s=pause)
            self._told(f"{part.name} ended ({_how(code)}); starting it again in {pause:g} s.")
            self._publish()
            await self._unless_stopping(asyncio.sleep(pause))

    async def _live(self, part: Part, state: State) -> int:
        """One life of a part; returns its exit status."""
        path = self._logs / f"{part.name}.log"
        if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
            path.replace(path.with_suffix(".1.log"))
        parent = os.getpid()
        with path.open("ab") as output:
            child = await asyncio.create_subprocess_exec(
                *part.command,
                env=self._environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=lambda: die_with(parent),
            )
        state.pid = child.pid
        self._publish()
        exited = asyncio.ensure_future(child.wait())
        try:
            if not await self._unless_stopping(asyncio.shield(exited)):
                await self._end(child, exited)
            return await exited
        finally:
            state.pid, state.last_exit = None, child.returncode
            _signal_group(child.pid, signal.SIGKILL)

    async def _end(self, child: asyncio.subprocess.Process, exited: "asyncio.Future[int]") -> None:
        """SIGTERM to the part itself, which ends its own children; after the grace SIGKILL to its whole group."""
        if child.returncode is None:
            child.terminate()
        try:
            await asyncio.wait_for(asyncio.shield(exited), STOP_GRACE_S)
        except TimeoutError:
            log.warning("part did not stop in time", pid=child.pid)
            _signal_group(child.pid, signal.SIGKILL)

    async def _unless_stopping(self, awaitable: Awaitable[object]) -> bool:
        """Wait for something or for the end of all; whether the something came."""
        wanted: asyncio.Future[object] = asyncio.ensure_future(awaitable)
        end: asyncio.Future[object] = asyncio.ensure_future(self._stopping.wait())
        done, _ = await asyncio.wait({wanted, end}, return_when=asyncio.FIRST_COMPLETED)
        end.cancel()
        if wanted in done:
            return True
        wanted.cancel()
        return False

    async def _announce(self) -> None:
        """Ask for the first page until it answers."""
        health = f"{self._url}/healthz"
        while not await asyncio.to_thread(answers, health, self._certificate):  # noqa: ASYNC110  no event crosses processes
            await asyncio.sleep(0.2)
        self._ready()

    def _publish(self) -> None:
        """Write what runs for ``doctor`` and the metrics."""
        body = {
            "pid": os.getpid(),
            "url": self._url,
            "parts": {
                name: {"pid": state.pid, "restarts": state.restarts, "last_exit": state.last_exit}
                for name, state in self._states.items()
            },
        }
        beside = self._run / "supervisor.json.new"
        beside.write_text(json.dumps(body))
        beside.replace(self._run / "supervisor.json")


def answers(url: str, certificate: Path | None = None) -> bool:
    """Whether the address gives a page now; over HTTPS the certificate must be the one in ``certificate``."""
    try:
        trusted = only_this(certificate) if certificate is not None else None
        with urllib.request.urlopen(url, timeout=2, context=trusted) as response:  # noqa: S310  our own address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _how(code: int) -> str:
    return f"exit status {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return  # nothing of it is left


def die_with(parent: int) -> None:
    """Runs in a child before its work: be told when the process ``parent`` dies, and leave if it already has."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(1)
