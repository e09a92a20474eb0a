"""How far apart two regencies/cities lie: great-circle kilometres between the points that stand for them.

The points are the area centroids of the register of regions (mapping's `regencies.csv`, QuaRCS Lab, MIT), so a distance is a
rough one and never that of a road.
"""

import csv
from functools import cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path

_FILE = Path(__file__).parent / "reference" / "points.csv"
EARTH_KM = 6371.0088


@cache
def points() -> dict[str, tuple[float, float]]:
    """Latitude and longitude by region code."""
    with _FILE.open(encoding="utf-8") as rows:
        return {row["region_code"]: (float(row["latitude"]), float(row["longitude"])) for row in csv.DictReader(rows)}


@cache
def kilometres(one: str, other: str) -> int | None:
    """Whole kilometres, 0 within one regency/city; `None` where a point is unknown."""
    if one == other:
        return 0
    known = points()
    if one not in known or other not in known:
        return None
    (a, b), (c, d) = (map(radians, known[code]) for code in (one, other))
    return round(2 * EARTH_KM * asin(sqrt(sin((c - a) / 2) ** 2 + cos(a) * cos(c) * sin((d - b) / 2) ** 2)))
