"""The table of active programmes."""

from typing import Any
from uuid import UUID

from sqlalchemy import Column, Date, Insert, Integer, Select, Table, Text, Update, Uuid, select, update
from sqlalchemy.dialects.postgresql import insert

from services.mapping.schema import metadata
from shared.contracts.coordination import ProgrammeActivated, ProgrammeAmended

programmes = Table(
    "programmes",
    metadata,
    Column("programme_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("area_quota", Integer, nullable=False),
    Column("province_quota", Integer, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
)


def known_programme(programme_id: UUID) -> Select[Any]:
    """The row of an active programme, if its activation has arrived."""
    return select(programmes).where(programmes.c.programme_id == programme_id)


def remember(event: ProgrammeActivated) -> Insert:
    """Write an active programme down; a replay finds it there."""
    row = {
        "programme_id": event.programme_id,
        "code": event.programme_code,
        "area_quota": event.area_quota,
        "province_quota": event.province_quota,
        "valid_from": event.valid_from,
        "valid_to": event.valid_to,
    }
    return insert(programmes).values(row).on_conflict_do_nothing()


def amended(event: ProgrammeAmended) -> Update:
    """Take over quota and end of a programme that was amended."""
    new = {"area_quota": event.area_quota, "province_quota": event.province_quota, "valid_to": event.valid_to}
    return update(programmes).where(programmes.c.programme_id == event.programme_id).values(new)
