"""What goes to make room, what never does, and until when a disk lasts."""

from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.ids import CameraId, HoldId
from beffroi.kernel.spans import Span
from beffroi.media.core.forecast import DAY_US, Stock, forecast
from beffroi.media.core.retention import Aged, make_room
from beffroi.media.core.storage import Storage, short_of
from beffroi.media.core.words import Hold

CAMERAS = (CameraId("hall"), CameraId("yard"))
minutes = st.integers(0, 40)


def hold(camera: str, first: int, last: int, *, judicial: bool = False) -> Hold:
    span = Span.of_us(first * 60_000_000, (last + 1) * 60_000_000)
    return Hold(HoldId(f"h{first}"), CameraId(camera), span, "req", judicial, 0)


segments = st.lists(st.tuples(st.sampled_from(CAMERAS), minutes, st.integers(1, 900)), max_size=60).map(
    lambda found: [
        Aged(f"s{at}", camera, Span.of_us(minute * 60_000_000, (minute + 1) * 60_000_000), size)
        for at, (camera, minute, size) in enumerate(found)
    ]
)
holds = st.lists(st.builds(hold, st.sampled_from(CAMERAS), minutes, st.just(40), judicial=st.booleans()), max_size=3)


@given(segments, holds, st.integers(0, 20_000), st.integers(0, 30))
def test_the_oldest_that_nothing_holds_goes_and_no_more_than_is_needed(
    known: list[Aged], held: list[Hold], need: int, most: int
) -> None:
    gone = make_room(known, held, need_bytes=need, most=most)
    assert len(gone) <= most
    free_to_go = [
        each for each in known if not any(one.camera == each.camera and one.span.meets(each.span) for one in held)
    ]
    assert gone == free_to_go[: len(gone)], "in order, and nothing that is held"
    assert sum(each.bytes_on_disk for each in gone[:-1]) < max(need, 1)
    if len(gone) < min(most, len(free_to_go)):
        assert sum(each.bytes_on_disk for each in gone) >= need


def test_short_of_counts_the_quota_and_the_disk_apart_and_a_small_disk_keeps_a_twentieth() -> None:
    limits = Storage(keep_free_bytes=1000, volume_quota_bytes=500)
    assert short_of(limits, used_bytes=700, free_bytes=300, total_bytes=10**9) == (200, 700)
    assert short_of(limits, used_bytes=400, free_bytes=10, total_bytes=400) == (0, 10)
    assert short_of(Storage(keep_free_bytes=0), used_bytes=10**12, free_bytes=0, total_bytes=10**12) == (0, 0)
    assert Storage.from_json(limits.to_json()) == limits


def stock(*, days: int, per_day: int, kept: int, now_day: int = 1000) -> Stock:
    by_day = tuple((now_day - at, per_day) for at in range(days, 0, -1))
    return Stock(by_day, kept, (now_day - days) * DAY_US)


NOW_US = 1000 * DAY_US


def test_a_full_archive_in_balance_lasts() -> None:
    assert forecast([stock(days=30, per_day=100, kept=30)], now_us=NOW_US, free_bytes=150).enough is True


def test_a_young_archive_tells_the_day_on_which_it_is_full() -> None:
    young = stock(days=3, per_day=100, kept=30)
    found = forecast([young, stock(days=3, per_day=100, kept=5)], now_us=NOW_US, free_bytes=1200)
    assert found.enough is False
    assert found.full_on_us is not None
    assert 6 * DAY_US < found.full_on_us - NOW_US < 12 * DAY_US
    assert forecast([young], now_us=NOW_US, free_bytes=30 * 100).enough is True
    assert forecast([young], now_us=NOW_US, free_bytes=26 * 100).enough is False


def test_what_is_not_known_is_not_told() -> None:
    fresh = Stock(((1000, 5),), 30, NOW_US - 60_000_000)
    for stocks in ([], [fresh], [fresh, stock(days=3, per_day=1, kept=9)]):
        found = forecast(stocks, now_us=NOW_US, free_bytes=10**9)
        assert (found.full_on_us, found.enough) == (None, None)
