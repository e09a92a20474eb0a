"""The map: the coastline as one SVG path, and where a place lies on it."""

import json
import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

SCALE = 20.0
"""Units of the drawing for one degree; equirectangular, since all of Indonesia lies close to the equator."""

MARGIN = 14.0
_STEP = 0.3
"""Points of the coastline that are closer than this to the one before are left out."""


@dataclass(frozen=True, slots=True)
class Coast:
    """The outline, and the size of the drawing around it."""

    width: int
    height: int
    path: str
    west: float
    north: float

    def x(self, longitude: float) -> float:
        """Across."""
        return round((longitude - self.west) * SCALE + MARGIN, 1)

    def y(self, latitude: float) -> float:
        """Down: north is up."""
        return round((self.north - latitude) * SCALE + MARGIN, 1)


@cache
def coast() -> Coast:
    """The national outline, in tenths of a unit and relative steps to stay small."""
    document = json.loads((Path(__file__).parent / "indonesia.json").read_text())
    west, south, east, north = document["bounds"]
    bare = Coast(0, 0, "", west, north)
    rings = (_ring([(bare.x(longitude), bare.y(latitude)) for longitude, latitude in ring]) for ring in document["rings"])
    size = math.ceil((east - west) * SCALE + 2 * MARGIN), math.ceil((north - south) * SCALE + 2 * MARGIN)
    return Coast(*size, "".join(rings), west, north)


def _ring(points: list[tuple[float, float]]) -> str:
    kept = points[:1]
    for point in points[1:-1]:
        if math.dist(point, kept[-1]) >= _STEP:
            kept.append(point)
    if len(kept) < 3:
        return ""
    tenths = [(round(x * 10), round(y * 10)) for x, y in kept]
    steps = [f"{x - px} {y - py}" for (px, py), (x, y) in pairwise(tenths)]
    return f"M{tenths[0][0]} {tenths[0][1]}l{' '.join(steps).replace(' -', '-')}z"
