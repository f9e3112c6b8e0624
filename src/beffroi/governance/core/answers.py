"""The first answer to a requisition, without a picture: covered or not, recorded or not, kept until when. Pure.

It is made from where the cameras stood and from the recorder's timeline. A recorder that does not answer makes
*unknown*, never "nothing" (I9).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from beffroi.governance.core.requisitions import Result
from beffroi.kernel.canonical import Json
from beffroi.kernel.clock import iso, parse_utc
from beffroi.kernel.spans import Span, subtract, union
from beffroi.media.core.retention import month_after
from beffroi.media.core.words import GapCause, Timeline


class LineState(StrEnum):
    """What one camera has of the span asked for."""

    RECORDED = "recorded"
    PARTLY = "partly"
    OVERWRITTEN = "overwritten"  # it was there, its term is over
    NOT_RECORDED = "not-recorded"  # a gap, with its causes
    NOT_AUTHORISED = "not-authorised"  # no order covered the camera then
    NOT_IN_SERVICE = "not-in-service"
    UNKNOWN = "unknown"  # the recorder does not answer


class Verdict(StrEnum):
    """The whole answer."""

    COVERED = "covered"
    PARTLY = "partly"
    NOT_COVERED = "not-covered"  # no camera sees the place
    OVERWRITTEN = "overwritten"
    NOT_RECORDED = "not-recorded"
    UNKNOWN = "unknown"


PICTURES = frozenset({Verdict.COVERED, Verdict.PARTLY})
"""Verdicts after which there is something to extract."""

SUGGESTED: Mapping[Verdict, Result] = {
    Verdict.COVERED: Result.POSITIVE,
    Verdict.PARTLY: Result.PARTIAL,
    Verdict.NOT_COVERED: Result.NEGATIVE,
    Verdict.OVERWRITTEN: Result.OVERWRITTEN,
    Verdict.NOT_RECORDED: Result.NEGATIVE,
    Verdict.UNKNOWN: Result.NONE,
}
"""What the desk proposes; a person decides."""


@dataclass(frozen=True, slots=True)
class AskedCamera:
    """What the answer needs of a camera."""

    id: str
    number: int
    name: str
    retention_days: int
    in_service: bool
    authorised: bool
    sees_place: bool | None  # None: the place has no coordinates


@dataclass(frozen=True, slots=True)
class Missing:
    """A stretch without pictures and why (I5)."""

    span: Span
    cause: GapCause


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One camera's part of the answer. ``kept_until`` is when the first of its pictures dies unless held."""

    camera: AskedCamera
    state: LineState
    recorded: tuple[Span, ...] = ()
    missing: tuple[Missing, ...] = ()
    kept_until: datetime | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """All lines, and what they come to."""

    at: datetime
    verdict: Verdict
    lines: tuple[AnswerLine, ...]
    kept_until: datetime | None  # the earliest of the lines


def expiry(recorded_at: datetime, authorised_days: int) -> datetime:
    """When a picture must be gone: the authorised days or one calendar month, whichever ends first (R-08, I6)."""
    if authorised_days < 1:
        raise ValueError("an authorisation keeps pictures at least one day")
    return min(recorded_at + timedelta(days=authorised_days), month_after(recorded_at))


def line_of(camera: AskedCamera, span: Span, timeline: Timeline | None, now: datetime) -> AnswerLine:
    """One camera's answer. ``timeline`` is ``None`` when the recorder did not say."""
    if not camera.in_service:
        return AnswerLine(camera, LineState.NOT_IN_SERVICE)
    if timeline is None:
        until = expiry(span.start, camera.retention_days)
        return AnswerLine(camera, LineState.UNKNOWN, kept_until=until if until > now else None)
    pieces = (Span.of_us(piece.start_us, piece.end_us).cut(span) for piece in timeline.pieces)
    recorded = tuple(union(piece for piece in pieces if piece is not None))
    missing = _missing(span, recorded, timeline)
    held = any(hold.camera == camera.id and all(hold.span.covers(part) for part in recorded) for hold in timeline.holds)
    kept = expiry(recorded[0].start, camera.retention_days) if recorded else None
    if not camera.authorised:
        return AnswerLine(camera, LineState.NOT_AUTHORISED, (), missing)
    state = _line_state(camera, span, recorded, missing, now)
    return AnswerLine(camera, state, recorded, missing, kept, held and bool(recorded))


