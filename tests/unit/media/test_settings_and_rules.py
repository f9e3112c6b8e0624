"""Camera settings, passwords, timelines, retention, back-off: the recorder's pure rules."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.clock import to_us
from beffroi.kernel.errors import Invalid
from beffroi.kernel.ids import CameraId, HoldId, RunId
from beffroi.kernel.signing import SigningKey, VerifyKey
from beffroi.kernel.spans import Span, subtract, union
from beffroi.media.core.backoff import MOST_S, REFUSED_MOST_S, Backoff
from beffroi.media.core.gaps import Known, timeline
from beffroi.media.core.retention import Aged, cutoffs, expired, month_before
from beffroi.media.core.secrets import open_secret, seal_secret
from beffroi.media.core.settings import CameraSettings, RecorderSettings, StreamSettings, open_settings, sign_settings
from beffroi.media.core.words import Gap, GapCause, Hold, Piece, StreamName

KEY, OTHER = SigningKey(bytes(range(32))), SigningKey(bytes(32))
HALL = CameraId("hall")
SETTINGS = RecorderSettings(
    3,
    4,
    ("10.0.0.0/8",),
    (CameraSettings(HALL, 7, "Hall", "99123", (StreamSettings(StreamName.MAIN, "rtsp://10.0.0.1/a", 30),)),),
)


def test_settings_travel_signed() -> None:
    data = sign_settings(SETTINGS, KEY)
    assert open_settings(data, [VerifyKey(OTHER.public_bytes), VerifyKey(KEY.public_bytes)]) == SETTINGS
    for broken in (data.replace(b'"number":7', b'"number":8'), sign_settings(SETTINGS, OTHER)):
        with pytest.raises(Invalid, match="not signed"):
            open_settings(broken, [VerifyKey(KEY.public_bytes)])


@given(st.binary(max_size=200))
def test_nothing_else_is_settings(data: bytes) -> None:
    with pytest.raises(Invalid):
        open_settings(data, [VerifyKey(KEY.public_bytes)])


@given(st.text(max_size=64))
def test_a_password_opens_only_with_its_key_and_for_its_camera(password: str) -> None:
    sealed = seal_secret(bytes(32), password, camera="hall")
    assert open_secret(bytes(32), sealed, camera="hall") == password
    for key, camera, text in ((bytes([1] * 32), "hall", sealed), (bytes(32), "yard", sealed), (bytes(32), "hall", "x")):
        with pytest.raises(Invalid):
            open_secret(key, text, camera=camera)


_span = st.tuples(st.integers(0, 500), st.integers(1, 200)).map(lambda pair: Span.of_us(pair[0], sum(pair)))


@given(
    _span, st.lists(_span, max_size=5), st.lists(_span, max_size=5), st.lists(_span, max_size=3), st.integers(0, 700)
)
def test_every_instant_is_in_a_piece_or_in_one_gap(
    asked: Span, recorded: list[Span], told: list[Span], destroyed: list[Span], until: int
) -> None:
    known = Known(
        HALL,
        StreamName.MAIN,
        [Piece(RunId("r"), each.start_us, each.end_us) for each in recorded],
        [Gap(HALL, StreamName.MAIN, each.start_us, each.end_us, GapCause.NETWORK) for each in told],
        [(each.start_us, each.end_us) for each in destroyed],
        [],
        until,
    )
    found = timeline(known, asked)
    pieces = [Span.of_us(each.start_us, each.end_us) for each in found.pieces]
    gaps = [Span.of_us(each.start_us, each.end_us or asked.end_us) for each in found.gaps]
    assert union([*pieces, *gaps]) == [asked]
    assert sum((gap.duration for gap in gaps), timedelta()) == sum(
        (rest.duration for rest in subtract(asked, pieces)), timedelta()
    )
    for gap in found.gaps:
        if gap.cause is GapCause.RETENTION:
            assert any(each.start_us <= gap.start_us < each.end_us for each in destroyed)


def test_a_month_ends_where_the_calendar_says() -> None:
    assert month_before(datetime(2026, 3, 31, 5, tzinfo=UTC)) == datetime(2026, 3, 1, tzinfo=UTC)
    assert month_before(datetime(2028, 3, 29, tzinfo=UTC)) == datetime(2028, 2, 29, tzinfo=UTC)
    assert month_before(datetime(2027, 3, 29, 5, tzinfo=UTC)) == datetime(2027, 3, 1, tzinfo=UTC)
    assert month_before(datetime(2026, 1, 15, tzinfo=UTC)) == datetime(2025, 12, 15, tzinfo=UTC)


def test_on_every_day_of_four_years_nothing_outlives_its_month() -> None:
    """Same day and hour of the next month; where that has no such day, the end of its last one."""
    recorded = datetime(2027, 1, 1, 13, 30, tzinfo=UTC)
    while recorded.year < 2031:
        year, month = divmod(recorded.year * 12 + recorded.month, 12)
        try:
            ends = recorded.replace(year=year, month=month + 1)
        except ValueError:
            year, month = divmod(recorded.year * 12 + recorded.month + 1, 12)
            ends = datetime(year, month + 1, 1, tzinfo=UTC)
        second = timedelta(seconds=1)
        for hours in range(1, 24 * 5):
            assert month_before(ends + timedelta(hours=hours)) > recorded, (recorded, hours)
        assert month_before(ends + second) > recorded
        assert month_before(ends - second) <= recorded, "and nothing goes before it"
        recorded += timedelta(days=1)


@given(
    st.integers(to_us(datetime(2024, 1, 1, tzinfo=UTC)), to_us(datetime(2032, 1, 1, tzinfo=UTC))), st.integers(0, 400)
)
def test_no_term_is_longer_than_the_month(now_us: int, days: int) -> None:
    term, legal = cutoffs(now_us, days)
    assert term >= legal
    assert term >= now_us - days * 86_400_000_000


@given(st.lists(st.integers(0, 60), max_size=40, unique=True), st.integers(1, 40), st.booleans())
def test_what_has_come_to_its_term_is_named_with_what_is_held_against_it(
    ages: list[int], days: int, judicial: bool
) -> None:
    day, now_us = 86_400_000_000, to_us(datetime(2026, 11, 23, tzinfo=UTC))
    segments = [
        Aged(str(age), "hall", Span.of_us(now_us - age * day - 1, now_us - age * day + 60_000_000), 1)
        for age in sorted(ages, reverse=True)
    ]
    hold = Hold(HoldId("h"), HALL, Span.of_us(now_us - 50 * day, now_us - 10 * day), "req", judicial, now_us)
    due = list(expired(segments, [hold], now_us=now_us, retention_days=days))
    assert [each for each, _ in due] == [each for each in segments if int(each.segment) >= min(days, 31)]
    legal = to_us(datetime(2026, 10, 23, tzinfo=UTC))
    for each, held in due:
        assert held == ([hold.span] if judicial or each.span.start_us >= legal else [])


def test_a_plain_hold_ends_at_the_legal_maximum_and_a_judicial_one_does_not() -> None:
    now_us = to_us(datetime(2026, 11, 23, tzinfo=UTC))
    old = Aged("s", "hall", Span.of_us(now_us - 40 * 86_400_000_000, now_us - 39 * 86_400_000_000), 1)
    for judicial, held in ((True, [old.span]), (False, [])):
        hold = Hold(HoldId("h"), HALL, old.span, "req", judicial, now_us)
        assert list(expired([old], [hold], now_us=now_us, retention_days=30)) == [(old, held)]


@given(st.lists(st.floats(0, 0.999), min_size=1, max_size=30))
def test_a_camera_that_returns_is_asked_within_its_bound(chances: list[float]) -> None:
    backoff = Backoff()
    assert all(0 < backoff.failed(chance) <= MOST_S for chance in chances)
    assert all(5 <= backoff.refused(chance) <= REFUSED_MOST_S for chance in chances)
