"""The table of waivers, and whether one holds."""

from datetime import date
from uuid import UUID

from sqlalchemy import Column, Date, Index, Select, Text, Uuid, or_, select

from services.facilitation.schema import metadata
from services.facilitation.waivers.domain import Waiver, WaiverStatus
from shared.tables import Code, persisted

waivers = persisted(
    metadata,
    Waiver,
    "waivers",
    Column("region_code", Text, nullable=False),
    Column("programme_id", Uuid, nullable=False),
    Column("group_id", Uuid),
    Column("reason_code", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("status", Code(WaiverStatus), nullable=False),
    Column("signed_by", Text),
    Column("decision_reason_code", Text),
)
Index("ix_waivers_programme_id_region_code", waivers.c.programme_id, waivers.c.region_code)


def waiver_in_force(programme_id: UUID, region_code: str, group_id: UUID | None, on: date) -> "Select[UUID]":
    """The waiver that holds on a day for a region as a whole, or for the group."""
    c = waivers.c
    for_whom = or_(c.group_id.is_(None), c.group_id == group_id) if group_id else c.group_id.is_(None)
    holds = c.status == WaiverStatus.GRANTED, c.valid_from <= on, c.valid_to >= on
    return select(c.id).where(c.programme_id == programme_id, c.region_code == region_code, for_whom, *holds).order_by(c.id).limit(1)
