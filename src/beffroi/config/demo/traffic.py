"""Who passes where and when. One loop of two minutes for all cameras, so that somebody who leaves one picture enters
the next after the time the way takes. By night fewer are out. Times are seconds into the loop.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from beffroi.config.demo.drawing import Point
from beffroi.config.demo.scenes import Scene
from beffroi.config.demo.sprites import STEPS, Look

LOOP_S = 120


@dataclass(frozen=True, slots=True)
class Passage:
    """Somebody takes a way of a scene from ``start`` to ``end`` (seconds into the loop; may run past its end)."""

    scene: str
    way: str
    start: float
    end: float
    look: Look
    night: bool = False
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """Somebody at one instant: the foot point, how tall a grown-up is there, the step and the view."""

    look: Look
    x: float
    y: float
    height: float
    step: int
    view: str


RED_COAT = Look("walker", "#b8433f", "#2f3444", "#2e221b")
GREEN_COAT = Look("walker", "#4d7a58", "#4a4036", "#7a5a36")
YELLOW_COAT = Look("walker", "#d9a441", "#39465e", "#3b2a20")
BLUE_COAT = Look("walker", "#3f5f96", "#2b2f38", "#8a8378")
GREY_COAT = Look("walker", "#6d7178", "#2d3138", "#c9c3b8")
PINK_COAT = Look("walker", "#c77a8f", "#49506a", "#5a3d28")
BROWN_COAT = Look("walker", "#7d5a3f", "#2e3a4c", "#d8c39a")
TEAL_COAT = Look("walker", "#3f8388", "#53493f", "#3a2a1f")
PLUM_COAT = Look("walker", "#7a4a6e", "#2c2f3a", "#9a7a4e")
CHILD_A, CHILD_B = Look("walker", "#d0632f", "#35507a", tall=0.68), Look("walker", "#5b8fb0", "#4a3d58", tall=0.72)
CYCLIST, CYCLIST_B = Look("cyclist", "#c9772f", "#2f3b52"), Look("cyclist", "#51789c", "#33363c")
RED_CAR, WHITE_CAR, BLUE_CAR = Look("car", "#a33b3b"), Look("car", "#e4e3de"), Look("car", "#3c6296")
GREY_CAR, GREEN_CAR, VAN = Look("car", "#7d838b"), Look("car", "#3f7766"), Look("van", "#ecebe6")
TRAIN = Look("train", "#2f6f9f")

PASSAGES: tuple[Passage, ...] = (
    # the red coat: station, main street, town hall square, the door of the town hall
    Passage("gare", "platform", 0, 22, RED_COAT, night=True),
    Passage("grande-rue", "left", 30, 52, RED_COAT, night=True),
    Passage("mairie", "to-door", 60, 88, RED_COAT),
    # the green coat crosses the square, the street, and shops under the market hall
    Passage("mairie", "across", 4, 34, GREEN_COAT),
    Passage("grande-rue", "zebra", 42, 54, GREEN_COAT),
    Passage("halle", "to-stall", 64, 86, GREEN_COAT),
    Passage("halle", "under", 96, 122, GREEN_COAT, backwards=True),
    # a parent and two children go to school over the bridge
    Passage("pont", "path", 2, 34, YELLOW_COAT),
    Passage("pont", "path", 3, 35, CHILD_A),
    Passage("pont", "path", 4.2, 36.2, CHILD_B),
    Passage("ecole", "arrive", 48, 70, YELLOW_COAT),
    Passage("ecole", "arrive", 49, 71, CHILD_A),
    Passage("ecole", "arrive", 50.2, 72.2, CHILD_B),
    Passage("ecole", "gate", 84, 96, YELLOW_COAT, backwards=True),
    # the blue coat parks, walks to the square, comes back in the evening too
    Passage("parking", "walk", 46, 72, BLUE_COAT, night=True, backwards=True),
    Passage("mairie", "diagonal", 82, 108, BLUE_COAT, night=True),
    Passage("halle", "front", 112, 138, BLUE_COAT, night=True),
    Passage("halle", "front", 20, 48, PINK_COAT),
    Passage("ecole", "pavement", 8, 32, BROWN_COAT),
    Passage("pont", "near", 60, 90, GREY_COAT, night=True),
    Passage("grande-rue", "right", 66, 90, PLUM_COAT),
    Passage("gare", "near", 30, 52, TEAL_COAT),
    Passage("gare", "wait", 60, 74, PINK_COAT, night=True),
    Passage("parking", "cross", 84, 108, TEAL_COAT),
    Passage("entree", "path", 20, 44, PLUM_COAT),
    Passage("grande-rue", "left", 96, 118, PINK_COAT, backwards=True),
    Passage("mairie", "across", 40, 70, BROWN_COAT, backwards=True),
    # bicycles
    Passage("entree", "out", 50, 60, CYCLIST),
    Passage("pont", "back", 36, 45, CYCLIST),
    Passage("grande-rue", "away", 8, 20, CYCLIST_B),
    Passage("mairie", "road", 24, 33, CYCLIST_B),
    # the blue car comes into town: entrance, bridge, main street, car park
    Passage("entree", "in", 4, 11, BLUE_CAR, night=True),
    Passage("pont", "road", 16, 21, BLUE_CAR, night=True),
    Passage("grande-rue", "road", 25, 33, BLUE_CAR, night=True),
    Passage("parking", "road", 38, 44, BLUE_CAR, night=True),
    # the van delivers at the market
    Passage("entree", "in", 70, 77, VAN),
    Passage("pont", "road", 82, 87, VAN),
    Passage("mairie", "road", 92, 98, VAN),
    Passage("halle", "road", 102, 108, VAN),
    # others, out of town
    Passage("parking", "back", 60, 66, RED_CAR),
    Passage("grande-rue", "away", 72, 80, RED_CAR),
    Passage("pont", "back", 86, 91, RED_CAR),
    Passage("entree", "out", 96, 103, RED_CAR),
    Passage("ecole", "road", 36, 41, WHITE_CAR),
    Passage("mairie", "road", 47, 53, WHITE_CAR, night=True),
    Passage("halle", "road", 56, 62, WHITE_CAR, night=True),
    Passage("ecole", "back", 100, 105, GREY_CAR, night=True),
    Passage("grande-rue", "road", 108, 116, GREY_CAR),
    Passage("ecole", "road", 16, 21, GREEN_CAR),
    Passage("mairie", "road", 8, 13, GREEN_CAR),
    Passage("entree", "out", 26, 33, GREEN_CAR, night=True),
    Passage("gare", "track", 80, 90, TRAIN, night=True),
)


def along(points: tuple[Point, ...], share: float) -> tuple[Point, Point]:
    """The point at ``share`` (0 … 1) of a way's length, and the direction there."""
    lengths = [((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5 for (ax, ay), (bx, by) in pairwise(points)]
    left = share * sum(lengths)
    for (ax, ay), (bx, by), length in zip(points, points[1:], lengths, strict=False):
        if left <= length or (bx, by) == points[-1]:
            part = left / length
            return (ax + (bx - ax) * part, ay + (by - ay) * part), (bx - ax, by - ay)
        left -= length
    raise ValueError("a way has at least two points")


def figures(scene: Scene, second: float, *, night: bool) -> Iterator[Figure]:
    """Who is in the picture at ``second`` of the loop, the farthest first."""
    seen = []
    for passage in PASSAGES:
        if passage.scene != scene.name or (night and not passage.night):
            continue
        since = (second - passage.start) % LOOP_S
        if since >= passage.end - passage.start:
            continue
        share = since / (passage.end - passage.start)
        (x, y), (dx, dy) = along(scene.ways[passage.way], 1 - share if passage.backwards else share)
        if passage.backwards:
            dx, dy = -dx, -dy
        steep = abs(dy) > abs(dx) * (0.7 if passage.look.kind in ("car", "van") else 1.4)
        view = ("towards" if dy > 0 else "away") if steep else ("right" if dx > 0 else "left")
        pace = 1.6 if passage.look.kind == "walker" else 2.5
        seen.append(Figure(passage.look, x, y, scene.height_at(y), int(since * pace * STEPS / 2) % STEPS, view))
    return iter(sorted(seen, key=lambda figure: figure.y))
