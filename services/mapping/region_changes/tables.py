"""The table of changes of the register."""

from datetime import date
from typing import Any

from sqlalchemy import Column, Date, Select, Text, func, select

from services.mapping.prioritisation.tables import priority_locations
from services.mapping.programmes.tables import programmes
from services.mapping.region_changes.domain import ChangeType, Details, RegionChange, RegionChangeStatus
from services.mapping.regions.codes import RegionLevel
from services.mapping.regions.domain import RegionStatus
from services.mapping.regions.tables import regions
from services.mapping.schema import metadata
from shared.tables import Code, Typed, persisted

changes = persisted(
    metadata,
    RegionChange,
    "region_changes",
    Column("change_type", Code(ChangeType), nullable=False),
    Column("region_code", Text, nullable=False, index=True),
    Column("effective_from", Date, nullable=False),
    Column("decree_ref", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("details", Typed(Details), nullable=False),
    Column("author", Text, nullable=False),
    Column("decided_by", Text),
    Column("reason_code", Text),
    Column("status", Code(RegionChangeStatus), nullable=False),
)


def regencies_in(region_code: str) -> Select[Any]:
    """How many regencies and cities of today lie in a province."""
    c = regions.c
    return select(func.count()).where(c.parent_region_code == region_code, c.level == RegionLevel.REGENCY, c.status == RegionStatus.ACTIVE)


def running_programmes(region_code: str, on: date) -> Select[Any]:
    """How many programmes in force on that day have the region on their list."""
    joined = priority_locations.join(programmes, programmes.c.programme_id == priority_locations.c.programme_id)
    listed = priority_locations.c.ended_on.is_(None) | (priority_locations.c.ended_on > on)
    return select(func.count()).select_from(joined).where(priority_locations.c.region_code == region_code, listed, programmes.c.valid_to >= on)
