"""How sheets and maps are read."""

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.indicators.domain import POPULATION, Series
from services.mapping.indicators.handlers import series_of
from services.mapping.indicators.tables import indicators
from services.mapping.prioritisation.domain import PrioritisationRun, RunStatus
from services.mapping.prioritisation.handlers import stored_result
from services.mapping.prioritisation.tables import runs
from services.mapping.publication.domain import NotComputed, Place, Sheet
from services.mapping.regions.domain import RegionLevel
from services.mapping.regions.tables import regions


async def places_of(connection: AsyncConnection) -> dict[str, Place]:
    """Every regency and city by its code."""
    province = regions.alias("province")
    columns = (regions.c.region_code, regions.c.name, province.c.region_code.label("province_code"), province.c.name.label("province_name"))
    statement = (
        select(*columns, regions.c.latitude, regions.c.longitude)
        .join(province, province.c.region_code == regions.c.parent_region_code)
        .where(regions.c.level == RegionLevel.REGENCY)
        .order_by(regions.c.region_code)
    )
    rows = (await connection.execute(statement)).mappings().all()
    return {row["region_code"]: Place(**{name: row[name] for name in row if name != "region_code"}) for row in rows}


async def sheet_of(connection: AsyncConnection, run: PrioritisationRun) -> Sheet:
    """The sheet of a run; `NotComputed` before it has one."""
    text = await stored_result(connection, run.id)
    if text is None:
        raise NotComputed(run_id=str(run.id))
    return Sheet.of(run, json.loads(text), await places_of(connection), await names_of(connection))


async def names_of(connection: AsyncConnection) -> Mapping[str, tuple[str, str]]:
    """Indonesian and English names of indicators."""
    rows = (await connection.execute(select(indicators.c.indicator_code, indicators.c.name_id, indicators.c.name_en))).all()
    return {row.indicator_code: (row.name_id, row.name_en) for row in rows}


async def newest_published(connection: AsyncConnection) -> list[Any]:
    """Id, decree and date of the published runs, the newest first."""
    columns = (runs.c.id, runs.c.decree_ref, runs.c.effective_from)
    statement = select(*columns).where(runs.c.status == RunStatus.PUBLISHED).order_by(runs.c.effective_from.desc(), runs.c.id.desc())
    return list((await connection.execute(statement)).all())


async def mapped(connection: AsyncConnection, indicator_code: str, period: str | None, per_head: bool) -> tuple[Series, dict[str, float]]:
    """An indicator's figures by region, without the missing ones; with `per_head`, for 1,000 inhabitants."""
    series = await series_of(connection, indicator_code, period, None)
    figures = {code: float(figure.value) for code, figure in series.figures.items() if figure.value is not None}
    if per_head:
        people = (await series_of(connection, POPULATION, None, None)).figures
        heads = {code: float(figure.value) for code, figure in people.items() if figure.value}
        figures = {code: value * 1000 / heads[code] for code, value in figures.items() if code in heads}
    return series, figures
