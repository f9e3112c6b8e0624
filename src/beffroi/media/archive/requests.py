"""What the writer does for each request on its socket (docs/design/archive.md, "Writer").

``stage`` puts a request's effects into the store and gives back what to answer once they are durable.
"""

import base64
from collections.abc import Callable
from functools import partial
from typing import Any

from beffroi.kernel.digest import sha256
from beffroi.kernel.spans import Span
from beffroi.media.archive.board import Board
from beffroi.media.archive.outlook import outlook
from beffroi.media.archive.purge import Purged, purge
from beffroi.media.archive.settings_file import SettingsFile
from beffroi.media.archive.shelf import Shelf
from beffroi.media.archive.store import Sealing
from beffroi.media.core import index
from beffroi.media.core.stamp import run_facts
from beffroi.media.core.storage import Storage, short_of
from beffroi.media.core.words import GapCause, StreamName

LEGAL_DAYS = 31
Answer = Callable[[], dict[str, Any]]


class Requests:
    """The writer's vocabulary."""

    def __init__(self, shelf: Shelf, board: Board, settings: SettingsFile, storage: Storage | None = None) -> None:
        self._shelf, self._board, self._settings = shelf, board, settings
        self._storage = storage or Storage()
        self._acts: dict[str, Callable[[dict[str, Any]], Answer]] = {
            "begin": self._begin,
            "flush": self._flush,
            "hold_set": self._hold_set,
            "hold_release": self._hold_release,
            "put_cameras": self._put_cameras,
            "purge": self._purge,
        }

    def stage(self, request: dict[str, Any]) -> Answer:
        """Stage one request. Errors of the request are raised before anything of it is staged."""
        return self._acts[str(request["do"])](request)

    def _begin(self, request: dict[str, Any]) -> Answer:
        """Intents for new files, of several streams at once: one flush for all."""
        cameras = {str(each["facts"]["camera"]) for each in request["segments"] if each["first"]}
        if cameras:
            asked = {str(each["segment"]) for each in request["segments"]}  # perhaps not for the first time
            self._shelf.recover(only=cameras, sparing=asked)
        places = [
            self._shelf.begin_segment(
                segment=each["segment"], facts=run_facts(each["facts"]), init=base64.b64decode(each["init"])
            )
            for each in request["segments"]
        ]

        def answer() -> dict[str, Any]:
            for each in request["segments"]:
                facts = each["facts"]
                self._board.see_codec(str(facts["camera"]), str(facts["stream"]), str(facts["codec"]))
            return {"places": [{"path": str(each.path), "previous": each.previous.hex()} for each in places]}

        return answer

    def _flush(self, request: dict[str, Any]) -> Answer:
        """Durable fragments, seals and gaps of one worker, in one message a second."""
        seen: list[Callable[[], None]] = []
        for each in request["segments"]:
            entries = [index.unpack_entry(base64.b64decode(entry)) for entry in each["entries"]]
            self._shelf.durable(each["segment"], entries, camera=str(each["camera"]))
            if entries:
                seen.append(_announce(self._board, each["camera"], each["stream"], entries))
            if each.get("seal") is not None:
                seal = each["seal"]
                self._shelf.seal(Sealing(segment=each["segment"], head=bytes.fromhex(seal.pop("head")), **seal))
            elif each.get("void"):
                self._shelf.void(each["segment"])
        touched: list[tuple[str, str]] = []
        for each in request["gaps"]:
            camera, stream = str(each["camera"]), StreamName(each["stream"])
            touched.append((camera, stream.value))
            if each["at_us"] is None:
                self._shelf.gap_since_durable(camera, stream, cause=GapCause(each["cause"]), detail=each["detail"])
            elif each["cause"] is None:
                self._shelf.end_gap(camera, stream, end_us=each["at_us"])
            else:
                self._shelf.gap(
                    camera,
                    stream,
                    start_us=each["at_us"],
                    cause=GapCause(each["cause"]),
                    detail=each["detail"],
                    end_us=each.get("end_us"),
                )

        def answer() -> dict[str, Any]:
            for tell in seen:
                tell()
            self._board.see_gaps(self._shelf, touched)
            return {}

        return answer

    def _hold_set(self, request: dict[str, Any]) -> Answer:
        hold = str(request["hold"])
        self._shelf.hold_set(
            hold=hold,
            camera=str(request["camera"]),
            span=Span.of_us(request["from_us"], request["to_us"]),
            reference=str(request["reference"]),
            judicial=bool(request["judicial"]),
        )

        def answer() -> dict[str, Any]:
            set_us, covered = self._shelf.hold_facts(hold)
            return {"set_us": set_us, "covered": [[span.start_us, span.end_us] for span in covered]}

        return answer

    def _hold_release(self, request: dict[str, Any]) -> Answer:
        self._shelf.hold_release(hold=str(request["hold"]), reason=str(request["reason"]))
        return dict

    def _put_cameras(self, request: dict[str, Any]) -> Answer:
        document = str(request["document"]).encode()
        fresh = self._settings.put(document)
        self._shelf.note_settings(version=fresh.version, digest=sha256(document).hex())
        return lambda: {"version": fresh.version}

    def _purge(self, _request: dict[str, Any]) -> Answer:
        done = self.purge_now()
        return lambda: {
            "segments": done.segments,
            "bytes": done.freed_bytes,
            "left": done.more,
            "refused": done.refused,
        }

    def purge_now(self) -> Purged:
        """Destroy what is due. Without settings nothing is: a recorder alone keeps what it recorded."""
        settings = self._settings.read()
        if settings is None:
            return Purged(refused="no-settings")
        # A camera that is no longer in the settings does not outlive the legal maximum.
        known = {(camera, StreamName(stream)): LEGAL_DAYS for camera, stream in self._shelf.streams()}
        for camera in settings.cameras:
            for each in camera.streams:
                known[camera.id, each.name] = each.retention_days
        quotas = {str(camera.id): camera.quota_bytes for camera in settings.cameras if camera.quota_bytes}
        whole = Purged()
        for slot, store in list(self._shelf.good()):
            done = self._shelf.on(store, partial(purge, store, known, self._storage, quotas=quotas))
            slot.stuck = done.stuck
            slot.outlook = self._shelf.on(store, partial(outlook, store, known, done))
            whole = whole.plus(done)
        if whole.segments:
            self._board.load(self._shelf)
        return whole

    def is_short(self) -> bool:
        """Whether a disk is too full, and the last purge could do something about it."""
        for slot, store in list(self._shelf.good()):
            slot.room = free, total = self._shelf.on(store, partial(store.disk.room, slot.path))
            if not slot.stuck and short_of(self._storage, used_bytes=0, free_bytes=free, total_bytes=total)[1]:
                return True
        return False


def _announce(board: Board, camera: str, stream: str, entries: list[index.Entry]) -> Callable[[], None]:
    last = entries[-1]
    size = sum(each.length for each in entries)

    def tell() -> None:
        board.durable(
            camera,
            stream,
            until_us=last.end_us,
            size_bytes=size,
            start_us=entries[0].start_us,
            offset_us=last.camera_offset_us,
        )

    return tell
