"""Names of regions, known from mapping's events, for people to read."""

from sqlalchemy import Column, Insert, Table, Text
from sqlalchemy.dialects.postgresql import insert

from services.coordination.schema import metadata

region_names = Table("region_names", metadata, Column("region_code", Text, primary_key=True), Column("name", Text, nullable=False))


def named(region_code: str, name: str) -> Insert:
    """Remember a region's name."""
    keep = insert(region_names).values(region_code=region_code, name=name)
    return keep.on_conflict_do_update(constraint="pk_region_names", set_={"name": keep.excluded.name})
