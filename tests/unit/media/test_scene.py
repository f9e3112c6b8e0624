"""Another view, and a picture that stands still under its clock: said after long; no light and no rain does it."""

from functools import lru_cache
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from beffroi.media.core.movement import CELLS, COLUMNS, ROWS
from beffroi.media.core.scene import IN_ONE_LIGHT, LEARNED, TURNED_AFTER, View, alike, field_of, looked
from beffroi.media.core.sight import (
    CALM_AFTER,
    EVERY_US,
    STRANGE_AFTER,
    TICKING_AFTER,
    Glance,
    Memory,
    Trouble,
    accepted,
    after,
    memory_from_json,
    memory_to_json,
)

VIEWS = st.integers(0, 5)
LIGHTS = st.sampled_from(["noon", "evening", "infrared", "shadow"])


@lru_cache
def walls(view: int) -> tuple[float, ...]:
    """A street of its own: edges at places and in directions that no other view has."""
    drawn = Random(view)
    cells = [0.5] * CELLS
    for _ in range(60):
        left, top = drawn.randrange(COLUMNS - 4), drawn.randrange(ROWS - 4)
        wide, high, slope, shade = drawn.randint(2, 14), drawn.randint(2, 12), drawn.uniform(-1, 1), drawn.random()
        for y in range(top, min(ROWS, top + high)):
            for x in range(left, min(COLUMNS, left + wide)):
                cells[y * COLUMNS + min(COLUMNS - 1, max(0, int(x + slope * (y - top))))] = shade
    return tuple(cells)


