"""The writer: the one process that writes catalogue and journal. Unix socket, one line of JSON each way.

A thread per connection reads requests; one thread owns the store, takes all that is waiting, and commits it with one
flush. ``status`` is answered from memory, so that it is answered while a disk hangs. Crash-only: when catalogue and
journal might differ the process ends, and the next one catches up. Protocol: docs/design/archive.md, "Writer".
"""

import json
import logging
import queue
import signal
import socket
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from beffroi.kernel.clock import Clock, SystemClock
from beffroi.kernel.errors import BeffroiError, Corrupt, Unavailable
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.beneath import Kernel
from beffroi.media.archive.board import Board
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.disk_watch import DiskWatch
from beffroi.media.archive.kept import KeptThread
from beffroi.media.archive.lifeline import arguments_of, begin
from beffroi.media.archive.moving import bring_home
from beffroi.media.archive.requests import Requests
from beffroi.media.archive.settings_file import SettingsFile, archive_key, office_keys
from beffroi.media.archive.shelf import Shelf
from beffroi.media.archive.slot import FAILING, GOOD, Slot
from beffroi.media.archive.smart import Smart
from beffroi.media.archive.store import Store
from beffroi.media.archive.trust import ClockTrust
from beffroi.media.core.run_folder import WRITER_SOCKET
from beffroi.media.core.storage import Storage

_LOG = logging.getLogger("beffroi.writer")
_TICK_S = 0.5
_PURGE_EVERY_NS = 60_000_000_000
_HEALTH_EVERY_NS = 5_000_000_000
_OF_WORKERS = ("begin", "flush")
_RECOVER_AFTER_NS = (300_000_000, 3_000_000_000, 15_000_000_000)

Job = tuple[dict[str, Any], "Future[dict[str, Any]]", object]


class Writer:
    """The store's thread. ``run`` returns when ``stop`` was called."""

    def __init__(
        self,
        shelf: Shelf,
        board: Board,
        requests: Requests,
        clock: Clock,
        *,
        keep: Callable[[], None] = lambda: None,
    ) -> None:
        self._keep = keep
        self._shelf, self._board, self._requests, self._clock = shelf, board, requests, clock
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._stopped = threading.Event()
        self._recover_at: list[int] = []
        self._gone: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._promised: dict[object, set[str]] = {}  # who was told to make which files, until they are closed
        self._purge_at = clock.monotonic_ns() + _PURGE_EVERY_NS // 6
        self._trouble = ""
        self._health_at = 0

    def ask(self, request: dict[str, Any], *, whose: object = None) -> "Future[dict[str, Any]]":
        """Queue a request of a connection; the answer when it is durable."""
        answer: Future[dict[str, Any]] = Future()
        self._jobs.put((request, answer, whose))
        return answer

    def worker_gone(self, whose: object) -> None:
        """An ingest worker's connection ended: look soon whether it left files open."""
        self._gone.put(whose)

    def stop(self) -> None:
        """End ``run`` after what is waiting."""
        self._stopped.set()
        self._jobs.put(None)

    def run(self) -> None:
        """Serve until stopped. Raises ``Corrupt`` when catalogue and journal may differ: end the process then."""
        while not self._stopped.is_set():
            try:
                first = self._jobs.get(timeout=_TICK_S)
            except queue.Empty:
                first = None
            jobs = [first] if first is not None else []
            while not self._jobs.empty():
                job = self._jobs.get_nowait()
                if job is not None:
                    jobs.append(job)
            self._board.begins(self._shelf.alone)
            if jobs:
                self._serve(jobs)
            self._housekeeping()
            self._board.rests()

    def _serve(self, jobs: list[Job]) -> None:
        done: list[tuple[Future[dict[str, Any]], Callable[[], dict[str, Any]]]] = []
        purges = [job for job in jobs if job[0].get("do") == "purge"]  # they commit by themselves
        for request, answer, whose in (job for job in jobs if job not in purges):
            try:
                done.append((answer, self._requests.stage(request)))
                self._note_promises(request, whose)
            except BeffroiError as error:
                answer.set_exception(error)
            except (KeyError, TypeError, ValueError) as error:
                answer.set_exception(Unavailable(f"The writer does not understand this request: {error!r}."))
        try:
            self._shelf.commit()
        except BeffroiError as error:
            self._trouble = error.code
            for answer, _ in done:
                answer.set_exception(error)
            if isinstance(error, Corrupt):
                raise
            return
        self._trouble = ""
        for answer, result in done:
            try:
                answer.set_result(result())
            except BeffroiError as error:  # durable, and its disk hangs now: asked for again, it is there already
                answer.set_exception(error)
        for request, answer, _ in purges:
            try:
                answer.set_result(self._requests.stage(request)())
            except BeffroiError as error:
                answer.set_exception(error)

    def _note_promises(self, request: dict[str, Any], whose: object) -> None:
        """Between the answer to ``begin`` and the file's first byte nothing on the disk says that its worker lives."""
        if request["do"] not in _OF_WORKERS:
            return
        promised = self._promised.setdefault(whose, set())
        for each in request["segments"]:
            if request["do"] == "begin":
                promised.add(str(each["segment"]))
            elif each.get("seal") is not None or each.get("void"):
                promised.discard(str(each["segment"]))

    def _housekeeping(self) -> None:
        now = self._clock.monotonic_ns()
        while not self._gone.empty():
            self._promised.pop(self._gone.get_nowait(), None)
            self._recover_at += [now + after for after in _RECOVER_AFTER_NS]
        due = [at for at in self._recover_at if at <= now]
        try:
            if due:
                self._recover_at = [at for at in self._recover_at if at > now]
                promised = set().union(*self._promised.values())
                mended = self._shelf.recover(sparing=promised)
                if mended:
                    _LOG.warning("%d segments of a worker that ended were recovered", mended)
                    self._board.load(self._shelf)
            if now >= self._purge_at:
                self._purge_at = now + _PURGE_EVERY_NS
                self._requests.purge_now()
        except Unavailable as error:
            self._trouble = error.code
        try:
            if bring_home(self._shelf):
                self._board.load(self._shelf)
            if now >= self._health_at or self._trouble:
                self._health_at = now + _HEALTH_EVERY_NS
                self._look(now)
        except Unavailable as error:
            self._trouble = error.code
        self._board.see_volumes(self._shelf, self._trouble)

    def _look(self, now: int) -> None:
        """At which disks are there, and at how full they are."""
        self._keep()
        for slot in self._shelf.look():
            _LOG.warning("%s: %s", slot.path, slot.state)
            self._board.load(self._shelf)
        try:
            if self._requests.is_short():
                self._purge_at = now
        except OSError as error:
            _LOG.warning("a disk does not say how full it is: %s", error.strerror)


