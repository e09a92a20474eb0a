"""The tables of files of points: what was sent, its points until it is decided, and the rows refused."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Delete, Float, Insert, Integer, Select, Table, Text, TextClause, Uuid, bindparam, delete, insert, select, text

from services.mapping.region_points.domain import PointCounts, RegionPoints, RegionPointsStatus
from services.mapping.region_points.rows import Point, RefusedPoint
from services.mapping.regions.tables import regions
from services.mapping.schema import metadata
from shared.tables import Code, Typed, persisted

points = persisted(
    metadata,
    RegionPoints,
    "region_points",
    Column("content_hash", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("counts", Typed(PointCounts), nullable=False),
    Column("author", Text, nullable=False),
    Column("decided_by", Text),
    Column("reason_code", Text),
    Column("status", Code(RegionPointsStatus), nullable=False),
)

staged = Table(
    "region_point_rows",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("region_code", Text, nullable=False),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
)

refused = Table(
    "region_point_refused_rows",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("code", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("facts", Typed(dict[str, str]), nullable=False),
)

_TAKE_OVER = """
UPDATE regions AS r SET latitude = p.latitude, longitude = p.longitude FROM region_point_rows AS p
WHERE p.import_id = :import_id AND p.region_code = r.region_code
"""
_MEASURE = """
SELECT count(*) FILTER (WHERE (r.latitude, r.longitude) IS DISTINCT FROM (p.latitude, p.longitude)) AS moved, count(*) AS given
FROM region_point_rows AS p JOIN regions AS r USING (region_code) WHERE p.import_id = :import_id
"""


def _sql(query: str) -> TextClause:
    return text(query).bindparams(bindparam("import_id", type_=Uuid))


def stage(import_id: UUID, rows: Sequence[Point]) -> tuple[Insert, list[dict[str, Any]]]:
    """Keep good points until they are decided."""
    return insert(staged), [{"import_id": import_id, **row._asdict()} for row in rows]


def keep_refused(import_id: UUID, rows: Sequence[RefusedPoint]) -> tuple[Insert, list[dict[str, Any]]]:
    """Keep what is wrong with rows."""
    return insert(refused), [{"import_id": import_id, "row_number": row.row_number, "code": row.code, "value": row.value, "facts": row.facts} for row in rows]


def measure(import_id: UUID) -> tuple[TextClause, dict[str, Any]]:
    """How many points would move."""
    return _sql(_MEASURE), {"import_id": import_id}


def take_over(import_id: UUID) -> tuple[TextClause, dict[str, Any]]:
    """Move the points."""
    return _sql(_TAKE_OVER), {"import_id": import_id}


def forget(import_id: UUID) -> Delete:
    """Drop the points of a file that was decided; what was refused stays readable."""
    return delete(staged).where(staged.c.import_id == import_id)


def refused_rows(import_id: UUID) -> Select[Any]:
    """What was refused of a file."""
    return select(refused).where(refused.c.import_id == import_id)


def present_points() -> Select[Any]:
    """The points there are, by code."""
    c = regions.c
    return select(c.region_code, c.latitude, c.longitude).where(c.latitude.is_not(None), c.longitude.is_not(None))
