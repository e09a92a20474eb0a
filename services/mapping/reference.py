"""The reference tables that ship with the code: regions, indicators, their sources and values."""

import csv
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.indicators.tables import indicator_values, indicators, sources
from services.mapping.regions.codes import RegionLevel
from services.mapping.regions.crosswalk import Change, ChangeKind, Place
from services.mapping.regions.domain import Region, RegionKind
from services.mapping.regions.tables import UPPER, change_row, region_changes, regions
from shared.database import Database

Row = dict[str, str]
_HERE = Path(__file__).parent
SHIPPED = 10
"""The preference of the sources that ship with the code: before those of imported files."""
_CODES = ["kemendagri-2025", "bps-codes-2021", "bps-codes-2024", "crosswalk"]


async def load_reference_tables(database: Database) -> None:
    """Bring the tables to what the shipped files say; what is there already stays, and emits nothing."""
    async with database.engine.begin() as connection:
        # Between its statements it reads files, on a busy machine for longer than a command may idle.
        await connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '5min'"))
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('entaskan-reference-tables'))"))
        await _load(connection, sources, [_source(row) for folder in ("regions", "indicators") for row in _rows(f"{folder}/reference/sources.csv")])
        known = set(await connection.scalars(select(regions.c.region_code).where(regions.c.level.in_(UPPER))))
        async with database.joining(connection)() as uow:
            for region in shipped_regions():
                if region.region_code not in known:
                    uow.add(region)
        await _load(connection, region_changes, [change_row(change) for change in shipped_changes()])
        await _load(connection, indicators, [row | {"decimals": int(row["decimals"])} for row in _rows("indicators/reference/indicators.csv")])
        await _load(connection, indicator_values, _values())


def _rows(path: str) -> list[Row]:
    with (_HERE / path).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def _source(row: Row) -> dict[str, Any]:
    return row | {"year": int(row["year"]), "preference": SHIPPED}


def _provinces() -> list[Region]:
    return [
        Region.register(
            region_code=row["region_code"],
            level=RegionLevel.PROVINCE,
            kind=RegionKind.PROVINSI,
            name=row["name"],
            former_name=None,
            parent_region_code=None,
            province_code_2021=None,
            bps_code_2021=row["bps_code_2021"] or None,
            bps_code_2024=row["bps_code_2024"] or None,
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            area_km2=None,
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            source_codes=[*_CODES, "centroids-province", *(["papua-laws-2022"] if row["valid_from"] else [])],
        )
        for row in _rows("regions/reference/provinces.csv")
    ]


def _regencies() -> list[Region]:
    return [
        Region.register(
            region_code=row["region_code"],
            level=RegionLevel.REGENCY,
            kind=RegionKind(row["kind"]),
            name=row["name"],
            former_name=row["former_name"] or None,
            parent_region_code=row["province_code"],
            province_code_2021=row["province_code_2021"],
            bps_code_2021=row["bps_code_2021"] or None,
            bps_code_2024=row["bps_code_2024"] or None,
            latitude=float(row["latitude"]),
            longitude=float(row["longitude"]),
            area_km2=Decimal(row["area_km2"]),
            valid_from=None,
            source_codes=[*_CODES, "centroids-514", "big-area-2024", *(["renames"] if row["former_name"] else [])],
        )
        for row in _rows("regions/reference/regencies.csv")
    ]


def shipped_regions() -> list[Region]:
    """The 38 provinces and 514 regencies and cities that ship with the code."""
    return [*_provinces(), *_regencies()]


def shipped_places() -> list[Place]:
    """The same, as the crosswalk takes them."""
    fields = ("region_code", "name", "bps_code_2021", "bps_code_2024", "valid_from", "valid_to")
    return [Place(**{field: getattr(region, field) for field in fields}) for region in shipped_regions()]


def shipped_changes() -> list[Change]:
    """The crosswalk that ships with the code: Papua's division of 2022 with the codes until then, and four new names."""
    return [
        Change(
            from_code=row["from_code"],
            from_name=row["from_name"],
            to_code=row["to_code"],
            on=date.fromisoformat(row["on"]),
            share=Decimal(row["share"]),
            kind=ChangeKind(row["kind"]),
            decree_ref=row["decree_ref"],
        )
        for row in _rows("regions/reference/crosswalk.csv")
    ]


def _values() -> list[dict[str, Any]]:
    reasons = {(row["region_code"], row["indicator_code"], row["period"]): row["reason"] for row in _rows("indicators/reference/missing_2021.csv")}
    columns = _rows("indicators/reference/columns_2021.csv")
    return [
        {
            "indicator_code": column["indicator_code"],
            "period": column["period"],
            "region_code": row["region_code"],
            "value": Decimal(figure) if (figure := row[column["column"]]) else None,
            "missing_reason": None if figure else reasons[row["region_code"], column["indicator_code"], column["period"]],
            "source_code": column["source_code"],
        }
        for row in _rows("indicators/reference/values_2021.csv")
        for column in columns
    ]


async def _load(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert what is new and update what differs."""
    statement = insert(table)
    changing = [column.name for column in table.columns if not column.primary_key]
    given = [statement.excluded[name] for name in changing]
    await connection.execute(
        statement.on_conflict_do_update(
            index_elements=list(table.primary_key.columns),
            set_=dict(zip(changing, given, strict=True)),
            where=tuple_(*(table.c[name] for name in changing)).is_distinct_from(tuple_(*given)),
        ),
        list(rows),
    )
