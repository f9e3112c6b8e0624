"""A year of requisitions, drawn by chance from a fixed seed: what was asked, about what, where, and how it ended.

All of it is invented, and the chances below were not chosen to resemble any published figure.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from math import cos, radians, sin
from typing import TypeVar
from zoneinfo import ZoneInfo

from beffroi.config.demo.sun import is_night
from beffroi.config.demo.village import metres_east
from beffroi.governance.core.requisitions import Helped
from beffroi.kernel.spans import Span
from beffroi.sites.core.cameras import CameraFacts
from beffroi.sites.core.coverage import PlaceClass

SEED = 99123
YEAR_DAYS = 365
NEWEST_DAYS = 9
"""The last days are left to what visitors of the demonstration do."""
ZONE = ZoneInfo("Europe/Paris")
T = TypeVar("T")

OFFENCES: tuple[tuple[str, str, int], ...] = (
    ("Vol dans un véhicule", "7163", 14),
    ("Cambriolage d’habitation", "7176", 12),
    ("Dégradation d’un bien public", "10817", 12),
    ("Délit de fuite après accident", "1108", 11),
    ("Vol de véhicule", "7151", 8),
    ("Vol de vélo", "7151", 7),
    ("Violences volontaires", "11137", 7),
    ("Vol à l’étalage", "7153", 6),
    ("Dégradation par incendie", "10821", 4),
    ("Escroquerie au faux artisan", "7875", 4),
    ("Disparition inquiétante", "", 3),
    ("Vol avec violences", "7203", 3),
)
UNITS: tuple[tuple[str, str, str, int], ...] = (
    ("Brigade de Saint-Aubin-du-Beffroi", "BTA 99123", "99", 58),
    ("Brigade de recherches de Valmont", "BR 99140", "99", 20),
    ("Brigade de Couvry", "BTA 99131", "99", 14),
    ("Commissariat de Rivebourg", "CSP 98001", "98", 8),
)
OFFICERS = (("Adjudant", "Luc Fontaine"), ("Maréchale des logis-chef", "Élise Bonnet"), ("Gendarme", "Karim Haddad"),
            ("Major", "Denis Poulain"), ("Brigadière", "Sarah Leconte"))  # fmt: skip
STREETS = ("Rue du Moulin", "Rue des Tilleuls", "Rue Neuve", "Rue des Vergers", "Chemin du Lavoir", "Rue du Cimetière")
TOWNS = ("Valmont", "Couvry", "Rivebourg", "La Ferté-Voulzie", "Sancy-le-Bois")


@dataclass(frozen=True, slots=True)
class Story:
    """One requisition as it happened."""

    received: datetime
    offence: str
    natinf: str
    unit: tuple[str, str, str]  # name, code, département
    officer: tuple[str, str]  # rank, name
    apj: bool
    basis: str
    place_class: PlaceClass
    place: str
    position: tuple[float, float] | None
    cameras: tuple[str, ...]
    span: Span
    first_look: timedelta
    answered: timedelta
    closed: timedelta
    helped: Helped | None  # None: nobody has said yet
    second_fact: bool


def stories(now: datetime, cameras: Sequence[CameraFacts]) -> Iterator[Story]:
    """The year before ``now``, the oldest first; the same on the same day."""
    chance = random.Random(SEED)
    today = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    for back in range(YEAR_DAYS, NEWEST_DAYS, -1):
        day = (today - timedelta(days=back)).date()
        season = 1.25 if day.month in (6, 7, 8, 12) else 1.0
        rate = 0.30 * season * (0.6 if day.weekday() >= 5 else 1.1)
        if chance.random() < rate:
            at = datetime.combine(day, time(8, 30), ZONE) + timedelta(minutes=chance.randrange(600))
            yield _story(chance, at, cameras)


def _pick(chance: random.Random, choices: Sequence[tuple[T, int]]) -> T:
    return chance.choices([one for one, _ in choices], [weight for _, weight in choices])[0]


def _story(chance: random.Random, received: datetime, cameras: Sequence[CameraFacts]) -> Story:
    offence, natinf = _pick(chance, [((name, code), weight) for name, code, weight in OFFENCES])
    unit = _pick(chance, [((name, code, department), weight) for name, code, department, weight in UNITS])
    classes = [(PlaceClass.COVERED, 40), (PlaceClass.UNCOVERED, 27), (PlaceClass.OUTSIDE, 27), (PlaceClass.UNKNOWN, 6)]
    place_class = _pick(chance, classes)
    place, position, asked = _where(chance, place_class, cameras)
    committed = received - timedelta(hours=chance.expovariate(1 / 60) + 2)
    if is_night(committed) is False and chance.random() < 0.4:  # most of it happens in the dark
        committed -= timedelta(hours=9)
    if chance.random() < 0.04:  # found out late: the pictures are gone
        committed -= timedelta(days=25)
    start = committed.replace(minute=committed.minute // 15 * 15, second=0, microsecond=0)
    span = Span(start, start + timedelta(minutes=15 * chance.choice((1, 2, 2, 4, 4, 8, 12))))
    answered = timedelta(minutes=20 + chance.expovariate(1 / 900))
    known = chance.random() < (0.62 if asked else 0.2)
    helpful = {PlaceClass.COVERED: 0.55, PlaceClass.OUTSIDE: 0.3}.get(place_class, 0.25)
    helped = (Helped.YES if chance.random() < helpful else Helped.NO) if known and asked else None
    return Story(
        received=received,
        offence=offence,
        natinf=natinf,
        unit=unit,
        officer=chance.choice(OFFICERS),
        apj=chance.random() < 0.3,
        basis=_pick(chance, [("CPP_60_1", 62), ("CPP_77_1_1", 33), ("CPP_99_3", 5)]),
        place_class=place_class,
        place=place,
        position=position,
        cameras=asked,
        span=span,
        first_look=timedelta(minutes=4 + chance.expovariate(1 / 45)),
        answered=answered,
        closed=answered + timedelta(days=1 + chance.expovariate(1 / 5)),
        helped=helped,
        second_fact=chance.random() < 0.07,
    )


def _where(
    chance: random.Random, place_class: PlaceClass, cameras: Sequence[CameraFacts]
) -> tuple[str, tuple[float, float] | None, tuple[str, ...]]:
    """Words, position and cameras asked for: outside, the ways into town that a vehicle may have taken."""
    if place_class is PlaceClass.COVERED:
        camera = chance.choice(cameras)
        view = camera.view
        away = chance.uniform(0.25, 0.7) * view.range_m
        position = _away(view.latitude, view.longitude, view.bearing_degrees + chance.uniform(-15, 15), away)
        others = [one.id for one in cameras if one.id != camera.id and chance.random() < 0.18]
        return camera.name, position, (camera.id, *others[:2])
    if place_class is PlaceClass.UNCOVERED:
        position = (48.5 + chance.uniform(0.0045, 0.0085), 2.5 + chance.uniform(-0.008, 0.004))
        near = tuple(one.id for one in cameras if chance.random() < 0.14)[:2]
        return chance.choice(STREETS), position, near
    if place_class is PlaceClass.OUTSIDE:
        position = (48.5 + chance.choice((-1, 1)) * chance.uniform(0.03, 0.2), 2.5 + chance.uniform(-0.2, 0.2))
        ways = tuple(one.id for one in cameras if one.number in (3, 6) and chance.random() < 0.6)
        return chance.choice(TOWNS), position, ways
    return "Lieu ignoré du plaignant", None, ()


def _away(latitude: float, longitude: float, bearing: float, metres: float) -> tuple[float, float]:
    north, east = metres * cos(radians(bearing)), metres * sin(radians(bearing))
    return latitude + north / 111_320, longitude + metres_east(latitude, east)
