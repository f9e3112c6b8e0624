"""When it is night in Saint-Aubin-du-Beffroi: the sun's height by the low-precision formula of NOAA."""

from datetime import datetime
from math import asin, cos, degrees, pi, radians, sin

from beffroi.kernel.clock import EPOCH

LATITUDE, LONGITUDE = 48.5, 2.5
DUSK_DEGREES = -4.0


def elevation(at: datetime) -> float:
    """Height of the sun above the horizon in degrees."""
    days = (at - EPOCH).total_seconds() / 86_400
    year = 2 * pi * ((days - 0.5) % 365.2425) / 365.2425
    declination = (
        0.006918 - 0.399912 * cos(year) + 0.070257 * sin(year) - 0.006758 * cos(2 * year) + 0.000907 * sin(2 * year)
    )
    equation_min = 229.18 * (
        0.000075 + 0.001868 * cos(year) - 0.032077 * sin(year) - 0.014615 * cos(2 * year) - 0.040849 * sin(2 * year)
    )
    hour_angle = radians((days % 1) * 360 + equation_min / 4 + LONGITUDE - 180)
    latitude = radians(LATITUDE)
    return degrees(asin(sin(latitude) * sin(declination) + cos(latitude) * cos(declination) * cos(hour_angle)))


def is_night(at: datetime) -> bool:
    """Whether the street lamps burn. A group of pictures never changes light: the answer changes with whole minutes."""
    whole = at.replace(second=0, microsecond=0)
    return elevation(whole) < DUSK_DEGREES
