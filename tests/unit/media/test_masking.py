"""Whether masks cover dwellings, and what a camera that can do less is given: never less than was reviewed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.media.core.masking import (
    Burnt,
    MaskState,
    Room,
    Shape,
    Wanted,
    covers,
    fitted,
    state_from_json,
    state_to_json,
    wanted_from_json,
    wanted_to_json,
)

numbers = st.integers(0, 1_000)


@st.composite
def boxes(draw: st.DrawFn) -> Shape:
    left, top = draw(st.integers(0, 960)), draw(st.integers(0, 960))
    right, bottom = draw(st.integers(left + 40, 1_000)), draw(st.integers(top + 40, 1_000))
    return ((left, top), (right, top), (right, bottom), (left, bottom))


shapes = st.lists(st.lists(st.tuples(numbers, numbers), min_size=3, max_size=9).map(tuple), max_size=4)


@given(shapes, st.integers(0, 5), st.integers(3, 9), st.booleans())
def test_what_a_camera_is_given_covers_what_was_reviewed(
    wanted: list[Shape], most: int, points: int, rectangles: bool
) -> None:
    simple = fitted(wanted, Room(most, points, rectangles))
    assert (simple is None) == (len(wanted) > most)
    assert simple is None or covers(simple, wanted)
    assert simple is None or not rectangles or all(len(one) == 4 for one in simple)


@given(boxes(), st.integers(-10, 10), st.integers(-10, 10))
def test_a_mask_that_was_rounded_is_the_same_and_half_of_one_is_not(box: Shape, dx: int, dy: int) -> None:
    assert covers([tuple((x + dx, y + dy) for x, y in box)], [box])
    (left, top), _, (right, bottom), _ = box
    half = (left + right) // 2
    assert not covers([((left, top), (half, top), (half, bottom), (left, bottom))], [box])
    assert not covers([], [box])


@given(shapes, st.integers(1, 9))
def test_what_travels_comes_back(wanted: list[Shape], version: int) -> None:
    one = Wanted(version, tuple(wanted))
    assert wanted_from_json(wanted_to_json(one)) == one  # type: ignore[arg-type]
    state = MaskState(version, Burnt.CANNOT, "mask_too_many", 3, 4)
    assert state_from_json(state_to_json(state)) == state  # type: ignore[arg-type]


def test_settings_with_too_many_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="too many"):
        wanted_from_json({"version": 1, "shapes": [[[0, 0], [1, 1]]]})
