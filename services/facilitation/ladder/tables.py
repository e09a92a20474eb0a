"""The table of checks: whether an enterprise on the last step met its criteria, quarter by quarter."""

from uuid import UUID

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Select, Table, Uuid, func, select
from sqlalchemy.dialects.postgresql import Insert, insert

from services.facilitation.schema import metadata

ladder_checks = Table(
    "ladder_checks",
    metadata,
    Column("enterprise_id", Uuid, ForeignKey("enterprises.id"), primary_key=True),
    Column("quarter", Integer, primary_key=True, comment="year * 4 + quarter - 1"),
    Column("met", Boolean, nullable=False),
)


def checked(enterprise_id: UUID, quarter: int, met: bool) -> Insert:
    """Keep what a quarter's check found; the last one of a quarter counts."""
    statement = insert(ladder_checks).values(enterprise_id=enterprise_id, quarter=quarter, met=met)
    return statement.on_conflict_do_update(index_elements=list(ladder_checks.primary_key), set_={"met": met})


def quarters_met(enterprise_id: UUID, since: int) -> "Select[int]":
    """In how many quarters since then the criteria were met."""
    c = ladder_checks.c
    return select(func.count()).where(c.enterprise_id == enterprise_id, c.quarter >= since, c.met)
