"""The recorder of one machine: writer, ingest workers, watcher and listener, started, watched and stopped together.

Each is a process of its own, so that a fault in FFmpeg stops the cameras of one worker and never the catalogue. What
dies is started again after a short pause. Stopping goes from the cameras down: the workers close their files first,
the writer hears of them, then it goes. It needs neither office nor network to start (I14).
"""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from beffroi.kernel.clock import Clock, SystemClock
from beffroi.media.archive.disk import Disk
from beffroi.media.core.run_folder import TAPS_FILE
from beffroi.media.core.storage import Storage

WORKERS = 2
_LOOK_S = 0.2
_FIRST_PAUSE_S, _MOST_PAUSE_S = 0.2, 5.0
_FORGIVEN_NS = 60_000_000_000
_STOP_S = 8.0
_LOG = logging.getLogger("beffroi.daemon")


@dataclass(slots=True)
class _Part:
    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    began_ns: int = 0
    failures: int = 0
    again_ns: int = 0


class Daemon:
    """Writer, workers and watcher."""

    def __init__(self, data: Path, run: Path, *, workers: int, clock: Clock, storage: Storage) -> None:
        self._clock, self._run, self._workers = clock, run, workers
        module = [sys.executable, "-m"]
        common = ["--data", str(data), "--run", str(run)]
        place = ["--archive", str(data / "archive"), "--storage", storage.to_json()]
        self._writer = _Part("writer", [*module, "beffroi.media.archive.writer", *place, *common])
        self._ingest = [
            _Part(
                f"ingest-{index}",
                [*module, "beffroi.media.ingest.worker", *common, "--index", str(index), "--workers", str(workers)],
            )
            for index in range(workers)
        ]
        self._watcher = _Part("watcher", [*module, "beffroi.media.replay.watcher", *common])
        self._listener = _Part("listener", [*module, "beffroi.media.onvif.listener", *common])
        self.stopping = threading.Event()

    def serve(self) -> None:
        """Until ``stopping`` is set."""
        self._run.mkdir(parents=True, exist_ok=True, mode=0o700)
        Disk().replace(self._run / TAPS_FILE, json.dumps({"workers": self._workers}).encode())
        parts = [self._writer, *self._ingest, self._watcher, self._listener]
        while not self.stopping.wait(_LOOK_S):
            for part in parts:
                self._keep(part)
        self._end([*self._ingest, self._watcher, self._listener])
        self._end([self._writer])

    def _keep(self, part: _Part) -> None:
        now = self._clock.monotonic_ns()
        if part.process is not None and part.process.poll() is None:
            return
        if part.process is not None:
            part.failures = 1 if now - part.began_ns > _FORGIVEN_NS else part.failures + 1
            pause_s = min(_MOST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(part.failures - 1, 8))
            part.again_ns = now + int(pause_s * 1e9)
            _LOG.warning("%s ended with %s; again in %.1f s", part.name, part.process.returncode, pause_s)
            part.process = None
        if now >= part.again_ns:
            part.began_ns = now
            part.process = subprocess.Popen([*part.command, "--parent", str(os.getpid())])

    @staticmethod
    def _end(parts: list[_Part]) -> None:
        alive = [part.process for part in parts if part.process is not None and part.process.poll() is None]
        for process in alive:
            process.terminate()
        for process in alive:
            try:
                process.wait(_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def run_recorder(data: Path, run: Path, *, workers: int | None = None, storage: Storage | None = None) -> None:
    """Run writer and ingest workers until SIGTERM or SIGINT. ``workers``: how many ingest processes; by default two."""
    daemon = Daemon(data, run, workers=workers or WORKERS, clock=SystemClock(), storage=storage or Storage())
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: daemon.stopping.set())
    daemon.serve()
