"""Routes of indicators; aggregates by regency are public facts."""

from decimal import Decimal
from typing import Annotated

from fastapi import Path, Query, Request
from pydantic import BaseModel, Field

from services.mapping.indicators.domain import DERIVATIONS
from services.mapping.indicators.handlers import periods_of, series_of
from services.mapping.indicators.tables import indicators, sources
from shared.database import Database
from shared.http.access import PUBLIC
from shared.http.pages import Page, Paging
from shared.http.requests import Code, ProvinceCode, router

routes = router("indicators")
Period = Annotated[str, Query(pattern=r"^[0-9]{4}(-[0-9]{2}|-S[12]|-Q[1-4])?$", examples=["2021-03"])]


class IndicatorOut(BaseModel):
    """What an indicator measures."""

    indicator_code: str = Field(examples=["poverty_rate"])
    name_id: str = Field(examples=["Persentase Penduduk Miskin (P0)"])
    name_en: str = Field(examples=["Poverty rate"])
    unit: str = Field(examples=["percent"])
    decimals: int = Field(examples=[2])
    kind: str = Field(description="poverty, potential or context", examples=["poverty"])
    derived: bool = Field(description="computed here from published figures, not published itself")
    description: str
    periods: list[str] = Field(description="oldest first", examples=[["2021-03"]])


class Indicators(BaseModel):
    """All indicators."""

    items: list[IndicatorOut]


class ValueOut(BaseModel):
    """A figure of one regency or city."""

    region_code: str = Field(description="Kemendagri code", examples=["11.10"])
    value: Decimal | None = Field(description="exactly as published; null where it is missing, never 0", examples=["13.25"])
    missing_reason: str | None


class IndicatorValues(BaseModel):
    """The figures of one indicator for one period."""

    indicator_code: str = Field(examples=["number_of_poor"])
    name_id: str
    name_en: str
    unit: str = Field(examples=["persons"])
    kind: str = Field(examples=["poverty"])
    derived: bool
    period: str = Field(examples=["2021-03"])
    population_period: str | None = Field(description="for derived figures: which population they were computed with", examples=["2017"])
    source_codes: list[str] = Field(description="see GET /v1/sources", examples=[["bps-p0-2021", "bps-population-2017"]])
    items: list[ValueOut]


class SourceOut(BaseModel):
    """Where figures, codes and places come from."""

    source_code: str = Field(examples=["bps-p0-2021"])
    publisher: str = Field(examples=["BPS"])
    title: str
    year: int = Field(examples=[2021])
    licence_note: str
    retrieved_via: str
    nature: str = Field(description="published or derived", examples=["published"])
    covers: str


@routes.get("/indicators", operation_id="list_indicators", summary="Daftar indikator / List indicators", dependencies=[PUBLIC])
async def list_indicators(request: Request) -> Indicators:
    """With the periods for which there are figures."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows = (await connection.execute(indicators.select().order_by(indicators.c.indicator_code))).all()
        available = await periods_of(connection)
    return Indicators(
        items=[IndicatorOut(**{**row._mapping, "derived": row.indicator_code in DERIVATIONS, "periods": available.get(row.indicator_code, [])}) for row in rows]
    )


@routes.get(
    "/indicators/{indicator_code}/values", operation_id="get_indicator_values", summary="Nilai indikator / Values of an indicator", dependencies=[PUBLIC]
)
async def get_indicator_values(
    request: Request,
    indicator_code: Annotated[Code, Path(examples=["poverty_rate"])],
    period: Annotated[Period | None, Query(description="the newest unless given")] = None,
    population_period: Annotated[Period | None, Query(description="for derived figures; the newest unless given")] = None,
    province_code: Annotated[ProvinceCode | None, Query(description="only this province")] = None,
) -> IndicatorValues:
    """Of every regency and city, by Kemendagri code; derived figures say with which population they were computed."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        series = await series_of(connection, indicator_code, period, population_period)
    items = [
        ValueOut(region_code=code, value=figure.value, missing_reason=figure.missing_reason)
        for code, figure in series.figures.items()
        if province_code is None or code.startswith(f"{province_code}.")
    ]
    return IndicatorValues(items=items, **{name: getattr(series, name) for name in IndicatorValues.model_fields if name != "items"})


@routes.get("/sources", operation_id="list_sources", summary="Daftar sumber data / List sources", dependencies=[PUBLIC])
async def list_sources(request: Request, page: Paging) -> Page[SourceOut]:
    """Publisher, title, year and licence of every figure, code and place."""
    return await page.listing(request, sources.select(), SourceOut, by=[sources.c.source_code])
