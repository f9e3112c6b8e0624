"""From access units to fragments: one per second, or anew at each key frame (docs/design/archive.md, "Fragment").

Pure: units with their times go in, cuts come out; the caller writes them. One ``Cutter`` lives as long as one run.
Cost per unit: one insertion in a short list and one ``Sample``; per fragment one ``b"".join`` and one SHA-256.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from beffroi.kernel.digest import sha256
from beffroi.media.core.fmp4 import Sample, fragment
from beffroi.media.core.stamp import (
    CLOCK_STEPPED,
    PACKETS_LOST,
    RANDOM_ACCESS,
    SAMPLED,
    TIMES_MADE,
    Stamp,
    encode_prft,
    encode_stamp,
    sample_of,
)
from beffroi.media.core.times import DEFAULT_FRAME_90K, HZ, DecodeTimes, MediaLine, WallLine

FRAGMENT_90K = HZ
MAX_FRAGMENT_BYTES = 16 * 1024 * 1024
_OPENING = 16
_LIKELY_REORDER = 3  # many streams reorder without saying so


@dataclass(frozen=True, slots=True)
class Unit:
    """One access unit as it came."""

    data: bytes  # sample form: NAL units with 4-byte lengths, or a JPEG
    key: bool
    pts_90k: int | None  # the camera's time stamp; ``None`` when it gave none
    received_us: int  # wall clock of the recorder
    received_ns: int  # its monotonic clock
    camera_us: int | None = None  # UTC by the camera's own clock, from sender reports
    lost: bool = False  # packets are missing before or in it


@dataclass(frozen=True, slots=True)
class Placed:
    """A unit with its place on the run's line: what live viewers get at once."""

    unit: Unit
    decode_time_90k: int
    composition_offset_90k: int
    duration_90k: int
    start_us: int


@dataclass(frozen=True, slots=True)
class Cut:
    """A whole fragment, not yet in any file."""

    samples: tuple[Sample, ...]
    decode_time_90k: int
    start_us: int
    end_us: int
    received_us: int
    received_ns: int
    camera_offset_us: int | None
    uncertainty_us: int
    flags: int

    @property
    def random_access(self) -> bool:
        return self.samples[0].key


@dataclass(frozen=True, slots=True)
class Sealed:
    """A fragment in its bytes, as they stand in the file."""

    data: bytes
    sha256: bytes
    stamp: Stamp


def build(cut: Cut, *, sequence: int, previous: bytes, flags: int = 0) -> Sealed:
    """The bytes of a cut at its place in run and chain: stamp, prft, moof, mdat. ``flags`` are added to the cut's."""
    behind = encode_prft(
        at_us=cut.start_us, media_time_90k=cut.decode_time_90k + max(0, cut.samples[0].composition_offset_90k)
    ) + fragment(sequence=sequence, decode_time_90k=cut.decode_time_90k, samples=cut.samples)
    stamp = Stamp(
        sequence=sequence,
        start_us=cut.start_us,
        end_us=cut.end_us,
        received_us=cut.received_us,
        received_ns=cut.received_ns,
        camera_offset_us=cut.camera_offset_us,
        uncertainty_us=cut.uncertainty_us,
        frames=len(cut.samples),
        flags=cut.flags | flags | SAMPLED | (RANDOM_ACCESS if cut.random_access else 0),
        previous=previous,
        sample=sample_of(behind),
    )
    data = encode_stamp(stamp) + behind
    return Sealed(data, sha256(data), stamp)


