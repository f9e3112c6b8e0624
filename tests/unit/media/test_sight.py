"""Frozen, black, covered: decided over time, against a camera's own past in like light; nightfall is no alarm."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from beffroi.media.core.movement import CELLS
from beffroi.media.core.sight import (
    BLIND_AFTER,
    CALM_AFTER,
    EVERY_US,
    FROZEN_AFTER,
    LEARNED,
    Glance,
    Memory,
    Trouble,
    after,
    memory_from_json,
    memory_to_json,
)

HOUR = 3_600_000_000
DRAWN = Random(7)


POOL: dict[tuple[int, int, int], list[bytes]] = {}


def glance(light: int = 120, *, detail: float = 4.0, colour: bool = True, spread: int = 40, noise: int = 3) -> Glance:
    """A scene in some light, not twice in a row the same."""
    pool = POOL.setdefault((light, spread, noise), [])
    if len(pool) < 4:
        pool.append(drawn(light, spread, noise))
    pool.insert(0, pool.pop())
    return Glance(0, pool[0], detail, colour)


def drawn(light: int, spread: int, noise: int) -> bytes:
    cells = (light + (index * 7) % (spread + 1) - spread // 2 + DRAWN.randint(-noise, noise) for index in range(CELLS))
    return bytes(max(0, min(255, cell)) for cell in cells)


def black() -> Glance:
    return glance(4, detail=0.1, colour=False, spread=2, noise=1)


def story(memory: Memory, glances: list[Glance], *, start_us: int = 0) -> Memory:
    """One glance each half minute."""
    for number, one in enumerate(glances):
        memory = after(memory, Glance(start_us + number * EVERY_US, one.grid, one.detail, one.colour))
    return memory


def day(count: int = LEARNED) -> list[Glance]:
    return [glance() for _ in range(count)]


def test_a_picture_that_does_not_change_at_all_is_frozen_and_since_when_it_is() -> None:
    still = Glance(0, drawn(121, 40, 3), 4.0, colour=True)
    coded_again = Glance(0, bytes(one + (index % 13 == 0) for index, one in enumerate(still.grid)), 4.0, colour=True)
    frozen = [still, coded_again] * FROZEN_AFTER
    before = story(Memory(), [*day(), *frozen[: FROZEN_AFTER - 1]])
    assert before.trouble is None
    memory = story(Memory(), [*day(), *frozen[:FROZEN_AFTER]])
    assert (memory.trouble, memory.since_us) == (Trouble.FROZEN, LEARNED * EVERY_US)
    again = story(memory_from_json(memory_to_json(memory)), frozen)  # type: ignore[arg-type]
    assert again.trouble is Trouble.FROZEN, "a restart of the recorder does not end it"
    assert story(again, day(CALM_AFTER)).trouble is None


@given(st.lists(st.sampled_from(["day", "lamps", "infrared"]), min_size=1, max_size=8))
def test_no_change_of_light_is_an_alarm(lights: list[str]) -> None:
    shown = {
        "day": lambda: glance(130, detail=4.0),
        "lamps": lambda: glance(45, detail=1.5),
        "infrared": lambda: glance(80, detail=9.0, colour=False),
    }
    memory = story(Memory(), day())
    for light in lights:
        for _ in range(BLIND_AFTER + 2):
            memory = story(memory, [shown[light]()])
            assert memory.trouble is None


@given(st.sampled_from([Trouble.BLACK, Trouble.WHITE, Trouble.COVERED]), st.integers(0, 3 * BLIND_AFTER))
def test_what_hides_the_scene_is_believed_after_some_glances_and_ends_with_the_scene(kind: Trouble, many: int) -> None:
    hidden = {
        Trouble.BLACK: black,
        Trouble.WHITE: lambda: glance(250, detail=0.2, spread=2, noise=1),
        Trouble.COVERED: lambda: glance(detail=1.0),
    }[kind]
    start_us = 14 * HOUR
    memory = story(Memory(), [*day(), *(hidden() for _ in range(many))], start_us=start_us)
    assert memory.trouble is (kind if many >= BLIND_AFTER else None)
    if memory.trouble:
        assert memory.since_us == start_us + LEARNED * EVERY_US
    assert story(memory, day(CALM_AFTER), start_us=memory.looked_us + EVERY_US).trouble is None


@given(st.lists(st.booleans(), max_size=40))
def test_a_lorry_before_the_camera_is_no_alarm(hidden: list[bool]) -> None:
    memory, row = story(Memory(), day()), 0
    for one in hidden:
        row = row + 1 if one else 0
        memory = story(memory, [black() if one and row < BLIND_AFTER else glance()])
        row = row if row < BLIND_AFTER else 0
        assert memory.trouble is None


def test_street_lamps_that_go_out_each_night_alarm_once_and_a_cover_by_day_does() -> None:
    memory = story(Memory(), day(), start_us=20 * HOUR)
    nights = []
    for night in range(3):
        out = (night * 24 + 23) * HOUR
        memory = story(memory, [black() for _ in range(20)], start_us=out)
        nights.append(memory.trouble)
        memory = story(memory, [black() for _ in range(20)], start_us=out + 5 * HOUR)
        memory = story(memory, day(4), start_us=out + 6 * HOUR)
        assert memory.trouble is None
    assert nights == [Trouble.BLACK, None, None]
    noon = 5 * 24 * HOUR + 12 * HOUR
    assert story(memory, [black() for _ in range(BLIND_AFTER)], start_us=noon).trouble is Trouble.BLACK


@given(st.lists(st.tuples(st.integers(0, 255), st.floats(0, 60), st.booleans()), max_size=20))
def test_whatever_comes_what_is_kept_holds_no_picture_and_comes_back(drawn: list[tuple[int, float, bool]]) -> None:
    memory = story(Memory(), [glance(light, detail=detail, colour=colour) for light, detail, colour in drawn])
    kept = memory_to_json(memory)
    assert len(repr(kept)) < 1_200
    back = memory_from_json(kept)  # type: ignore[arg-type]
    assert (back.trouble, back.since_us, back.looked_us) == (memory.trouble, memory.since_us, memory.looked_us)


@given(st.binary(max_size=CELLS + 10))
def test_what_is_no_glance_is_refused(data: bytes) -> None:
    whole = len(data) == CELLS + 5
    try:
        Glance.from_bytes(data, 0)
    except ValueError:
        assert not whole
    else:
        assert whole
