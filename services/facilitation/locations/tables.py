"""The read model of priority locations, and whether a region is one."""

from datetime import date
from uuid import UUID

from sqlalchemy import Column, Date, DateTime, Select, Table, Text, Uuid, or_, select

from services.facilitation.schema import metadata

priority_locations = Table(
    "priority_locations",
    metadata,
    Column("programme_id", Uuid, primary_key=True),
    Column("region_code", Text, primary_key=True),
    Column("province_code", Text, nullable=False),
    Column("location_priority_id", Uuid, nullable=False),
    Column("effective_from", Date, nullable=False),
    Column("prioritised_at", DateTime(timezone=True), comment="null: before priorities could end"),
    Column("ended_on", Date, comment="the day from which it is none any more"),
)


def priority_in_force(programme_id: UUID, region_code: str, on: date) -> "Select[UUID]":
    """The priority of a regency/city in a programme on a day, if it has one."""
    c = priority_locations.c
    valid = c.effective_from <= on, or_(c.ended_on.is_(None), c.ended_on > on)
    return select(c.location_priority_id).where(c.programme_id == programme_id, c.region_code == region_code, *valid)