def answer(lines: Iterable[AnswerLine], at: datetime, *, located: bool = True) -> Answer:
    """What the lines come to: the best any camera can give; unknown wins over every "no".

    ``located`` is false where nobody has yet said where the place is: then no camera means *unknown*, not uncovered.
    """
    lines = tuple(lines)
    states = {line.state for line in lines}
    order = (
        (LineState.RECORDED, Verdict.COVERED),
        (LineState.PARTLY, Verdict.PARTLY),
        (LineState.UNKNOWN, Verdict.UNKNOWN),
        (LineState.OVERWRITTEN, Verdict.OVERWRITTEN),
        (LineState.NOT_RECORDED, Verdict.NOT_RECORDED),
    )
    nothing = Verdict.NOT_COVERED if located else Verdict.UNKNOWN
    verdict = next((verdict for state, verdict in order if state in states), nothing)
    kept = [line.kept_until for line in lines if line.kept_until is not None and not line.held]
    return Answer(at, verdict, lines, min(kept, default=None))


def _line_state(
    camera: AskedCamera, span: Span, recorded: Sequence[Span], missing: Sequence[Missing], now: datetime
) -> LineState:
    if not missing:
        return LineState.RECORDED
    if recorded:
        return LineState.PARTLY
    gone = all(part.cause is GapCause.RETENTION for part in missing)
    return LineState.OVERWRITTEN if gone or expiry(span.end, camera.retention_days) <= now else LineState.NOT_RECORDED


def _missing(span: Span, recorded: Sequence[Span], timeline: Timeline) -> tuple[Missing, ...]:
    found: list[Missing] = []
    for hole in subtract(span, recorded):
        told: list[Span] = []
        for gap in timeline.gaps:
            end_us = gap.end_us if gap.end_us is not None else hole.end_us
            part = Span.of_us(gap.start_us, end_us).cut(hole) if gap.start_us < end_us else None
            if part is not None:
                told.append(part)
                found.append(Missing(part, gap.cause))
        found.extend(Missing(rest, GapCause.UNKNOWN) for rest in subtract(hole, told))
    return tuple(sorted(found, key=lambda one: one.span))


def answer_to_json(value: Answer) -> list[Json]:
    """The lines as they are stored and handed to islands."""
    return [
        {
            "camera": line.camera.id,
            "number": line.camera.number,
            "name": line.camera.name,
            "retention_days": line.camera.retention_days,
            "in_service": line.camera.in_service,
            "authorised": line.camera.authorised,
            "sees_place": line.camera.sees_place,
            "state": line.state.value,
            "recorded": [[iso(span.start), iso(span.end)] for span in line.recorded],
            "missing": [[iso(one.span.start), iso(one.span.end), one.cause.value] for one in line.missing],
            "kept_until": iso(line.kept_until) if line.kept_until else None,
            "held": line.held,
        }
        for line in value.lines
    ]


def lines_from_json(data: Iterable[Mapping[str, Any]]) -> tuple[AnswerLine, ...]:
    """What ``answer_to_json`` wrote."""
    return tuple(
        AnswerLine(
            camera=AskedCamera(
                one["camera"], one["number"], one["name"], one["retention_days"], one["in_service"], one["authorised"],
                one["sees_place"],
            ),
            state=LineState(one["state"]),
            recorded=tuple(Span(parse_utc(start), parse_utc(end)) for start, end in one["recorded"]),
            missing=tuple(
                Missing(Span(parse_utc(start), parse_utc(end)), GapCause(cause)) for start, end, cause in one["missing"]
            ),
            kept_until=parse_utc(one["kept_until"]) if one["kept_until"] else None,
            held=one["held"],
        )
        for one in data
    )  # fmt: skip
