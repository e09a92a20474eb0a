"""Points on the globe and the distance between two."""

from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8
"""The mean radius of WGS 84."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Degrees of WGS 84."""

    longitude: float
    latitude: float


def metres_between(a: Point, b: Point) -> float:
    """The great circle, by the haversine, which is exact for short distances too."""
    north, east = radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)
    half = sin(north / 2) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(east / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(sqrt(min(1.0, half)))
