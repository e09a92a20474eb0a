"""The table of locations."""

from uuid import UUID

from sqlalchemy import Column, Date, DateTime, Integer, Select, Text, UniqueConstraint, Uuid, select

from services.coordination.locations.domain import Location
from services.coordination.schema import metadata
from shared.tables import Typed, persisted

locations = persisted(
    metadata,
    Location,
    "locations",
    Column("programme_id", Uuid, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("province_code", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("opened_on", Date, nullable=False),
    Column("location_priority_id", Uuid),
    Column("prioritised_at", DateTime(timezone=True)),
    Column("closed_on", Date),
    Column("gaps", Typed(dict[str, list[str]]), nullable=False),
    UniqueConstraint("programme_id", "region_code"),
)


def open_location(programme_id: UUID, region_code: str) -> "Select[UUID]":
    """The id of a regency/city's location in a programme, if it takes commitments."""
    return location_of(programme_id, region_code).where(locations.c.closed_on.is_(None))


def location_of(programme_id: UUID, region_code: str) -> "Select[UUID]":
    """The id of a regency/city's location in a programme, open or closed."""
    return select(locations.c.id).where(locations.c.programme_id == programme_id, locations.c.region_code == region_code)


def open_codes(programme_id: UUID) -> "Select[str]":
    """The codes of a programme's open locations, in order."""
    open_ones = select(locations.c.region_code).where(locations.c.programme_id == programme_id, locations.c.closed_on.is_(None))
    return open_ones.order_by(locations.c.region_code)
