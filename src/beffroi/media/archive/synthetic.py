"""An archive born under an injected clock: the same files, journal and catalogue as a camera's, every run marked.

For the demonstration village, which needs a past, and for tests. Fragments come whole, with given times; a file is
flushed when it is closed, not each second: nobody was promised these pictures.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from beffroi.kernel.clock import Clock
from beffroi.kernel.ids import CameraId, RunId, new_id
from beffroi.kernel.signing import SigningKey
from beffroi.media.archive.disk import Disk
from beffroi.media.archive.recovery import recover_open
from beffroi.media.archive.store import Sealing, Store
from beffroi.media.core import index
from beffroi.media.core.cutter import Cut, build
from beffroi.media.core.fmp4 import Sample, init_section
from beffroi.media.core.formats import StreamFormat
from beffroi.media.core.index import Entry, entry_of
from beffroi.media.core.stamp import CLOCK_TRUSTED, SYNTHETIC, RunFacts, encode_run
from beffroi.media.core.trailer import encode_trailer
from beffroi.media.core.words import GapCause, StreamName

SEGMENT_US = 60_000_000


@dataclass(slots=True)
class _File:
    segment: str
    handle: int
    size: int
    start_us: int
    entries: list[Entry]


class SyntheticTrack:
    """One stream. Times must rise; a new run begins where they leave a hole."""

    def __init__(
        self, recorder: "SyntheticRecorder", camera: CameraId, stream: StreamName, form: StreamFormat, mask: str
    ) -> None:
        self._recorder, self._camera, self._stream, self._form, self._mask = recorder, camera, stream, form, mask
        self._facts: RunFacts | None = None
        self._init = b""
        self._file: _File | None = None
        self._sequence = 0
        self._decode_90k = 0
        self._previous = b""
        self._end_us = 0

    def add(self, samples: Sequence[Sample], *, start_us: int) -> None:
        """One fragment that begins at ``start_us``: 1 s at most, or one to the next key frame. Its first run's first
        sample must be a key frame (``ValueError``)."""
        lasts_90k = sum(each.duration_90k for each in samples)
        if self._facts is None or abs(start_us - self._end_us) > 2:
            if not samples[0].key:
                raise ValueError("a run begins with a key frame")
            self._begin_run(start_us)
        else:
            start_us = self._end_us
        file = self._file
        if file is None or (samples[0].key and start_us - file.start_us >= SEGMENT_US):
            file = self._next_file(start_us)
        end_us = start_us + lasts_90k * 100 // 9
        cut = Cut(
            samples=tuple(samples),
            decode_time_90k=self._decode_90k,
            start_us=start_us,
            end_us=end_us,
            received_us=start_us,
            received_ns=max(0, start_us * 1000),
            camera_offset_us=0,
            uncertainty_us=0,
            flags=SYNTHETIC | CLOCK_TRUSTED,
        )
        sealed = build(cut, sequence=self._sequence + 1, previous=self._previous)
        self._recorder.disk.write(file.handle, sealed.data)
        file.entries.append(
            entry_of(
                sealed.stamp,
                offset=file.size,
                length=len(sealed.data),
                decode_time_90k=self._decode_90k,
                sha256=sealed.sha256,
            )
        )
        file.size += len(sealed.data)
        self._sequence, self._previous = self._sequence + 1, sealed.sha256
        self._decode_90k += lasts_90k
        self._end_us = end_us

    def gap(self, *, start_us: int, end_us: int, cause: GapCause, detail: str = "") -> None:
        """No pictures from ``start_us`` to ``end_us``, and why. The next fragment begins a new run."""
        self._close_file()
        self._facts = None
        store = self._recorder.store
        store.gap(self._camera, self._stream, start_us=start_us, end_us=end_us, cause=cause, detail=detail)

    def close(self) -> None:
        """Seal what is open."""
        self._close_file()

    def _begin_run(self, at_us: int) -> None:
        self._close_file()
        form = self._form
        self._facts = RunFacts(
            RunId(new_id(at_us)),
            self._camera,
            self._stream,
            form.codec,
            form.width,
            form.height,
            synthetic=True,
            mask_version=self._mask,
            born_us=at_us,
        )
        self._init = init_section(form, user_boxes=encode_run(self._facts))
        self._sequence, self._decode_90k = 0, 0

    def _next_file(self, at_us: int) -> _File:
        self._close_file()
        assert self._facts is not None, "a file without a run"
        recorder = self._recorder
        segment = new_id(at_us)
        place = recorder.store.begin_segment(segment=segment, facts=self._facts, init=self._init)
        recorder.store.commit()
        self._previous = place.previous
        handle = recorder.disk.create(place.path)
        recorder.disk.write(handle, self._init)
        self._file = _File(segment, handle, len(self._init), at_us, [])
        return self._file

    def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is None:
            return
        disk = self._recorder.disk
        disk.write(file.handle, encode_trailer(self._init, index.pack(file.entries)))
        disk.sync(file.handle)
        os.close(file.handle)
        store = self._recorder.store
        store.durable(file.segment, file.entries)
        store.seal(
            Sealing(
                segment=file.segment,
                state="sealed",
                size_bytes=file.size,
                frames=sum(each.frames for each in file.entries),
                fragments=len(file.entries),
                start_us=file.entries[0].start_us,
                end_us=file.entries[-1].end_us,
                head=file.entries[-1].sha256,
            )
        )
        self._recorder.closed_file()


class _QuickDisk(Disk):
    """Flushes once at the end (``SyntheticRecorder.close``), not file by file."""

    def sync(self, handle: int) -> None:
        """Nothing yet."""

    def sync_folder(self, folder: Path) -> None:
        """Nothing yet."""


class SyntheticRecorder:
    """The archive in ``folder`` (made when empty), written by this process alone until ``close``."""

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        *,
        key: SigningKey | None = None,
        progress: Callable[[int], None] = lambda _files: None,
    ) -> None:
        self.disk = _QuickDisk()
        self.store = Store(folder, clock, key=key, disk=self.disk)
        recover_open(self.store)
        self._progress, self._files = progress, 0
        self._tracks: list[SyntheticTrack] = []

    def track(
        self,
        camera: CameraId,
        form: StreamFormat,
        *,
        stream: StreamName = StreamName.MAIN,
        mask_version: str = "",
    ) -> SyntheticTrack:
        """A stream to feed."""
        track = SyntheticTrack(self, camera, stream, form, mask_version)
        self._tracks.append(track)
        return track

    def closed_file(self) -> None:
        """Called by a track for each file that it closed."""
        self._files += 1
        self._progress(self._files)

    def close(self) -> None:
        """Seal everything and bring it to the disk."""
        for track in self._tracks:
            track.close()
        self.store.commit()
        self.store.close()
        os.sync()
