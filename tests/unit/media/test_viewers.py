"""The queue in front of a viewer: bounded, whole groups only, honest about what it left out."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from beffroi.media.live.viewers import MAX_QUEUED_BYTES, MAX_QUEUED_US, LivePart, LiveSkipped, Viewer


def part(number: int, key: bool, size: int, step_us: int) -> LivePart:
    return LivePart(
        bytes(size), key, number * 3_600, 0, 3_600, 1_800_000_000_000_000 + number, number * step_us * 1_000
    )


async def drained(viewer: Viewer) -> list[object]:
    found = []
    while viewer._items:
        found.append(await viewer.next())
    return found


steps = st.lists(st.tuples(st.booleans(), st.integers(1_000, 3_000_000), st.integers(0, 3)), min_size=1, max_size=120)


@given(steps)
async def test_what_comes_out_is_decodable_and_nothing_is_lost_in_silence(plan: list[tuple[bool, int, int]]) -> None:
    viewer = Viewer()
    got: list[object] = []
    for number, (key, size, reads) in enumerate(plan):
        viewer.offer(part(number, key, size, 40_000))
        assert viewer.queued_bytes <= MAX_QUEUED_BYTES + 3_000_000
        for _ in range(reads):
            if viewer._items:
                got.append(await viewer.next())
    got += await drained(viewer)
    expected, skipped = None, 0
    for item in got:
        if isinstance(item, LiveSkipped):
            skipped += item.pictures
            expected = None
        else:
            assert isinstance(item, LivePart)
            number = item.decode_time_90k // 3_600
            assert item.key if expected is None else number == expected
            expected = number + 1
    shown = sum(isinstance(one, LivePart) for one in got)
    assert shown + skipped + viewer._skipped == len(plan)


async def test_a_viewer_who_does_not_read_keeps_two_seconds_at_most() -> None:
    viewer = Viewer()
    for number in range(1_000):
        viewer.offer(part(number, number % 25 == 0, 2_000, 40_000))
    kept = [one for one in await drained(viewer) if isinstance(one, LivePart)]
    assert len(kept) * 40_000 <= MAX_QUEUED_US + 40_000


async def test_a_long_group_from_before_is_no_sign_of_a_slow_viewer() -> None:
    for fresh in (True, False):
        viewer = Viewer()
        group = [part(number, number == 0, 2_000, 40_000) for number in range(200)]  # eight seconds
        if fresh:
            for one in group:
                viewer.offer(replace(one, cached=True))
        else:
            viewer.begin(list(group))
        for number in range(200, 220):
            viewer.offer(part(number, False, 2_000, 40_000))
        assert [one.decode_time_90k // 3_600 for one in await drained(viewer)] == list(range(220))  # type: ignore[attr-defined]
