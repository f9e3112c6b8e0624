"""The recorder of one machine: writer, ingest workers and supervision, started, watched and stopped together.

Each is a process of its own, so that a fault in FFmpeg stops the cameras of one worker and never the catalogue. They
are forked from this one, which has loaded what they need and does nothing with it: what none of them changes stands in
memory once (docs/reference/recording.md), and a part that died is back without loading anything. What dies is started
again after a short pause. Stopping goes from the cameras down: the workers close their files first, the writer hears of
them, then it goes. It needs neither office nor network to start (I14).
"""

import gc
import json
import logging
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from setproctitle import setproctitle

from beffroi.kernel.clock import Clock, SystemClock
from beffroi.media import supervision
from beffroi.media.archive import writer
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.lifeline import arguments_of, begin
from beffroi.media.archive.settings_file import FollowedSettings
from beffroi.media.core.run_folder import TAPS_FILE
from beffroi.media.core.storage import Storage
from beffroi.media.ingest import worker

WORKERS = 2
_LOOK_S = 0.2
_FIRST_PAUSE_S, _MOST_PAUSE_S = 0.2, 5.0
_FORGIVEN_NS = 60_000_000_000
_STOP_S = 8.0
_FORK = multiprocessing.get_context("fork")
_LOG = logging.getLogger("beffroi.daemon")


@dataclass(slots=True)
class _Part:
    name: str
    main: Callable[[list[str]], int]
    arguments: list[str]
    process: BaseProcess | None = None
    began_ns: int = 0
    failures: int = 0
    again_ns: int = 0


def _begin(part: _Part) -> None:
    """In the new process: nothing of this one's signals, and a name of its own in the list of processes."""
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_DFL)
    gc.enable()
    setproctitle(" ".join([sys.executable, "-m", part.main.__module__, *part.arguments]))
    sys.exit(part.main(part.arguments))


class Daemon:
    """Writer, workers and supervision."""

    def __init__(self, data: Path, run: Path, *, workers: int, clock: Clock, storage: Storage) -> None:
        self._clock, self._run, self._workers = clock, run, workers
        common = ["--data", str(data), "--run", str(run), "--parent", str(os.getpid())]
        place = ["--archive", str(data / "archive"), "--storage", storage.to_json()]
        self._writer = _Part("writer", writer.main, [*place, *common])
        self._ingest = [
            _Part(f"ingest-{index}", worker.main, [*common, "--index", str(index), "--workers", str(workers)])
            for index in range(workers)
        ]
        self._supervision = _Part("supervision", supervision.main, common)
        self._settings = FollowedSettings(data)
        self._supervised = False
        self.stopping = threading.Event()

    def serve(self) -> None:
        """Until ``stopping`` is set."""
        self._run.mkdir(parents=True, exist_ok=True, mode=0o700)
        Disk().replace(self._run / TAPS_FILE, json.dumps({"workers": self._workers}).encode())
        gc.disable()  # a collection here writes to every page that is shared with the parts
        gc.freeze()
        while not self.stopping.wait(_LOOK_S):
            for part in (self._writer, *self._ingest):
                self._keep(part)
            if self._settings.look():
                self._supervised = supervision.needed(self._settings.now)
            if self._supervised:
                self._keep(self._supervision)
            else:
                self._end([self._supervision])
        self._end([*self._ingest, self._supervision])
        self._end([self._writer])

    def _keep(self, part: _Part) -> None:
        now = self._clock.monotonic_ns()
        if part.process is not None and part.process.is_alive():
            return
        if part.process is not None:
            part.failures = 1 if now - part.began_ns > _FORGIVEN_NS else part.failures + 1
            pause_s = min(_MOST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(part.failures - 1, 8))
            part.again_ns = now + int(pause_s * 1e9)
            _LOG.warning("%s ended with %s; again in %.1f s", part.name, part.process.exitcode, pause_s)
            part.process = None
        if now >= part.again_ns:
            part.began_ns = now
            part.process = _FORK.Process(target=_begin, args=(part,), name=part.name)
            part.process.start()

    @staticmethod
    def _end(parts: list[_Part]) -> None:
        alive = [part.process for part in parts if part.process is not None and part.process.is_alive()]
        for process in alive:
            process.terminate()
        for process in alive:
            process.join(_STOP_S)
            if process.exitcode is None:
                process.kill()
                process.join(_STOP_S)  # one that waits in the kernel for a disk does not end before it
        for part in parts:
            part.process = None


def run_recorder(data: Path, run: Path, *, workers: int | None = None, storage: Storage | None = None) -> None:
    """Run all parts until SIGTERM or SIGINT. ``workers``: how many ingest processes; by default two."""
    daemon = Daemon(data, run, workers=workers or WORKERS, clock=SystemClock(), storage=storage or Storage())
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: daemon.stopping.set())
    daemon.serve()


def main(argv: list[str] | None = None) -> int:
    """``python -m beffroi.media.daemon --data DIR --run DIR``."""
    parser = arguments_of("beffroi-recorder")
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--storage", type=Storage.from_json, default=Storage(), help="limits, as JSON")
    arguments = begin(parser, argv)
    run_recorder(arguments.data, arguments.run, workers=arguments.workers, storage=arguments.storage)
    return 0


if __name__ == "__main__":
    sys.exit(main())
