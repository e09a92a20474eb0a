"""Routes of figures from several sources, and of a region's figures over time."""

import itertools
from decimal import Decimal
from typing import Annotated

from fastapi import Path, Query, Request
from pydantic import BaseModel, Field

from services.mapping.figure_imports.errors import SeriesBroken
from services.mapping.indicators.domain import PeriodUnavailable
from services.mapping.indicators.handlers import periods_of
from services.mapping.indicators.tables import by_source, over_time
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC
from shared.http.requests import Code, RegionCode, router

routes = router("indicators")
Indicator = Annotated[Code, Path(examples=["poverty_rate"])]


class SourcedValue(BaseModel):
    """What one source says of a region."""

    source_code: str = Field(description="see GET /v1/sources", examples=["bps-p0-2021"])
    value: Decimal | None = Field(examples=["13.18"])
    missing_reason: str | None
    method: str | None = Field(description="by which it was made; null where the source has one method only")
    margin: Decimal | None = Field(description="in the unit of the value")
    difference: Decimal | None = Field(description="from the preferred source")
    relative_difference: float | None = Field(description="the same as a share of the preferred source's value")


class ComparedRegion(BaseModel):
    """A region with every source's value, the preferred source first."""

    region_code: str
    values: list[SourcedValue]


class SourcesOfIndicator(BaseModel):
    """An indicator by source, side by side."""

    indicator_code: str
    period: str
    preferred_source_code: str = Field(description="the one that rankings use: lowest preference, then most regions")
    items: list[ComparedRegion] = Field(description="regions with more than one source, or all of them with every=true")


class PointInTime(BaseModel):
    """A region's figure of one period."""

    period: str
    value: Decimal | None
    missing_reason: str | None
    source_code: str
    method: str | None
    margin: Decimal | None
    breaks: bool = Field(description="made by another method than the one before: not to be compared with it")


class OverTime(BaseModel):
    """A region's figures over time."""

    indicator_code: str
    region_code: str
    break_periods: list[str]
    items: list[PointInTime]


@routes.get("/indicators/{indicator_code}/sources", operation_id="compare_sources", summary="Angka menurut sumber / Figures by source", dependencies=[PUBLIC])
async def compare_sources(
    request: Request,
    indicator_code: Indicator,
    period: Annotated[str | None, Query(pattern=r"^[0-9]{4}(-[0-9]{2}|-S[12]|-Q[1-4])?$", description="the newest unless given")] = None,
    every: Annotated[bool, Query(description="regions with one source too")] = False,
) -> SourcesOfIndicator:
    """Every source's value for each region, with the difference from the preferred one."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        available = (await periods_of(connection)).get(indicator_code, [])
        if not available or (period and period not in available):
            raise PeriodUnavailable(available_periods=available)
        chosen = period or available[-1]
        rows = (await connection.execute(by_source(indicator_code, chosen))).all()
    if not rows:
        raise PeriodUnavailable(available_periods=available)
    regions: dict[str, list[SourcedValue]] = {}
    for row in rows:
        values = regions.setdefault(row.region_code, [])
        first = values[0].value if values else None
        difference = None if first is None or row.value is None else row.value - first
        values.append(
            SourcedValue(
                source_code=row.source_code, value=row.value, missing_reason=row.missing_reason, method=row.method, margin=row.margin,
                difference=difference, relative_difference=float(difference / first) if difference is not None and first else None,
            )
        )  # fmt: skip
    items = [ComparedRegion(region_code=code, values=values) for code, values in regions.items() if every or len(values) > 1]
    return SourcesOfIndicator(indicator_code=indicator_code, period=chosen, preferred_source_code=rows[0].source_code, items=items)


@routes.get("/indicators/{indicator_code}/series", operation_id="get_series", summary="Angka menurut waktu / Figures over time", dependencies=[PUBLIC])
async def get_series(
    request: Request,
    indicator_code: Indicator,
    region_code: RegionCode,
    across_breaks: Annotated[bool, Query(description="also where the method changes, such as a new poverty line")] = False,
) -> OverTime:
    """Of each period the preferred source's figure. Where the method changes a series ends: it is refused unless asked for."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows = (await connection.execute(over_time(indicator_code, region_code))).all()
    if not rows:
        raise NotFound
    breaks = [row.period for before, row in itertools.pairwise(rows) if row.method != before.method]
    if breaks and not across_breaks:
        raise SeriesBroken(break_periods=breaks)
    items = [PointInTime(**row._mapping, breaks=row.period in breaks) for row in rows]
    return OverTime(indicator_code=indicator_code, region_code=region_code, break_periods=breaks, items=items)