@lru_cache(maxsize=64)
def shown(view: int, light: str, noise: int = 2, seed: int = 0) -> Glance:
    drawn = Random(seed)

    def lit(at: int, shade: float) -> float:
        match light:
            case "evening":
                return 40 + 90 * shade**1.6
            case "infrared":
                return 190 - 120 * shade  # what reflects it is not what is bright by day
            case "shadow":
                return (60 if at % COLUMNS > at // COLUMNS + 20 else 120) + 100 * shade
        return 60 + 160 * shade

    cells = (round(lit(at, shade)) + drawn.randint(-noise, noise) for at, shade in enumerate(walls(view)))
    return Glance(0, bytes(max(0, min(255, cell)) for cell in cells), 6.0, light != "infrared")


def story(memory: Memory, glances: list[Glance], *, fixed: bool = True) -> Memory:
    for one in glances:
        at_us = memory.looked_us + EVERY_US
        memory = after(memory, Glance(at_us, one.grid, one.detail, one.colour), fixed=fixed)
    return memory


def of_view(view: int, *lights: str, many: int) -> list[Glance]:
    return [shown(view, lights[at % len(lights)], seed=at % 5) for at in range(many)]


@lru_cache
def usual(view: int = 0) -> Memory:
    """Known for hours, by day and in the evening."""
    return story(Memory(), of_view(view, "noon", "evening", many=2 * LEARNED))


@given(VIEWS, VIEWS, LIGHTS, LIGHTS)
def test_the_same_view_in_other_light_is_alike_and_another_is_not(one: int, other: int, light: str, then: str) -> None:
    likeness = alike(field_of(shown(one, light).grid), field_of(shown(other, then).grid))
    assert likeness > 0.35 if one == other else likeness < 0.3


@settings(max_examples=4, deadline=None)
@given(VIEWS.filter(bool), st.lists(LIGHTS, min_size=1, max_size=4))
def test_another_view_is_asked_about_after_hours_of_different_light_and_not_before(
    turned: int, lights: list[str]
) -> None:
    enough = TURNED_AFTER if len({shown(turned, each).colour for each in lights}) > 1 else IN_ONE_LIGHT
    before = usual()
    began_us = before.looked_us + EVERY_US
    memory = story(before, of_view(turned, *lights, many=TURNED_AFTER - 1))
    assert memory.trouble is None
    memory = story(memory, of_view(turned, *lights, many=enough))
    assert (memory.trouble, memory.since_us) == (Trouble.TURNED, began_us)
    back = memory_from_json(memory_to_json(memory))  # type: ignore[arg-type]
    assert story(back, of_view(turned, "noon", many=3)).trouble is Trouble.TURNED, "a restart does not end it"
    assert story(back, of_view(0, "noon", many=1)).trouble is None, "somebody turned it back"
    fine = accepted(back, back.looked_us)
    assert story(fine, of_view(turned, *lights, many=LEARNED)).trouble is None, "somebody said that it is right"
    assert accepted(fine, fine.view_us) is fine


@given(st.lists(st.tuples(VIEWS, st.integers(1, TURNED_AFTER - 1)), max_size=3))
@settings(max_examples=8, deadline=None)
def test_a_view_that_is_hidden_for_a_while_and_comes_back_is_no_question(hidden: list[tuple[int, int]]) -> None:
    memory = usual()
    for view, many in hidden:
        memory = story(memory, [*of_view(view, "noon", "infrared", many=many), shown(0, "evening")])
        assert memory.trouble is None


def test_a_camera_that_is_steered_or_on_patrol_is_never_asked_about() -> None:
    patrol = [one for leg in range(30) for one in of_view(leg % 3, "noon", "evening", many=40)]
    assert story(Memory(), patrol).view.glances < LEARNED
    memory = story(usual(), of_view(1, "noon", "infrared", many=TURNED_AFTER + 10), fixed=False)
    assert (memory.trouble, memory.view.other) == (None, 0)


def test_night_fog_and_rain_say_nothing_of_where_it_looks() -> None:
    dark = Glance(0, bytes(Random(1).randint(2, 40) for _ in range(CELLS)), 4.0, colour=False)
    fog = Glance(0, shown(3, "noon").grid, 2.9, colour=True)
    memory = usual()
    assert story(memory, [dark, fog] * IN_ONE_LIGHT).view == memory.view


def test_of_a_view_nothing_stands_on_the_disk_but_directions() -> None:
    memory = usual()
    kept = memory_to_json(memory)
    assert len(repr(kept)) < 1_500
    back = memory_from_json(kept)  # type: ignore[arg-type]
    assert alike(back.view.field, memory.view.field) > 0.99
    assert looked(View(), bytes(CELLS), detail=1.0, at_us=0, light="").field == (0.0,) * len(memory.view.field)


def with_clock(grid: bytes, at: int) -> bytes:
    """The same picture with other digits in a line at its upper edge."""
    cells = bytearray(grid)
    for digit in range(8):
        cells[2 * COLUMNS + 40 + digit] = Random(at * 8 + digit).randint(20, 230)
    return bytes(cells)


def test_a_picture_that_stands_still_under_a_running_clock_is_frozen_and_a_quiet_street_is_not() -> None:
    still = shown(0, "noon").grid
    under = [Glance(0, with_clock(still, at), 6.0, colour=True) for at in range(TICKING_AFTER)]
    before = usual()
    memory = story(before, under[:-1])
    assert memory.trouble is None
    memory = story(memory, under[-1:])
    assert (memory.trouble, memory.since_us) == (Trouble.FROZEN, before.looked_us + EVERY_US)
    back = memory_from_json(memory_to_json(memory))  # type: ignore[arg-type]
    assert story(back, under).trouble is Trouble.FROZEN
    quiet = [
        Glance(0, with_clock(one.grid, at), 6.0, colour=True) for at, one in enumerate(of_view(0, "noon", many=90))
    ]
    assert story(back, quiet[:CALM_AFTER]).trouble is None
    assert story(before, quiet).trouble is None, "noise in all of it"


@settings(max_examples=10, deadline=None)
@given(st.integers(0, CELLS - 1), st.integers(4, 20))
def test_somebody_who_walks_through_a_still_picture_is_no_clock(start: int, rows: int) -> None:
    still = shown(0, "noon").grid
    memory = usual()
    for at in range(TICKING_AFTER + 5):
        cells = bytearray(still)
        for row in range(rows):
            cells[(start + row * COLUMNS + at) % CELLS] ^= 64
        memory = story(memory, [Glance(0, bytes(cells), 6.0, colour=True)])
        assert memory.ticks < TICKING_AFTER
    assert memory.trouble is not Trouble.FROZEN


def soft(light: int) -> Glance:
    cells = bytes(min(255, light + (at % COLUMNS) // 2 + at // COLUMNS) for at in range(CELLS))
    return Glance(0, cells, 0.6, colour=True)


def test_a_camera_that_was_covered_from_the_first_day_is_said_to_be_and_one_that_began_at_night_is_not() -> None:
    assert story(Memory(), [soft(120)] * (STRANGE_AFTER - 1)).trouble is None
    memory = story(Memory(), [soft(120)] * STRANGE_AFTER)
    assert (memory.trouble, memory.since_us) == (Trouble.COVERED, EVERY_US)
    assert story(memory, of_view(0, "noon", many=CALM_AFTER)).trouble is None
    assert story(Memory(), [soft(5)] * (2 * STRANGE_AFTER)).trouble is not Trouble.COVERED