class Listener:
    """Accepts connections, one thread each."""

    def __init__(self, path: Path, writer: Writer, board: Board) -> None:
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(str(path))
        path.chmod(0o600)
        self._socket.listen(64)
        self._writer, self._board = writer, board
        threading.Thread(target=self._accept, daemon=True, name="accept").start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True, name="connection").start()

    def _talk(self, connection: socket.socket) -> None:
        """One client until it leaves."""
        is_worker = False
        with connection, connection.makefile("rb") as lines:
            try:
                for line in lines:
                    request = json.loads(line)
                    is_worker = is_worker or request.get("do") in _OF_WORKERS
                    connection.sendall(self._answer(request, connection))
            except (OSError, ValueError, AttributeError):
                _LOG.info("a connection to the writer ended")
        if is_worker:
            self._writer.worker_gone(connection)

    def _answer(self, request: dict[str, Any], connection: socket.socket) -> bytes:
        try:
            if request.get("do") == "status":
                answer = self._board.status()
            else:
                answer = self._writer.ask(request, whose=connection).result()
            data: dict[str, Any] = {"ok": True, **answer}
        except BeffroiError as error:
            data = {
                "ok": False,
                "error": type(error).__name__.lower(),
                "code": error.code,
                "message": error.message,
                "hint": error.hint,
            }
        return json.dumps(data).encode() + b"\n"

    def close(self) -> None:
        """Accept no more."""
        self._socket.close()


def serve(
    archive: Path, run: Path, data: Path, *, key: SigningKey | None = None, storage: Storage | None = None
) -> None:
    """Run the writer until SIGTERM or SIGINT. The volume that a place first took is the one it takes ever after."""
    storage, clock = storage or Storage(), SystemClock()
    trust = ClockTrust(clock, data / "recorder" / "clock")

    def open_store(path: Path, expected: str | None) -> Store:
        store = Store(path, clock, key=key, disk=Disk(), expected=expected, clock_trusted=trust.trusted)
        for lost in store.ledger.lost:
            _LOG.error("%s: journal lines %d to %d are lost: check it", path, lost.first, lost.last)
        return store

    places = [Slot(archive), *(Slot(Path(each)) for each in storage.volumes)]
    places += [Slot(Path(storage.emergency), emergency=True)] if storage.emergency else []
    shelf = Shelf(places, clock, recorder=data / "recorder", open_store=open_store)
    try:
        shelf.open()
        board = Board(clock, trusted=trust.trusted)
        board.load(shelf)
        settings = SettingsFile(data / "recorder" / "cameras.json", lambda: office_keys(data / "keys"), Disk())
        watch = _disk_watch(shelf, board, clock, data)

        def keep() -> None:
            trust.keep()
            watch.look()

        writer = Writer(shelf, board, Requests(shelf, board, settings, storage), clock, keep=keep)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda *_: writer.stop())
        listener = Listener(run / WRITER_SOCKET, writer, board)
        for slot in shelf.slots:
            _LOG.info("%s: %s %s", slot.path, slot.state, slot.uuid)
        writer.run()
        listener.close()
    finally:
        shelf.close()


def _disk_watch(shelf: Shelf, board: Board, clock: Clock, data: Path) -> KeptThread:
    """The disks beneath the volumes that are there."""

    def folders() -> list[Path]:
        return [slot.path for slot in shelf.slots if slot.state in (GOOD, FAILING)]

    smart = Smart(clock, data / "recorder" / "disks")
    return KeptThread("disks", DiskWatch(folders, board.see_disks, kernel=Kernel(), smart=smart).serve, clock)


def main(argv: list[str] | None = None) -> int:
    """``python -m beffroi.media.archive.writer --archive DIR --run DIR --data DIR``. 0, or 1 with a message."""
    parser = arguments_of("beffroi-writer")
    parser.add_argument("--archive", type=Path, required=True)
    parser.add_argument("--storage", type=Storage.from_json, default=Storage(), help="limits, as JSON")
    arguments = begin(parser, argv)
    (arguments.data / "recorder").mkdir(parents=True, exist_ok=True)
    try:
        serve(
            arguments.archive,
            arguments.run,
            arguments.data,
            key=archive_key(arguments.data / "keys"),
            storage=arguments.storage,
        )
    except BeffroiError as error:
        _LOG.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
