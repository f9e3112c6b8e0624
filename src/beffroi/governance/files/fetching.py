"""Fetching the pictures of a package from the recorder: plan, pieces, digests and times of each fragment."""

import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Protocol

from beffroi.governance.core import evidence
from beffroi.governance.core.evidence import CameraSheet, FragmentSheet, GapSheet, VideoSheet
from beffroi.governance.files.bags import BagWriter
from beffroi.kernel.clock import Clock
from beffroi.kernel.errors import BeffroiError, Unavailable
from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.core.answers import ExtractionPlan, PiecePlan
from beffroi.media.core.boxes import walk
from beffroi.media.core.stamp import decode_stamp

log = logging.getLogger(__name__)

PLAN_LIFE = timedelta(minutes=10)
"""A plan older than this is asked for anew before its pieces: the recorder forgets plans after half an hour."""
Progress = Callable[[int, int], None]


class ExtractionSource(Protocol):
    """What of the recorder a build needs; ``media.client.RecorderClient`` is it."""

    def plan_extraction(self, ticket: str, camera: CameraId, span: Span) -> ExtractionPlan:
        """What exists of this span."""

    def piece(self, plan: ExtractionPlan, number: int) -> Iterator[bytes]:
        """Init section, then whole fragments, each checked."""

    def end_extraction(self, plan: ExtractionPlan) -> None:
        """All wanted pieces came."""


class Counter:
    """Bytes done of bytes to do."""

    def __init__(self, total: int, progress: Progress) -> None:
        self._done, self._total, self._progress = 0, total, progress

    def add(self, count: int) -> None:
        """So many more."""
        self._done += count
        self._progress(min(self._done, self._total), self._total)


class Fetch:
    """The pictures of some cameras for one span. Planning asks the recorder at once; nothing is fetched yet."""

    def __init__(
        self,
        cameras: tuple[CameraSheet, ...],
        asked: Span,
        source: ExtractionSource,
        ticket: Callable[[str], str],
        clock: Clock,
    ) -> None:
        self._cameras, self._asked, self._source, self._ticket, self._clock = cameras, asked, source, ticket, clock
        self._planned_at = clock.now()
        self._plans = {camera.id: self._plan(camera) for camera in cameras}

    @property
    def length(self) -> int:
        """Bytes that will come."""
        return sum(plan.length for plan in self._plans.values())

    def into(self, bag: BagWriter, done: "Counter") -> tuple[list[VideoSheet], list[GapSheet]]:
        """Fetch everything, camera by camera; returns videos and gaps in order."""
        videos: list[VideoSheet] = []
        gaps: list[GapSheet] = []
        for camera in self._cameras:
            fresh = self._clock.now() - self._planned_at < PLAN_LIFE
            plan = self._plans[camera.id] if fresh else self._plan(camera)
            own = [_fetch_piece(bag, camera, plan, piece, self._source, done) for piece in plan.pieces]
            videos += own
            gaps += self._gaps(camera, plan, own)
            self._end(plan)
        return videos, gaps

    def _plan(self, camera: CameraSheet) -> ExtractionPlan:
        return self._source.plan_extraction(self._ticket(camera.id), CameraId(camera.id), self._asked)

    def _gaps(self, camera: CameraSheet, plan: ExtractionPlan, videos: list[VideoSheet]) -> list[GapSheet]:
        first, last = self._asked.start_us, self._asked.end_us
        declared = []
        for gap in plan.gaps:
            start, end = max(gap.start_us, first), min(last if gap.end_us is None else gap.end_us, last)
            if start < end:
                declared.append(GapSheet(camera, start, end, gap.cause.value, gap.detail))
        left = evidence.uncovered(self._asked, videos, declared)
        declared += [GapSheet(camera, span.start_us, span.end_us, "unknown") for span in left]
        return sorted(declared, key=lambda gap: gap.start_us)

    def _end(self, plan: ExtractionPlan) -> None:
        """Let the recorder write the look's totals now; it writes them by itself later where this fails."""
        try:
            self._source.end_extraction(plan)
        except BeffroiError as error:
            log.warning("the recorder was not told that extraction %s is done: %s", plan.id, error)


def _fetch_piece(
    bag: BagWriter,
    camera: CameraSheet,
    plan: ExtractionPlan,
    piece: PiecePlan,
    source: ExtractionSource,
    done: Counter,
) -> VideoSheet:
    """One piece into one file, in a single pass; its fragments' digests and times beside it."""
    name = evidence.video_path(camera.number, piece.start_us, piece.end_us, piece.run)
    lines: list[str] = []
    offset = 0
    with bag.stream(name) as sink:
        for number, chunk in enumerate(source.piece(plan, piece.number)):
            sink.write(chunk)
            start_us, end_us = (piece.start_us, piece.end_us) if number == 0 else _times(chunk, piece)
            digest = piece.init_sha256 if number == 0 else piece.fragments[number - 1].sha256
            kind = "fragment" if number else "init"
            lines.append(evidence.fragment_line(FragmentSheet(kind, offset, len(chunk), digest, start_us, end_us)))
            offset += len(chunk)
            done.add(len(chunk))
    if offset != piece.length:
        raise Unavailable(
            f"Piece {piece.number} of camera {evidence.label(camera)} came with {offset} of {piece.length} bytes.",
            code="extraction_broken",
            hint="Try again.",
        )
    bag.write(evidence.fragments_path(name), "".join(lines).encode())
    return VideoSheet(
        file=name,
        camera=camera,
        run=piece.run,
        codec=piece.codec,
        width=piece.width,
        height=piece.height,
        frames=piece.frames,
        start_us=piece.start_us,
        end_us=piece.end_us,
        bytes=offset,
        sha256=bag.files[name].sha256,
        clock_offset_us=piece.clock_offset_us,
        uncertainty_us=piece.uncertainty_us,
        synthetic=piece.synthetic,
        mask_version=piece.mask_version,
    )


def _times(fragment: bytes, piece: PiecePlan) -> tuple[int, int]:
    """When a fragment was seen, by the stamp it carries; the whole piece where it carries none."""
    for kind, start, end in walk(fragment):
        stamp = decode_stamp(fragment[start:end]) if kind == b"uuid" else None
        if stamp is not None:
            return stamp.start_us, stamp.end_us
    return piece.start_us, piece.end_us
