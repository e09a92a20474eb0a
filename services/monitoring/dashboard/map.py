"""Circles on the map: where a location lies, and how much was granted there."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from shared.pages.map import coast

SMALLEST, LARGEST = 5.0, 17.0


@dataclass(frozen=True, slots=True)
class Circle:
    """One location on the map."""

    row: dict[str, Any]
    x: float
    y: float
    r: float


def circles(rows: Iterable[dict[str, Any]]) -> list[Circle]:
    """Locations whose position is known, the largest first so that small ones stay reachable; areas follow the rupiah granted."""
    placed = [row for row in rows if row["latitude"] is not None]
    most = max((row["granted_idr"] for row in placed), default=0)
    outline = coast()
    found = [
        Circle(
            row,
            outline.x(row["longitude"]),
            outline.y(row["latitude"]),
            round(SMALLEST + (LARGEST - SMALLEST) * math.sqrt(row["granted_idr"] / most), 1) if most else SMALLEST,
        )
        for row in placed
    ]
    return sorted(found, key=lambda circle: -circle.r)