class Cutter:
    """The units of one run, cut into fragments."""

    def __init__(self, *, reorder: int, wall_us: int, monotonic_ns: int) -> None:
        self._line = MediaLine()
        self._decode = DecodeTimes(reorder)
        self.wall = WallLine(wall_us=wall_us, monotonic_ns=monotonic_ns)
        self._opening: list[Unit] | None = []
        self._units: list[tuple[Unit, int, int]] = []  # unit, decode time, composition offset
        self._frame_90k = DEFAULT_FRAME_90K
        self._last_90k: int | None = None
        self._bytes = 0
        self._flags = 0
        self._origin: int | None = None  # decode times of the file start at 0
        self._until_us: int | None = None  # where the last fragment ended
        self._until_90k = 0
        self._camera_offset_us: int | None = None

    def push(self, unit: Unit) -> tuple[list[Placed], list[Cut]]:
        """Take a unit; what was placed for live viewers, and the fragments that this unit completed."""
        if self._opening is None:
            units = [unit]
        else:
            self._opening.append(unit)
            units = _opened(self._opening, self._decode.reorder)
            if not units:
                return [], []
            self._opening = None
        cuts: list[Cut] = []
        return [self._place(each, cuts) for each in units], cuts

    def flush(self) -> list[Cut]:
        """What is still open, as a fragment: at the end of the run, or when the camera falls silent."""
        cuts: list[Cut] = []
        if self._opening:
            held, self._opening = self._opening, None
            for each in held:
                self._place(each, cuts)
        if self._units:
            cuts.append(self._cut(self._units[-1][1] + self._frame_90k, None))
        return cuts

    def _place(self, unit: Unit, cuts: list[Cut]) -> Placed:
        shown = self._line.place(unit.pts_90k, unit.received_ns)
        if self._line.made and self._origin is not None:
            self._flags |= TIMES_MADE
        decode = self._decode.place(shown, self._frame_90k)
        self._measure(decode)
        if self._origin is None:
            self._origin = decode
        self.wall.see(shown, wall_us=unit.received_us, monotonic_ns=unit.received_ns)
        at, offset = decode - self._origin, shown - decode
        if self._units and (
            (unit.key and not self._units[-1][0].key)
            or at - self._units[0][1] >= FRAGMENT_90K
            or self._bytes + len(unit.data) > MAX_FRAGMENT_BYTES
        ):
            cuts.append(self._cut(at, shown if unit.key else None))
        if unit.pts_90k is None:
            self._flags |= TIMES_MADE
        if unit.lost:
            self._flags |= PACKETS_LOST
        self._units.append((unit, at, offset))
        self._bytes += len(unit.data)
        start_us = self.wall.at(shown).at_us
        if unit.camera_us is not None:
            self._camera_offset_us = unit.camera_us - start_us
        return Placed(unit, at, offset, self._frame_90k, start_us)

    def _measure(self, decode: int) -> None:
        """Learn how long a frame lasts: decode times, unlike stamps, are in order."""
        step = 0 if self._last_90k is None else decode - self._last_90k
        self._last_90k = decode
        if 1 < step < HZ:
            self._frame_90k = self._line.frame_90k = max(1, self._frame_90k + (step - self._frame_90k) // 4)

    def _cut(self, end_90k: int, next_key_90k: int | None) -> Cut:
        """Close the open fragment; ``end_90k`` is the decode time of what comes next, ``next_key_90k`` the presentation
        time of the key frame that comes next."""
        units, self._units, self._bytes = self._units, [], 0
        flags, self._flags = self._flags, 0
        first, start_90k, offset_90k = units[0]
        ends = [at for _, at, _ in units[1:]] + [end_90k]
        samples = tuple(
            Sample(unit.data, end - at, offset, unit.key) for (unit, at, offset), end in zip(units, ends, strict=True)
        )
        # A key frame is the first that is shown; elsewhere the first to be shown comes as much after its decode time
        # as the stream reorders.
        origin = self._origin or 0
        delay = origin + self._decode.reorder * self._frame_90k
        start = self.wall.at(start_90k + origin + offset_90k if first.key else start_90k + delay)
        end = self.wall.at(end_90k + delay if next_key_90k is None else next_key_90k)
        start_us = start.at_us
        if self._until_us is not None and (start_90k == self._until_90k or start_us < self._until_us):
            start_us = self._until_us
        end_us = max(end.at_us, start_us + 1)
        self._until_us, self._until_90k = end_us, end_90k
        if self.wall.stepped:
            flags |= CLOCK_STEPPED
        return Cut(
            samples=samples,
            decode_time_90k=start_90k,
            start_us=start_us,
            end_us=end_us,
            received_us=first.received_us,
            received_ns=first.received_ns,
            camera_offset_us=self._camera_offset_us,
            uncertainty_us=end.uncertainty_us,
            flags=flags,
        )


def _opened(held: Sequence[Unit], reorder: int) -> list[Unit]:
    """The first units, when enough is known of their times; else nothing yet.

    The first packets after PLAY often have no time stamp. They get one from those after: with B-frames the next
    stamps are not in order, so as many are awaited as the stream reorders.
    """
    known = sorted(unit.pts_90k for unit in held if unit.pts_90k is not None)
    if held[0].pts_90k is not None:
        return list(held)
    if len(known) < max(reorder, _LIKELY_REORDER) + 1 and len(held) < _OPENING:
        return []
    missing = 0
    while missing < len(held) and held[missing].pts_90k is None:
        missing += 1
    if not known:
        return list(held)
    steps = [after - before for before, after in pairwise(known) if 0 < after - before < HZ]
    frame = min(steps, default=DEFAULT_FRAME_90K)
    first = known[0] - frame * missing
    return [replace(unit, pts_90k=first + frame * at) if at < missing else unit for at, unit in enumerate(held)]
