"""The table of locations."""

from uuid import UUID

from sqlalchemy import Column, Date, Integer, Select, Text, UniqueConstraint, Uuid, select

from services.coordination.locations.domain import Location
from services.coordination.schema import metadata
from shared.tables import persisted

locations = persisted(
    metadata,
    Location,
    "locations",
    Column("programme_id", Uuid, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("province_code", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("opened_on", Date, nullable=False),
    UniqueConstraint("programme_id", "region_code"),
)


def open_location(programme_id: UUID, region_code: str) -> "Select[UUID]":
    """The id of a regency/city's location in a programme, if it takes commitments."""
    return select(locations.c.id).where(locations.c.programme_id == programme_id, locations.c.region_code == region_code)
