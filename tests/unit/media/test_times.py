"""Times: golden vectors and properties (docs/design/time.md)."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from beffroi.media.core import stamp as stamps
from beffroi.media.core.cutter import Cut, Cutter, Unit
from beffroi.media.core.times import HZ, DecodeTimes, MediaLine, WallLine

FRAME = 3600
PYRAMID = (0, 4, 2, 1, 3, 8, 6, 5, 7, 12, 10, 9, 11)  # display numbers in decode order, two frames of reordering


def ns(frames: float) -> int:
    return int(10_000_000_000 + frames * FRAME * 100_000 / 9)


def run(
    pts: list[int | None], *, arrivals: list[int] | None = None, reorder: int = 0, key_every: int = 1000
) -> list[Cut]:
    """Units with these stamps through a cutter; every 25th second of wall time is of no interest here."""
    cutter = Cutter(reorder=reorder, wall_us=1_000_000_000_000_000, monotonic_ns=ns(0))
    cuts: list[Cut] = []
    for at, stamp in enumerate(pts):
        arrived = ns(at) if arrivals is None else arrivals[at]
        wall = 1_000_000_000_000_000 + (arrived - ns(0)) // 1000
        cuts += cutter.push(Unit(b"x", at % key_every == 0, stamp, wall, arrived))[1]
    return cuts + cutter.flush()


def test_decode_times_of_a_pyramid() -> None:
    times = DecodeTimes(2)
    shown = [number * FRAME for number in PYRAMID]
    decode = [times.place(pts, FRAME) for pts in shown]
    assert decode == [FRAME * at for at in range(-2, len(PYRAMID) - 2)]
    assert all(before <= after for before, after in zip(decode, shown, strict=True))


def test_a_depth_that_was_not_said_is_learnt() -> None:
    times = DecodeTimes(0)
    decode = [times.place(number * FRAME, FRAME) for number in PYRAMID]
    assert all(before < after for before, after in pairwise(decode))
    assert times.reorder in (2, 3)


@given(st.lists(st.integers(-20 * HZ, 20 * HZ) | st.none(), min_size=1, max_size=120), st.integers(0, 4))
def test_whatever_a_camera_says_decode_times_rise_and_no_unit_is_lost(stamps: list[int | None], reorder: int) -> None:
    cuts = run(stamps, reorder=reorder, key_every=10)
    assert sum(len(cut.samples) for cut in cuts) == len(stamps)
    at = 0
    for cut in cuts:
        assert cut.decode_time_90k >= at
        assert all(sample.duration_90k > 0 for sample in cut.samples)
        at = cut.decode_time_90k + sum(sample.duration_90k for sample in cut.samples)
        assert cut.start_us < cut.end_us
    assert all(before.end_us <= after.start_us for before, after in pairwise(cuts))


def test_first_units_without_stamps_get_them_from_those_after() -> None:
    stamps = [None, *(number * FRAME + 77_000 for number in PYRAMID[1:])]
    (cut,) = run(stamps, reorder=2)
    shown, at = [], cut.decode_time_90k
    for sample in cut.samples:
        shown.append(at + sample.composition_offset_90k)
        at += sample.duration_90k
    assert [round((each - shown[0]) / FRAME) for each in shown] == list(PYRAMID)


def test_a_fragment_lasts_a_second_or_ends_at_a_key_frame() -> None:
    cuts = run([at * FRAME for at in range(100)], key_every=40)
    assert [len(cut.samples) for cut in cuts] == [25, 15, 25, 15, 20]
    assert [cut.random_access for cut in cuts] == [True, False, True, False, True]
    assert all(before.end_us == after.start_us for before, after in pairwise(cuts))
    assert cuts[-1].end_us - cuts[0].start_us == 4_000_000


def test_a_jump_of_the_cameras_clock_is_bridged() -> None:
    for jump in (3600 * HZ, -3600 * HZ, 5 * HZ):
        stamps: list[int | None] = [at * FRAME + (jump if at >= 50 else 0) for at in range(100)]
        cuts = run(stamps)
        assert cuts[-1].end_us - cuts[0].start_us in range(3_900_000, 4_100_000)
        assert any(cut.flags & 4 for cut in cuts)


def test_a_network_that_stalls_moves_no_picture() -> None:
    arrivals = [ns(at if at < 50 or at >= 300 else 300) for at in range(400)]
    cuts = run([at * FRAME for at in range(400)], arrivals=arrivals)
    assert cuts[-1].end_us - cuts[0].start_us in range(15_900_000, 16_100_000)
    assert not any(cut.flags & 4 for cut in cuts)


def test_stamps_that_stand_still_do_not_stop_time() -> None:
    cuts = run([0] * 200)
    assert cuts[-1].end_us - cuts[0].start_us > 6_000_000


def test_drift_is_followed_at_five_hundred_parts_in_a_million() -> None:
    minutes = 20
    frames = minutes * 60 * 25
    stamps = [int(at * FRAME * 1.0004) for at in range(frames)]
    cuts = run(stamps)
    lasted = cuts[-1].end_us - cuts[0].start_us
    assert abs(lasted - minutes * 60_000_000) < 60_000, "follows the recorder's clock, not the camera's"


def test_a_wrong_rate_is_caught_up_with() -> None:
    frames = 120 * 25
    cuts = run([int(at * FRAME * 0.8) for at in range(frames)])
    assert abs(cuts[-1].end_us - cuts[0].start_us - 120_000_000) < 4_000_000


def test_a_step_of_the_wall_clock_is_seen_and_cuts_nothing() -> None:
    wall = WallLine(wall_us=0, monotonic_ns=0)
    for at in range(100):
        stepped = 3_600_000_000 if at >= 50 else 0
        wall.see(at * FRAME, wall_us=at * 40_000 + stepped, monotonic_ns=at * 40_000_000)
    assert wall.stepped
    assert wall.at(99 * FRAME).at_us == 99 * 40_000
    assert wall.at(99 * FRAME).uncertainty_us >= 3_600_000_000


def test_the_least_delayed_unit_wins() -> None:
    wall = WallLine(wall_us=0, monotonic_ns=0)
    for at in range(200):
        late = 0 if at % 7 == 3 else 80_000
        wall.see(at * FRAME, wall_us=at * 40_000 + late, monotonic_ns=(at * 40_000 + late) * 1000)
    assert abs(wall.at(199 * FRAME).at_us - 199 * 40_000) < 2


def test_a_line_starts_at_zero() -> None:
    assert MediaLine().place(123_456_789, 5) == 0


def test_each_flag_of_a_stamp_is_a_bit_of_its_own() -> None:
    flags = [
        stamps.RANDOM_ACCESS,
        stamps.CLOCK_TRUSTED,
        stamps.TIMES_MADE,
        stamps.SYNTHETIC,
        stamps.CLOCK_STEPPED,
        stamps.UNITS_LOST,
        stamps.SAMPLED,
        stamps.PACKETS_LOST,
    ]
    assert sorted(flags) == [1 << bit for bit in range(8)]
