"""The eight streets: what each camera of the demonstration sees, and the ways people and cars take through it.

A way is a line of ground points; how tall somebody is drawn follows from the distance to the horizon.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from beffroi.config.demo import streets_centre as centre
from beffroi.config.demo import streets_edge as edge
from beffroi.config.demo.drawing import Canvas, Point

Ways = Mapping[str, tuple[Point, ...]]


@dataclass(frozen=True, slots=True)
class Scene:
    """One street: its short name, its caption, who is how tall where, its ways, and how it is drawn."""

    name: str
    number: int
    caption: str
    horizon: float
    person: float  # height of a grown-up in pixels, per pixel below the horizon
    ways: Ways
    draw: Callable[[Canvas], None]

    def height_at(self, y: float) -> float:
        """How tall, in pixels, a grown-up stands whose feet are at ``y``."""
        return max(4.0, (y - self.horizon) * self.person)


SCENES: tuple[Scene, ...] = (
    Scene("mairie", 1, "01  PLACE DE LA MAIRIE", 196, 0.42, {
        "across": ((-20, 300), (330, 292), (790, 304)), "to-door": ((-20, 318), (240, 300), (381, 246)),
        "diagonal": ((790, 330), (520, 300), (300, 262), (190, 252)),
        "road": ((-90, 372), (860, 344))}, centre.town_hall),
    Scene("grande-rue", 2, "02  RUE DU BEFFROI", 206, 0.46, {
        "left": ((348, 226), (200, 330), (60, 420)), "right": ((700, 420), (560, 328), (420, 228)),
        "zebra": ((250, 290), (384, 275), (520, 290)), "road": ((398, 222), (402, 248), (470, 440)),
        "away": ((300, 440), (362, 262), (374, 222))}, centre.main_street),
    Scene("pont", 3, "03  PONT DE LA VOULZETTE", 150, 0.34, {
        "path": ((-20, 234), (790, 234)), "near": ((790, 290), (-20, 290)), "road": ((-90, 256), (860, 256)),
        "back": ((860, 274), (-90, 274))}, edge.bridge),
    Scene("ecole", 4, "04  PARVIS DE L'ÉCOLE", 206, 0.44, {
        "pavement": ((-20, 306), (790, 306)), "gate": ((390, 392), (390, 318), (392, 262)),
        "arrive": ((-20, 310), (330, 308), (392, 264)),
        "road": ((-90, 350), (860, 350)), "back": ((860, 336), (-90, 336))}, centre.school),
    Scene("gare", 5, "05  GARE", 186, 0.58, {
        "platform": ((-20, 258), (790, 258)), "wait": ((330, 244), (250, 256), (244, 258)),
        "near": ((790, 384), (-20, 384)),
        "track": ((1240, 332), (-480, 332))}, edge.station),
    Scene("entree", 6, "06  ENTRÉE EST - ROUTE DE VALMONT", 212, 0.44, {
        "path": ((690, 396), (560, 310), (428, 238)), "in": ((392, 226), (404, 250), (560, 430)),
        "out": ((250, 430), (352, 260), (376, 226))}, edge.town_entrance),
    Scene("halle", 7, "07  HALLE - PLACE DU MARCHÉ", 178, 0.40, {
        "under": ((-20, 258), (384, 256), (790, 258)), "front": ((790, 318), (400, 306), (-20, 322)),
        "to-stall": ((-20, 300), (220, 282), (336, 256)), "road": ((-90, 384), (860, 374))}, centre.market_hall),
    Scene("parking", 8, "08  SALLE DES FÊTES ET STADE", 158, 0.36, {
        "walk": ((-20, 312), (400, 302), (640, 230)), "cross": ((790, 296), (360, 318), (120, 288)),
        "road": ((-90, 318), (860, 318)), "back": ((860, 304), (-90, 304))}, edge.car_park),
)  # fmt: skip
