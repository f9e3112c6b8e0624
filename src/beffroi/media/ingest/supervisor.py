"""One supervisor per stream of a camera: keeps it recorded, and says why when it is not (I5).

A thread of its own, so that no camera affects another. It reads units, lets a ``Cutter`` make fragments of them, hands
these to the recorder and the units to the live tap. On failure it opens a gap with its cause and tries again after a
jittered pause; a refused password has its own, longer one.
"""

import logging
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from beffroi.kernel.clock import Clock
from beffroi.kernel.ids import CameraId, RunId, new_id
from beffroi.media.core.backoff import Backoff
from beffroi.media.core.cutter import Cut, Cutter
from beffroi.media.core.fmp4 import init_section
from beffroi.media.core.formats import StreamFormat
from beffroi.media.core.stamp import RunFacts, encode_run
from beffroi.media.core.words import GapCause, Run, StreamName
from beffroi.media.ingest.sources import Arrival, Source, SourceFailed
from beffroi.media.ingest.tap import LiveState
from beffroi.media.ingest.tap_server import TapServer
from beffroi.media.ingest.track import RunEnd, RunStart, Track

SILENT_NS = 1_500_000_000
GAP_NS = 5_000_000_000
_LOG = logging.getLogger("beffroi.ingest")
STOPPED = SourceFailed(GapCause.RECORDER, "stopped", "the recorder was stopped")


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose pictures these are."""

    camera: CameraId
    stream: StreamName
    synthetic: bool = False
    mask_version: str = ""

    @property
    def key(self) -> str:
        """How the live tap names the stream."""
        return f"{self.camera}/{self.stream.value}"


class Supervisor:
    """Records one stream until stopped. ``source`` makes a fresh connection each time."""

    def __init__(
        self, identity: Identity, source: Callable[[], Source], track: Track, tap: TapServer | None, clock: Clock
    ) -> None:
        self.identity = identity
        self._source, self._track, self._tap, self._clock = source, track, tap, clock
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._cutter: Cutter | None = None
        self._form: StreamFormat | None = None
        self._until_us: int | None = None  # end of the last fragment
        self._last_ns: int | None = None  # when the last unit came
        self._gap_open = True  # until the first fragment: whatever lies before it is explained
        self._abandoned = False
        self._why = STOPPED
        self.failure: SourceFailed | None = None  # why there are no pictures now
        self.units = 0
        self._backoff = Backoff()
        self._thread = self._new_thread()
        if tap is not None:
            tap.add(identity.key)

    def start(self) -> None:
        """Begin. Since the last durable picture the recorder was not there; the writer knows when that was."""
        self._track.gap(GapCause.RECORDER, at_us=None, detail="restarted")
        self._thread.start()

    def _new_thread(self) -> threading.Thread:
        return threading.Thread(target=self._run, name=self.identity.key, daemon=True)

    def stop(self, why: SourceFailed = STOPPED) -> None:
        """Ask for the end, which is told as ``why``; ``join`` waits for it."""
        self._why = why
        self._stopping.set()

    def join(self, timeout_s: float) -> bool:
        """Wait for the end; False when the camera's connection still hangs (its thread dies with the process)."""
        self._thread.join(timeout_s)
        with self._lock:
            self._abandoned = self._thread.is_alive()
            if self._abandoned:
                self._end_run()
                self._open_gap(self._why)
            return not self._abandoned

    def tick(self) -> None:
        """Called once a second from another thread: a camera that falls silent loses nothing it has sent, and one whose
        thread fell over what it sent is taken up again."""
        with self._lock:
            if not self._thread.is_alive() and not self._stopping.is_set():
                self._end_run()
                self._open_gap(SourceFailed(GapCause.RECORDER, "fault", "the recorder fell over what the camera sent"))
                self._thread = self._new_thread()
                self._thread.start()
            if self._cutter is None or self._last_ns is None:
                return
            silent_ns = self._clock.monotonic_ns() - self._last_ns
            if silent_ns > SILENT_NS:
                self._hand_over(self._cutter.flush())
            if silent_ns > GAP_NS and not self._gap_open:
                self._open_gap(SourceFailed(GapCause.NETWORK, "silent", "the camera went silent"))

    # --- the camera's thread -----------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            failure = self._connect()
            with self._lock:
                if self._abandoned:
                    return
                self._end_run()
                if self._stopping.is_set():
                    self._open_gap(self._why)
                    return
                self._open_gap(failure)
            wait_s = (
                self._backoff.refused(random.random()) if failure.refused else self._backoff.failed(random.random())
            )
            self._stopping.wait(wait_s)

    def _connect(self) -> SourceFailed:
        """Read until the source fails."""
        try:
            self._source().deliver(self._wanted)
        except SourceFailed as failure:
            return failure
        return SourceFailed(GapCause.CAMERA, "ended", "the camera ended the stream")

    def _wanted(self, arrival: Arrival | None) -> bool:
        """Take what arrived; whether more is wanted."""
        if self._stopping.is_set():
            return False
        if arrival is not None:
            with self._lock:
                self._take(arrival)
        return True

    def _take(self, arrival: Arrival) -> None:
        unit = arrival.unit
        if arrival.form is not None:
            self._end_run()
            self._form = arrival.form
        if self._cutter is not None and unit.key and self._cutter.wall.stepped:
            # The recorder's clock was set. The stream is not cut: at a key frame another run begins on the right time.
            self._end_run()
        if self._cutter is None:
            if not unit.key:
                return  # nothing before the first key frame can be shown
            self._begin_run(arrival)
        assert self._cutter is not None, "a run has begun"
        self.units += 1
        self._last_ns = unit.received_ns
        placed, cuts = self._cutter.push(unit)
        if self._tap is not None:
            for each in placed:
                self._tap.publish(self.identity.key, each)
        self._hand_over(cuts)

    def _begin_run(self, arrival: Arrival) -> None:
        form, unit = self._form, arrival.unit
        assert form is not None, "the first unit has a format"
        facts = RunFacts(
            RunId(new_id(unit.received_us)),
            self.identity.camera,
            self.identity.stream,
            form.codec,
            form.width,
            form.height,
            self.identity.synthetic,
            self.identity.mask_version,
            unit.received_us,
        )
        init = init_section(form, user_boxes=encode_run(facts))
        self._cutter = Cutter(reorder=form.reorder, wall_us=unit.received_us, monotonic_ns=unit.received_ns)
        self._track.put(RunStart(facts, init))
        self._backoff.good()
        _LOG.info("%s records %s %dx%d", self.identity.key, form.codec, form.width, form.height)
        if self._tap is not None:
            run = Run(
                facts.run,
                facts.camera,
                facts.stream,
                facts.codec,
                facts.width,
                facts.height,
                init,
                facts.synthetic,
                facts.mask_version,
            )
            self._tap.begin(self.identity.key, run)

    def _end_run(self) -> None:
        cutter, self._cutter = self._cutter, None
        if cutter is not None:
            self._hand_over(cutter.flush())
            self._track.put(RunEnd())

    def _hand_over(self, cuts: list[Cut]) -> None:
        for cut in cuts:
            if self._gap_open:
                self._gap_open, self.failure = False, None
                self._track.gap(None, at_us=cut.start_us)
                if self._tap is not None:
                    self._tap.state(self.identity.key, LiveState(None))
            elif self._until_us is not None and cut.start_us > self._until_us + 1_000_000:
                cause = GapCause.CLOCK if cut.start_us - self._until_us > GAP_NS // 1000 else GapCause.CAMERA
                self._track.gap(cause, at_us=self._until_us, end_us=cut.start_us, detail="no pictures in between")
            self._until_us = cut.end_us
            self._track.put(cut)

    def _open_gap(self, failure: SourceFailed) -> None:
        same = self.failure is not None and self.failure.code == failure.code
        if self._gap_open and same:
            return
        _LOG.warning("%s: %s", self.identity.key, failure.detail)
        # A cause that follows another begins now; the first begins where the pictures ended.
        start_us = self._until_us
        if self._gap_open or start_us is None:
            start_us = self._clock.now_us()
        self._gap_open, self.failure = True, failure
        self._track.gap(failure.cause, at_us=start_us, detail=failure.code)
        if self._tap is not None:
            self._tap.state(self.identity.key, LiveState(failure.cause, failure.code))
