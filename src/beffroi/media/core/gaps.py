"""The timeline of a stream: pieces, and for each instant without pictures a gap that says why (I5). Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from beffroi.kernel.ids import CameraId
from beffroi.kernel.spans import Span, subtract, union
from beffroi.media.core.words import Gap, GapCause, Hold, Piece, StreamName, Timeline

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
    destroyed: Sequence[Span]
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
        destroyed=[span for each in known for span in each.destroyed],
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
    holes = subtract(span, [Span.of_us(piece.start_us, piece.end_us) for piece in pieces])
    gaps: list[Gap] = []
    for hole in holes:
        gaps += _explain(hole, known)
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


def _explain(hole: Span, known: Known) -> list[Gap]:
    found: list[Gap] = []
    left = [hole]
    gone = [cut for each in known.destroyed if (cut := each.cut(hole)) is not None]
    found += [_gap(known, each, GapCause.RETENTION, DESTROYED) for each in union(gone)]
    left = [rest for each in left for rest in subtract(each, gone)]
    for gap in known.gaps:
        end_us = hole.end_us if gap.end_us is None else gap.end_us
        if end_us <= gap.start_us:
            continue
        whole = Span.of_us(gap.start_us, end_us)
        parts = [cut for each in left if (cut := whole.cut(each)) is not None]
        found += [
            Gap(
                known.camera,
                known.stream,
                part.start_us,
                None if gap.end_us is None and part.end_us == hole.end_us else part.end_us,
                gap.cause,
                gap.detail,
            )
            for part in parts
        ]
        left = [rest for each in left for rest in subtract(each, parts)]
    for each in left:
        found += _unexplained(each, known)
    return sorted(found, key=lambda gap: gap.start_us)


def _unexplained(hole: Span, known: Known) -> Iterable[Gap]:
    until = known.durable_until_us
    if known.away:
        return [_gap(known, hole, GapCause.STORAGE, AWAY)]
    if until is not None and hole.start_us >= until:
        return [_gap(known, hole, GapCause.UNKNOWN, NOT_YET)]
    return [_gap(known, hole, GapCause.UNKNOWN, NEVER)]


def _gap(known: Known, span: Span, cause: GapCause, detail: str) -> Gap:
    return Gap(known.camera, known.stream, span.start_us, span.end_us, cause, detail)
