"""What is read from the view. Sums over locations are made from the very rows that are shown, so they always agree."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.monitoring.overview.tables import FIGURES, REGION_FIGURES, ended_priorities, figures, freshness, locations, programmes, region_figures, regions

ALL_FIGURES = [*FIGURES, *REGION_FIGURES]
Row = dict[str, Any]

STAGES: dict[str, Callable[[Row], bool]] = {
    "prioritised": lambda location: True,
    "committed": lambda location: location["commitments"] > 0,
    "grouped": lambda location: location["active_groups"] > 0,
    "applied": lambda location: location["applications"] > 0,
    "granted": lambda location: location["grants"] > 0,
}
"""The stages of the funnel, each with the question whether a location reached it."""


@dataclass(frozen=True, slots=True)
class Source:
    """How far one publisher's events are in the view."""

    source: str
    newest_event_at: datetime
    events: int


async def location_rows(connection: AsyncConnection, programme_id: UUID | None = None, province_code: str | None = None) -> list[Row]:
    """Priority locations by programme and rank, with names, positions and all figures; figures are 0 until something happens."""
    statement = _LOCATIONS
    if programme_id is not None:
        statement = statement.where(locations.c.programme_id == programme_id)
    if province_code is not None:
        statement = statement.where(locations.c.province_code == province_code)
    return [dict(row._mapping) for row in (await connection.execute(statement)).all()]


def _on_the_list() -> ColumnElement[bool]:
    """Whether the priority that a location was last published with has not ended."""
    ended = ended_priorities.c
    before = and_(locations.c.location_priority_id.is_(None), ended.programme_id == locations.c.programme_id, ended.region_code == locations.c.region_code)
    return ~exists().where(or_(ended.location_priority_id == locations.c.location_priority_id, before))


def _locations() -> Select[Any]:
    province = regions.alias("province")
    place = and_(figures.c.programme_id == locations.c.programme_id, figures.c.region_code == locations.c.region_code)
    return (
        select(
            locations.c.programme_id,
            locations.c.region_code,
            func.coalesce(regions.c.name, locations.c.region_code).label("name"),
            locations.c.province_code,
            func.coalesce(province.c.name, locations.c.province_code).label("province_name"),
            regions.c.latitude,
            regions.c.longitude,
            locations.c.rank,
            locations.c.score,
            *(func.coalesce(figures.c[name], 0).label(name) for name in FIGURES),
            *(func.coalesce(region_figures.c[name], 0).label(name) for name in REGION_FIGURES),
        )
        .select_from(
            locations.outerjoin(regions, regions.c.region_code == locations.c.region_code)
            .outerjoin(province, province.c.region_code == locations.c.province_code)
            .outerjoin(figures, place)
            .outerjoin(region_figures, region_figures.c.region_code == locations.c.region_code)
        )
        .where(_on_the_list())
        .order_by(locations.c.programme_id, locations.c.rank, locations.c.region_code)
    )


_LOCATIONS = _locations()


async def programme_rows(connection: AsyncConnection, programme_id: UUID | None = None) -> list[Row]:
    """Programmes in force, the newest first."""
    statement = select(programmes).order_by(programmes.c.valid_from.desc(), programmes.c.programme_id.desc())
    if programme_id is not None:
        statement = statement.where(programmes.c.programme_id == programme_id)
    return [dict(row._mapping) for row in (await connection.execute(statement)).all()]


async def sources(connection: AsyncConnection) -> list[Source]:
    """How far each publisher's events are in the view."""
    rows = (await connection.execute(select(freshness).order_by(freshness.c.source))).all()
    return [Source(**row._mapping) for row in rows]


def newest(found: Iterable[Source]) -> datetime | None:
    """The time of the newest event in the view; nothing in an empty one."""
    return max((source.newest_event_at for source in found), default=None)


def totals(rows: Iterable[Row]) -> dict[str, int]:
    """The sum of every figure over the rows; regions that several programmes share count once for what belongs to the region."""
    summed = dict.fromkeys(ALL_FIGURES, 0)
    seen: set[str] = set()
    for row in rows:
        for name in FIGURES:
            summed[name] += row[name]
        if row["region_code"] not in seen:
            seen.add(row["region_code"])
            for name in REGION_FIGURES:
                summed[name] += row[name]
    return summed


def funnel(rows: Sequence[Row]) -> dict[str, int]:
    """How many locations reached each stage."""
    return {stage: sum(map(reached, rows)) for stage, reached in STAGES.items()}


def by_province(rows: Iterable[Row]) -> list[Row]:
    """One row a province with its locations counted and summed, by code."""
    members: dict[str, list[Row]] = {}
    for row in rows:
        members.setdefault(row["province_code"], []).append(row)
    return [
        {"province_code": code, "province_name": found[0]["province_name"], "locations": len(found), **totals(found)} for code, found in sorted(members.items())
    ]


async def monitored(connection: AsyncConnection, programme_id: UUID) -> dict[str, dict[str, int]]:
    """Every figure of a programme by region code, wherever anything happened, for comparison with the services' own totals."""
    found: dict[str, dict[str, int]] = {}
    for row in (await connection.execute(select(region_figures))).all():
        found[row.region_code] = {name: row._mapping[name] for name in REGION_FIGURES}
    for row in (await connection.execute(select(figures).where(figures.c.programme_id == programme_id))).all():
        found.setdefault(row.region_code, {}).update({name: row._mapping[name] for name in FIGURES})
    for row in (await connection.execute(select(locations).where(locations.c.programme_id == programme_id, _on_the_list()))).all():
        found.setdefault(row.region_code, {}).update(locations=1, rank=row.rank, province_code=_number(row.province_code))
    return found


def _number(code: str) -> int:
    return int(code) if code.isascii() and code.isdigit() else 0
