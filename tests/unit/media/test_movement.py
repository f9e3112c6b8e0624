"""Movement in a zone: what changes is found, what only grows lighter is not, what nobody could look at is told."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from beffroi.kernel.errors import Invalid
from beffroi.media.core.movement import CELLS, COLUMNS, LONGEST_STEP_US, Found, Searching, Zone, changed

SECOND = 1_000_000
WHOLE = Zone(0, 0, 10_000, 10_000)
LEFT = Zone(0, 0, 5_000, 10_000)
RIGHT = Zone(5_000, 0, 10_000, 10_000)


def search(samples: list[tuple[int, bytes | None]], zone: Zone, from_us: int, to_us: int) -> Found:
    searching = Searching(zone, from_us, to_us)
    for at_us, grid in samples:
        searching.add(at_us, grid)
    assert searching.examined == sum(grid is not None for _, grid in samples)
    return searching.found()


def scene(*cells: int, light: int = 100) -> bytes:
    """A still scene with some cells that are brighter by much."""
    grid = bytearray(min(255, light + (index * 7) % 40) for index in range(CELLS))
    for cell in cells:
        grid[cell] = min(255, grid[cell] + 80)
    return bytes(grid)


def walker(column: int) -> bytes:
    """Somebody four cells high and two wide."""
    return scene(*(row * COLUMNS + column + side for row in range(16, 20) for side in (0, 1)))


def test_a_walker_is_found_where_the_zone_is_and_nowhere_else() -> None:
    frames = [scene(), scene(), walker(4), walker(6), scene(), scene()]
    samples = [(at * 2 * SECOND, grid) for at, grid in enumerate(frames)]
    assert search(samples, LEFT, 0, 10 * SECOND).moved == ((2 * SECOND, 8 * SECOND),)
    assert search(samples, RIGHT, 0, 10 * SECOND).moved == ()


@given(st.integers(min_value=0, max_value=90))
def test_a_cloud_is_no_movement(light: int) -> None:
    assert not changed(scene(light=100), scene(light=100 + light), WHOLE.cells())


@given(st.integers(0, 1_000_000))
def test_noise_is_no_movement(seed: int) -> None:
    drawn = Random(seed)
    shaken = bytes(one + drawn.randint(-6, 6) for one in scene())
    assert not changed(scene(), shaken, WHOLE.cells())


def test_what_lies_between_distant_or_broken_key_frames_is_not_examined() -> None:
    far = LONGEST_STEP_US * 3
    samples = [(0, scene()), (2 * SECOND, None), (4 * SECOND, scene()), (far, walker(4))]
    found = search(samples, WHOLE, 0, far + 2 * LONGEST_STEP_US)
    assert found.moved == (), "between them nobody knows when"
    assert found.unexamined == ((4 * SECOND, far), (far, far + 2 * LONGEST_STEP_US))
    assert search([], WHOLE, 0, far).unexamined == ((0, far),)


@given(st.lists(st.tuples(st.integers(0, 100), st.sampled_from([None, 0, 1, 2])), max_size=30), st.integers(1, 90))
def test_what_is_told_lies_inside_the_span_in_order(drawn: list[tuple[int, int | None]], length: int) -> None:
    grids = {None: None, 0: scene(), 1: walker(3), 2: walker(40)}
    samples = [(at * SECOND, grids[which]) for at, which in sorted(drawn, key=lambda one: one[0])]
    found = search(samples, WHOLE, 5 * SECOND, (5 + length) * SECOND)
    for stretches in (found.moved, found.unexamined):
        flat = [moment for one in stretches for moment in one]
        assert flat == sorted(flat)
        assert all(5 * SECOND <= moment <= (5 + length) * SECOND for moment in flat)


def test_zones_are_read_strictly() -> None:
    assert Zone.parse("0,0,10000,10000").cells() == tuple(range(CELLS))
    assert len(Zone.parse("4999,4999,5001,5001").cells()) == 4
    for text in ("", "1,2,3", "0,0,0,10", "0,0,10001,10", "-1,0,5,5", "a,b,c,d", "0,0,5,5,5", "９,0,10,10"):
        try:
            Zone.parse(text)
        except Invalid:
            continue
        raise AssertionError(text)
