"""The read model of points."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, Double, Select, Table, Text, select

from services.facilitation.schema import metadata

region_points = Table(
    "region_points",
    metadata,
    Column("region_code", Text, primary_key=True),
    Column("longitude", Double, nullable=False),
    Column("latitude", Double, nullable=False),
    Column("name", Text, comment="null: from before names were remembered"),
)


def points_of(region_codes: Collection[str]) -> "Select[Any]":
    """Code, longitude and latitude of these regions, where they are known."""
    c = region_points.c
    return select(c.region_code, c.longitude, c.latitude).where(c.region_code.in_(region_codes))
