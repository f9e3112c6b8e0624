"""Who gains and who loses: each facet moves the way it says, and the gates agree."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beffroi.governance.core.convention_diff import Direction, compare
from beffroi.governance.core.convention_text import parse_convention
from tests.unit.governance.samples import DATA, convention

TEXT = (DATA / "conventions/petite-commune.yaml").read_text("utf-8")
MODELS = ("petite-commune", "ville-tenue", "centre-partage")


def changes(was: str, becomes: str, count: int = 1) -> list[tuple[str, Direction]]:
    return [
        (one.facet, one.direction) for one in compare(convention(), parse_convention(TEXT.replace(was, becomes, count)))
    ]


def test_a_text_compared_with_itself_changes_nothing() -> None:
    assert all(compare(convention(name), convention(name)) == () for name in MODELS)


@pytest.mark.parametrize(
    ("was", "becomes", "facet", "direction"),
    [
        ("PT2H", "PT4H", "max_duration", Direction.WIDER),
        ("PT2H", "PT1H", "max_duration", Direction.NARROWER),
        (", reach: P30D", "", "reach", Direction.WIDER),
        ("expires: P8D", "expires: P4D", "expires", Direction.NARROWER),
        ('"L251-2:6", "L251-2:8"]', '"L251-2:6"]', "purposes", Direction.NARROWER),
        ("quality_in: [OPJ, APJ]", "quality_in: [OPJ]", "quality_in", Direction.NARROWER),
        ("exclude_tags: [erp_interieur, ppms]", "exclude_tags: [ppms]", "exclude_tags", Direction.WIDER),
        ("renewable: true, ", "", "renewable", Direction.NARROWER),
        (
            "by: [duty_officer, video_officer, chief]\n      emergency: {allowed: true, regularise_within: PT24H}",
            "automatic: true\n      review_within: PT24H\n      emergency: {allowed: true, regularise_within: PT24H}",
            "automatic",
            Direction.WIDER,
        ),
        ("emergency: {allowed: true", "emergency: {allowed: false", "emergency", Direction.NARROWER),
        ("to: 2029-01-31", "to: 2028-01-31", "valid", Direction.NARROWER),
        ("mode: live_view}", "mode: live_view, ptz: true}", "ptz", Direction.WIDER),
        ("max_duration: PT2H", 'max_duration: PT2H, hours: "08:00-20:00"', "hours", Direction.NARROWER),
    ],
)
def test_a_facet_moves_the_way_it_says(was: str, becomes: str, facet: str, direction: Direction) -> None:
    assert (facet, direction) in changes(was, becomes)


def test_grants_come_and_go_and_another_use_is_another_grant() -> None:
    base = convention()
    fewer = replace(base, grants=base.grants[1:])
    assert [one.direction for one in compare(base, fewer)] == [Direction.REMOVED]
    assert [one.direction for one in compare(fewer, base)] == [Direction.ADDED]
    moved = replace(base.grants[0], what=base.grants[1].what)
    other = replace(base, grants=(moved, *base.grants[1:]))
    assert [one.direction for one in compare(base, other)] == [Direction.REMOVED, Direction.ADDED]


@given(st.sampled_from(MODELS), st.sampled_from(MODELS))
@settings(max_examples=9, deadline=None)
def test_what_one_way_gives_the_other_way_takes(one: str, other: str) -> None:
    turned = {
        Direction.ADDED: Direction.REMOVED,
        Direction.REMOVED: Direction.ADDED,
        Direction.WIDER: Direction.NARROWER,
        Direction.NARROWER: Direction.WIDER,
        Direction.CHANGED: Direction.CHANGED,
    }
    there = sorted((one.grant, one.facet, one.direction) for one in compare(convention(one), convention(other)))
    back = sorted((one.grant, one.facet, turned[one.direction]) for one in compare(convention(other), convention(one)))
    assert there == back
