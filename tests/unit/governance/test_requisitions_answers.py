"""Expiry and the first answer without pictures."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.governance.core.answers import (
    AskedCamera,
    LineState,
    Verdict,
    answer,
    answer_to_json,
    expiry,
    line_of,
    lines_from_json,
)
from beffroi.kernel.clock import to_us
from beffroi.kernel.ids import CameraId, HoldId, RunId
from beffroi.kernel.spans import Span
from beffroi.media.core.retention import month_after, month_before
from beffroi.media.core.words import Gap, GapCause, Hold, Piece, StreamName, Timeline

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MOMENTS = st.datetimes(
    datetime.fromisoformat("2020-01-01"), datetime.fromisoformat("2035-12-31"), timezones=st.just(UTC)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("recorded", "days", "gone"),
    [
        ("2026-01-31T10:00", 30, "2026-03-01T00:00"),  # 30 days would be 2 March: beyond the last day of February
        ("2026-02-01T10:00", 30, "2026-03-01T10:00"),  # 30 days would be 3 March
        ("2028-01-31T10:00", 31, "2028-03-01T00:00"),  # the end of the last day of February
        ("2026-01-30T10:00", 31, "2026-03-01T00:00"),
        ("2026-03-31T23:59", 31, "2026-05-01T00:00"),
        ("2026-07-01T00:00", 30, "2026-07-31T00:00"),  # thirty days are shorter than July
        ("2026-12-31T12:00", 31, "2027-01-31T12:00"),
        ("2026-11-20T12:00", 15, "2026-12-05T12:00"),
    ],
)
def test_month_ends(recorded: str, days: int, gone: str) -> None:
    assert expiry(at(recorded), days) == at(gone)


@given(MOMENTS, st.integers(1, 400))
def test_nothing_is_kept_longer_than_the_days_or_the_month(recorded: datetime, days: int) -> None:
    gone = expiry(recorded, days)
    assert recorded < gone <= recorded + timedelta(days=days)
    month = month_after(recorded)
    assert gone <= month
    assert month_before(month) == recorded or (month.day == 1 and month_before(month) > recorded)
    assert month_before(month - timedelta(microseconds=1)) <= recorded, "the purge keeps it until it was promised"
    assert month_before(month + timedelta(microseconds=1)) > recorded, "and no longer"


@given(MOMENTS, MOMENTS, st.integers(1, 31))
def test_older_pictures_never_die_later(one: datetime, other: datetime, days: int) -> None:
    assert expiry(min(one, other), days) <= expiry(max(one, other), days)


def test_a_retention_of_no_days_is_a_mistake() -> None:
    with pytest.raises(ValueError):
        expiry(NOW, 0)


CAMERA = AskedCamera("c1", 1, "Place", 30, in_service=True, authorised=True, sees_place=True)
SPAN = Span(at("2026-11-19T20:00"), at("2026-11-19T21:00"))


def timeline(pieces: list[Span], gaps: list[tuple[Span, GapCause]] = [], holds: list[Span] = []) -> Timeline:  # noqa: B006
    camera = CameraId("c1")
    return Timeline(
        camera, StreamName.MAIN, SPAN,
        tuple(Piece(RunId("r"), one.start_us, one.end_us) for one in pieces),
        tuple(Gap(camera, StreamName.MAIN, span.start_us, span.end_us, cause) for span, cause in gaps),
        tuple(Hold(HoldId("h"), camera, span, "x", True, 0) for span in holds),
    )  # fmt: skip


def test_a_whole_recording_is_covered_and_says_until_when() -> None:
    line = line_of(CAMERA, SPAN, timeline([SPAN.widened(timedelta(minutes=5))]), NOW)
    assert line.state is LineState.RECORDED
    assert line.recorded == (SPAN,)
    assert line.kept_until == at("2026-12-19T20:00")
    assert answer([line], NOW).verdict is Verdict.COVERED


def test_gaps_keep_their_causes_and_what_nobody_explains_is_unknown() -> None:
    first = Span(SPAN.start, SPAN.start + timedelta(minutes=20))
    hole = Span(first.end, first.end + timedelta(minutes=10))
    line = line_of(CAMERA, SPAN, timeline([first], [(hole, GapCause.NETWORK)]), NOW)
    assert line.state is LineState.PARTLY
    assert [one.cause for one in line.missing] == [GapCause.NETWORK, GapCause.UNKNOWN]
    assert line.missing[-1].span == Span(hole.end, SPAN.end)


def test_overwritten_is_told_from_never_recorded() -> None:
    gone = line_of(CAMERA, SPAN, timeline([], [(SPAN, GapCause.RETENTION)]), NOW)
    never = line_of(CAMERA, SPAN, timeline([], [(SPAN, GapCause.POWER)]), NOW)
    assert (gone.state, never.state) == (LineState.OVERWRITTEN, LineState.NOT_RECORDED)
    assert answer([gone, never], NOW).verdict is Verdict.OVERWRITTEN


def test_a_silent_recorder_is_unknown_and_beats_every_no() -> None:
    silent = line_of(CAMERA, SPAN, None, NOW)
    never = line_of(CAMERA, SPAN, timeline([], [(SPAN, GapCause.POWER)]), NOW)
    assert silent.state is LineState.UNKNOWN
    assert answer([silent, never], NOW).verdict is Verdict.UNKNOWN
    assert answer([], NOW).verdict is Verdict.NOT_COVERED


def test_a_camera_without_order_gives_nothing() -> None:
    bare = AskedCamera("c1", 1, "Place", 30, in_service=True, authorised=False, sees_place=True)
    line = line_of(bare, SPAN, timeline([SPAN]), NOW)
    assert (line.state, line.recorded) == (LineState.NOT_AUTHORISED, ())
    assert answer([line], NOW).verdict is Verdict.NOT_COVERED


def test_held_footage_has_no_countdown() -> None:
    line = line_of(CAMERA, SPAN, timeline([SPAN], holds=[SPAN]), NOW)
    assert line.held
    assert answer([line], NOW).kept_until is None


MINUTES = st.integers(0, 59)


@given(st.lists(st.tuples(MINUTES, MINUTES), max_size=6), st.lists(st.tuples(MINUTES, MINUTES), max_size=6))
def test_every_instant_is_recorded_or_missing_and_never_both(
    pieces: list[tuple[int, int]], gaps: list[tuple[int, int]]
) -> None:
    def span(pair: tuple[int, int]) -> Span:
        low, high = sorted(pair)
        return Span(SPAN.start + timedelta(minutes=low), SPAN.start + timedelta(minutes=high + 1))

    line = line_of(
        CAMERA, SPAN, timeline([span(one) for one in pieces], [(span(one), GapCause.CAMERA) for one in gaps]), NOW
    )
    for minute in range(60):
        moment = SPAN.start + timedelta(minutes=minute, seconds=30)
        inside = any(moment in part for part in line.recorded)
        outside = any(moment in one.span for one in line.missing)
        assert inside != outside
    value = answer([line], NOW)
    assert lines_from_json(answer_to_json(value)) == value.lines  # type: ignore[arg-type]


def test_gap_that_goes_on_reaches_the_end() -> None:
    camera = CameraId("c1")
    open_gap = Gap(camera, StreamName.MAIN, to_us(SPAN.start), None, GapCause.CAMERA)
    line = line_of(CAMERA, SPAN, Timeline(camera, StreamName.MAIN, SPAN, (), (open_gap,), ()), NOW)
    assert [(one.span, one.cause) for one in line.missing] == [(SPAN, GapCause.CAMERA)]
