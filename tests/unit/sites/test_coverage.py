"""Fields of view as geometry."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beffroi.sites.core.coverage import (
    PlaceClass,
    View,
    bearing_to,
    classify,
    destination,
    distance_m,
    inside,
    sector,
    sees,
)

HERE = (48.5, 2.5)
SQUARE = ((48.49, 2.48), (48.49, 2.52), (48.51, 2.52), (48.51, 2.48))
bearings = st.floats(0, 359.99)
metres = st.floats(2, 500)


def north_view(angle: float = 90, reach: float = 100) -> View:
    return View(*HERE, bearing_degrees=0, angle_degrees=angle, range_m=reach)


def test_a_degree_of_latitude_is_a_hundred_and_eleven_kilometres():
    assert distance_m((48.0, 2.5), (49.0, 2.5)) == pytest.approx(111_195, rel=1e-3)


@given(bearing=bearings, away=metres)
def test_going_somewhere_and_looking_back_agrees(bearing: float, away: float):
    there = destination(HERE, bearing, away)
    assert distance_m(HERE, there) == pytest.approx(away, rel=1e-3)
    assert abs((bearing_to(HERE, there) - bearing + 180) % 360 - 180) < 0.05


@given(bearing=bearings, angle=st.floats(5, 355), off=st.floats(-1, 1), share=st.floats(0.05, 0.99))
def test_what_lies_in_the_cone_is_seen_and_what_lies_behind_it_is_not(bearing, angle, off, share):
    view = View(*HERE, bearing_degrees=bearing, angle_degrees=angle, range_m=200)
    inner = destination(HERE, bearing + off * (angle / 2 - 0.2), share * 200)
    assert sees(view, inner)
    assert not sees(view, destination(HERE, bearing, 203))
    outside = bearing + angle / 2 + (360 - angle) / 2
    assert not sees(view, destination(HERE, outside, max(2.0, share * 200)))


def test_across_north_the_cone_is_one():
    view = View(*HERE, bearing_degrees=350, angle_degrees=60, range_m=100)
    assert sees(view, destination(HERE, 10, 50))
    assert not sees(view, destination(HERE, 25, 50))


def test_all_around_sees_all_around():
    view = View(*HERE, bearing_degrees=0, angle_degrees=360, range_m=50)
    assert all(sees(view, destination(HERE, bearing, 49)) for bearing in range(0, 360, 15))
    assert len(sector(view)) == 60


@given(bearing=bearings, angle=st.floats(10, 170), at=st.floats(0, 359.9), away=st.floats(5, 300))
def test_the_drawn_polygon_and_the_rule_agree(bearing, angle, at, away):
    view = View(*HERE, bearing_degrees=bearing, angle_degrees=angle, range_m=200)
    off = abs((at - bearing + 180) % 360 - 180)
    if abs(off - angle / 2) < 0.5 or abs(away - 200) < 3:  # the polygon's arc is made of chords
        return
    there = destination(HERE, at, away)
    assert inside(sector(view, step_degrees=2), there) == sees(view, there)


@pytest.mark.parametrize("wrong", [(91, 0, 90, 10), (0, 181, 90, 10), (0, 0, 0, 10), (0, 0, 361, 10), (0, 0, 90, 0)])
def test_a_view_that_cannot_be_is_refused(wrong):
    latitude, longitude, angle, reach = wrong
    with pytest.raises(ValueError):
        View(latitude, longitude, 0, angle, reach)


def test_a_place_is_covered_uncovered_outside_or_unknown():
    seen = destination(HERE, 0, 50)
    assert classify(seen, SQUARE, [north_view()]) is PlaceClass.COVERED
    assert classify(destination(HERE, 180, 50), SQUARE, [north_view()]) is PlaceClass.UNCOVERED
    assert classify((48.6, 2.5), SQUARE, [north_view()]) is PlaceClass.OUTSIDE
    assert classify(None, SQUARE, [north_view()]) is PlaceClass.UNKNOWN
    assert classify((48.6, 2.5), (), [north_view()]) is PlaceClass.UNKNOWN


@given(st.floats(48.4901, 48.5099), st.floats(2.4801, 2.5199))
def test_inside_a_square(latitude, longitude):
    assert inside(SQUARE, (latitude, longitude))
    assert not inside(SQUARE, (latitude + 0.02, longitude))
    assert not math.isnan(distance_m(HERE, (latitude, longitude)))
