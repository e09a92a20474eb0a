"""Points as a file gives them, and what is wrong with them."""

import json
import math
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, NamedTuple

from services.mapping.region_points.domain import PointsUnreadable
from services.mapping.regions.codes import Scheme
from services.mapping.regions.crosswalk import Crosswalk, at
from services.mapping.regions.errors import CodeRefused

WEST, EAST, SOUTH, NORTH = 94.0, 142.0, -12.0, 7.0
"""Indonesia with its outermost islands, degrees of WGS 84."""

FARTHEST_KM = 700.0
"""From the point of the region it lies in; no regency is farther from its province's point."""

HINTS: dict[str, tuple[str, str]] = {
    "code_missing": ("Isi kode wilayah.", "Give the region code."),
    "unknown_code": ("Kode ini tidak ada pada daftar Kemendagri.", "This code does not exist in the list of Kemendagri."),
    "code_of_another_scheme": ("Ini kode BPS; gunakan kode Kemendagri.", "This is a code of BPS; use Kemendagri's."),
    "code_read_as_number": ("Kode terbaca sebagai angka; mungkin {candidates}.", "The code was read as a number; it may have been {candidates}."),
    "ambiguous_code": ("Wilayah ini telah dimekarkan menjadi {candidates}.", "This region was divided into {candidates}."),
    "coordinate_missing": ("Lintang atau bujur kosong.", "The latitude or the longitude is missing."),
    "not_a_number": ("Lintang dan bujur harus berupa derajat desimal.", "Latitude and longitude are decimal degrees."),
    "not_a_point": ("Kirim titik (Point), bukan bentuk lain.", "Send a Point and no other geometry."),
    "coordinates_swapped": ("Lintang dan bujur tertukar.", "Latitude and longitude are swapped; GeoJSON has the longitude first."),
    "outside_indonesia": ("Titik di luar Indonesia.", "The point is outside Indonesia."),
    "far_from_parent": ("Titik {distance} km dari {parent}, wilayah induknya.", "The point is {distance} km from {parent}, which it lies in."),
    "duplicate_row": ("Wilayah ini juga ada pada baris {first_row}.", "This region is in row {first_row} too."),
}  # fmt: skip


class Point(NamedTuple):
    """A region's point, degrees of WGS 84."""

    row_number: int
    region_code: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class RefusedPoint:
    """What is wrong with a row."""

    row_number: int
    value: str
    code: str
    facts: dict[str, str] = field(default_factory=dict)


def hint(code: str, facts: Mapping[str, str], *, english: bool = False) -> str:
    """The sentence that says what to do about it."""
    return HINTS[code][english].format(**({"candidates": "-", "distance": "-", "parent": "-", "first_row": "-"} | dict(facts)))


def read_geojson(file: IO[bytes]) -> Generator[tuple[int, dict[str, str]]]:
    """Feature by feature (the first is row 1) what the other forms have in columns. Raises PointsUnreadable."""
    try:
        document = json.loads(file.read(), parse_constant=lambda name: name)
    except (ValueError, RecursionError) as error:
        raise PointsUnreadable from error
    features = document.get("features") if isinstance(document, dict) and document.get("type") == "FeatureCollection" else None
    crs = str(document.get("crs", "")) if isinstance(document, dict) else ""
    if not isinstance(features, list) or (crs and "CRS84" not in crs and "4326" not in crs):
        raise PointsUnreadable
    for number, feature in enumerate(features, start=1):
        yield number, _cells(feature if isinstance(feature, dict) else {})


def _cells(feature: Mapping[str, Any]) -> dict[str, str]:
    properties, geometry = feature.get("properties") or {}, feature.get("geometry") or {}
    code = properties.get("region_code") if isinstance(properties, dict) else None
    place = geometry.get("coordinates") if isinstance(geometry, dict) else None
    kind = geometry.get("type", "Point") if isinstance(geometry, dict) else "-"
    longitude, latitude, *_ = [*place, None, None] if kind == "Point" and isinstance(place, list) else (None, None)
    said = {"code": code or feature.get("id") or "", "latitude": latitude, "longitude": longitude}
    return {name: "" if value is None else str(value) for name, value in said.items()} | {"kind": str(kind)}


def check(number: int, row: Mapping[str, str], crosswalk: Crosswalk, places: Mapping[str, tuple[float, float]]) -> Point | RefusedPoint:
    """The point, or the first thing wrong with it; `places` are the present points (latitude, longitude) by code."""
    code = row["code"][:100]
    shown = f"{code} {row['latitude'][:30]} {row['longitude'][:30]}"
    if not code:
        return RefusedPoint(number, shown, "code_missing")
    try:
        region = at(crosswalk, code, Scheme.KEMENDAGRI).region_code
    except CodeRefused as refused:
        facts = {name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in refused.facts.items()}
        return RefusedPoint(number, shown, refused.code, facts)
    if row.get("kind", "Point") != "Point":
        return RefusedPoint(number, shown, "not_a_point")
    if not row["latitude"] or not row["longitude"]:
        return RefusedPoint(number, shown, "coordinate_missing")
    try:
        latitude, longitude = float(row["latitude"]), float(row["longitude"])
    except ValueError:
        return RefusedPoint(number, shown, "not_a_number")
    if not _inside(latitude, longitude):
        return RefusedPoint(number, shown, "coordinates_swapped" if _inside(longitude, latitude) else "outside_indonesia")
    parent = region.rpartition(".")[0]
    if parent in places and (far := _kilometres(*places[parent], latitude, longitude)) > FARTHEST_KM:
        return RefusedPoint(number, shown, "far_from_parent", {"distance": f"{far:.0f}", "parent": parent})
    return Point(number, region, latitude, longitude)


def _inside(latitude: float, longitude: float) -> bool:
    return SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST


def _kilometres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Along the great circle, of a sphere of 6,371 km (haversine)."""
    a, b = math.radians(latitude), math.radians(other_latitude)
    part = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    return 2 * 6371 * math.asin(math.sqrt(part))
