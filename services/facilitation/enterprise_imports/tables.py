"""The tables of files of enterprises, and how a batch of rows enters the register: by COPY, with its events."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Integer, Table, Text, UniqueConstraint, Uuid, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.facilitation.enterprise_imports.domain import RefusedRow
from services.facilitation.enterprises.domain import Enterprise
from services.facilitation.enterprises.tables import enterprises
from services.facilitation.schema import metadata
from shared import telemetry
from shared.clock import new_id, now
from shared.contracts.registry import event_type_of
from shared.saving import to_json

enterprise_imports = Table(
    "enterprise_imports",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("content_hash", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("sent_by", Text, nullable=False),
    Column("regions", ARRAY(Text), nullable=False, comment="of the sender, in which rows must lie"),
    Column("state", Text, nullable=False),
    Column("rows_read", Integer, nullable=False, comment="up to this row the file is in the register; written with the rows"),
    Column("registered", Integer, nullable=False),
    Column("refused", Integer, nullable=False),
    Column("candidates", Integer, nullable=False, comment="pairs that look alike"),
    Column("reason_code", Text),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("beat", DateTime(timezone=True), nullable=False, comment="when its reader was last seen"),
    UniqueConstraint("content_hash", "sent_by"),
)
refused_rows = Table(
    "enterprise_import_refused_rows",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("row_number", BigInteger, primary_key=True),
    Column("column_name", Text, nullable=False),
    Column("code", Text, nullable=False),
)
_STATE = [column.name for column in enterprises.columns]
_JSON = ("warnings", "legality", "household", "merge")
_EVENTS = ("id", "type", "topic", "subject", "sequence", "time", "data", "correlation_id", "actor")

LOOK_ALIKE = text("""
SELECT a.id AS enterprise_id, b.id AS other_id FROM enterprises AS a
JOIN enterprises AS b ON b.owner_birth_index = a.owner_birth_index AND b.id < a.id AND b.owner_keys && a.owner_keys
  AND b.status NOT IN ('exited', 'merged')
WHERE a.id = ANY(:ids)
""")
"""Of enterprises just entered, the earlier ones of the same birth that share part of the owner's name."""


async def known_numbers(connection: AsyncConnection, niks: Collection[bytes], nibs: Collection[str]) -> tuple[set[bytes], set[str]]:
    """Which hashed NIKs and which NIBs are in the register already."""
    e = enterprises.c
    by_nik = await connection.scalars(select(e.owner_nik_index).where(e.owner_nik_index.in_(niks)))
    by_nib = await connection.scalars(select(e.nib).where(e.nib.in_(nibs)))
    return set(by_nik), {nib for nib in by_nib if nib}


async def enter(connection: AsyncConnection, entered: Sequence[Enterprise], by: str) -> None:
    """Enter new enterprises and their first events, in the transaction of `connection`."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    await driver.copy_records_to_table("enterprises", records=(_row(each) for each in entered), columns=_STATE)
    context, at = telemetry.current(), now()
    await driver.copy_records_to_table("outbox", records=(_event(each, at, context.correlation_id, by) for each in entered), columns=_EVENTS)


def _row(enterprise: Enterprise) -> tuple[Any, ...]:
    values = {name: getattr(enterprise, name) for name in _STATE if name != "version"} | {"version": len(enterprise.recorded)}
    return tuple((None if values[name] is None else to_json(values[name])) if name in _JSON else values[name] for name in _STATE)


def _event(enterprise: Enterprise, at: Any, correlation_id: str, by: str) -> tuple[Any, ...]:
    (registered,) = enterprise.recorded
    kind = event_type_of(registered)
    return new_id(), kind.wire_type, kind.topic, enterprise.id, 1, at, to_json(registered), correlation_id, by


async def keep_refused(connection: AsyncConnection, import_id: UUID, rows: Sequence[RefusedRow]) -> None:
    """Keep what is wrong with rows."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    records = ((import_id, row.row_number, row.column, row.code) for row in rows)
    await driver.copy_records_to_table(refused_rows.name, records=records, columns=[column.name for column in refused_rows.columns])
