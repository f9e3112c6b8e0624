"""The timeline of a stream: pieces, and for each instant without pictures a gap that says why (I5). Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span
from beffroi.media.core.words import Gap, GapCause, Hold, Piece, StreamName, Timeline

Part = tuple[int, int]  # half-open, microseconds of UTC
NOT_YET = "not-yet"
NEVER = "not-recorded"
DESTROYED = "destroyed"
AWAY = "volume-absent"


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue has about one stream that meets the span asked for."""

    camera: CameraId
    stream: StreamName
    pieces: Sequence[Piece]
    gaps: Sequence[Gap]
    destroyed: Sequence[Part]
    holds: Sequence[Hold]
    durable_until_us: int | None
    away: bool = False  # a volume that may have more is not there


def together(known: Sequence[Known], *, away: bool) -> Known:
    """What several volumes have about one stream. A gap that goes on for one ends where another has pictures."""
    pieces = [piece for each in known for piece in each.pieces]
    gaps = [
        gap if gap.end_us is not None else replace(gap, end_us=_next_piece(pieces, gap.start_us))
        for each in known
        for gap in each.gaps
    ]
    durable = [each.durable_until_us for each in known if each.durable_until_us is not None]
    return Known(
        camera=known[0].camera,
        stream=known[0].stream,
        pieces=pieces,
        gaps=sorted(gaps, key=lambda gap: gap.start_us),
        destroyed=[part for each in known for part in each.destroyed],
        holds=list({hold.id: hold for each in known for hold in each.holds}.values()),
        durable_until_us=max(durable, default=None),
        away=away,
    )


def _next_piece(pieces: Sequence[Piece], at_us: int) -> int | None:
    return min((piece.start_us for piece in pieces if piece.start_us >= at_us), default=None)


def timeline(known: Known, span: Span) -> Timeline:
    """Every instant of ``span`` in a piece or in a gap. Destruction explains an absence before any other cause; what
    nothing explains is ``unknown`` (I9), with detail ``not-yet`` after the newest durable fragment."""
    pieces = [cut for piece in known.pieces if (cut := _cut(piece, span)) is not None]
    asked = (span.start_us, span.end_us)
    causes = _Causes(known, asked)
    gaps: list[Gap] = []
    for hole in _without([asked], _merged((piece.start_us, piece.end_us) for piece in pieces)):
        gaps += causes.of(hole)
    return Timeline(
        camera=known.camera,
        stream=known.stream,
        span=span,
        pieces=tuple(sorted(pieces, key=lambda piece: (piece.start_us, piece.end_us))),
        gaps=tuple(gaps),
        holds=tuple(known.holds),
    )


def _cut(piece: Piece, span: Span) -> Piece | None:
    start, end = max(piece.start_us, span.start_us), min(piece.end_us, span.end_us)
    return Piece(piece.run, start, end) if start < end else None


class _Causes:
    """What explains an absence. Thirty days have a thousand holes and as many causes: each looks at its own only."""

    def __init__(self, known: Known, asked: Part) -> None:
        self._known = known
        self._gone = _merged(known.destroyed)
        told = [(gap.start_us, asked[1] if gap.end_us is None else gap.end_us, n) for n, gap in enumerate(known.gaps)]
        self._told = sorted(each for each in told if each[0] < each[1])
        self._starts = [start for start, _, _ in self._told]
        self._ends = list(accumulate((end for _, end, _ in self._told), max))

    def of(self, hole: Part) -> list[Gap]:
        known = self._known
        since = bisect_right(self._gone, hole[0], key=lambda part: part[1])
        until = bisect_left(self._gone, hole[1], key=lambda part: part[0])
        gone = _within(self._gone[since:until], hole)
        found = [self._gap(part, GapCause.RETENTION, DESTROYED) for part in gone]
        left = _without([hole], gone)
        near = self._told[bisect_right(self._ends, hole[0]) : bisect_left(self._starts, hole[1])]
        for start, end, number in sorted(near, key=lambda each: each[2]):
            gap = known.gaps[number]
            parts = [cut for part in left for cut in _within([(start, end)], part)]
            found += [
                Gap(
                    known.camera,
                    known.stream,
                    part[0],
                    None if gap.end_us is None and part[1] == hole[1] else part[1],
                    gap.cause,
                    gap.detail,
                )
                for part in parts
            ]
            left = _without(left, parts)
        found += [self._unexplained(part) for part in left]
        return sorted(found, key=lambda gap: gap.start_us)

    def _unexplained(self, part: Part) -> Gap:
        until = self._known.durable_until_us
        if self._known.away:
            return self._gap(part, GapCause.STORAGE, AWAY)
        return self._gap(part, GapCause.UNKNOWN, NOT_YET if until is not None and part[0] >= until else NEVER)

    def _gap(self, part: Part, cause: GapCause, detail: str) -> Gap:
        return Gap(self._known.camera, self._known.stream, part[0], part[1], cause, detail)


def _merged(parts: Iterable[Part]) -> list[Part]:
    """The same instants in as few parts as possible, in order."""
    found: list[Part] = []
    for start, end in sorted(parts):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _within(parts: Iterable[Part], whole: Part) -> list[Part]:
    """What of ``parts`` is in ``whole``."""
    cut = ((max(start, whole[0]), min(end, whole[1])) for start, end in parts)
    return [(start, end) for start, end in cut if start < end]


def _without(parts: Iterable[Part], taken: Iterable[Part]) -> list[Part]:
    """What of ``parts`` is in none of ``taken``, which are in order."""
    found: list[Part] = []
    away = list(taken)
    for start, end in parts:
        at = start
        for gone_start, gone_end in _within(away, (start, end)):
            if at < gone_start:
                found.append((at, gone_start))
            at = gone_end
        if at < end:
            found.append((at, end))
    return found
