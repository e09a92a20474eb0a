"""Routes of rankings as files, of the annex to the decree, and of maps."""

import asyncio
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.mapping.prioritisation.domain import PrioritisationRun, RunStatus
from services.mapping.publication import files
from services.mapping.publication.annex import to_pdf
from services.mapping.publication.classes import Classing
from services.mapping.publication.domain import Sheet
from services.mapping.publication.handlers import mapped, places_of, sheet_of
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC, allow
from shared.http.problems import prefers_english
from shared.http.requests import Code, FormatNotAvailable, router
from shared.security.identity import Caller, Role

routes = router("publication")
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GEOJSON = "application/geo+json"
MEDIA_TYPES = {"json": "application/json", "csv": "text/csv", "xlsx": XLSX, "geojson": GEOJSON}
Form = Literal["json", "csv", "xlsx", "geojson"]


class CriterionOut(BaseModel):
    """One criterion of the ranking."""

    model_config = ConfigDict(from_attributes=True)
    code: str = Field(examples=["poverty_rate"])
    name_id: str
    name_en: str
    weight: str = Field(examples=["0.3"])
    direction: str
    dimension: str
    unit: str
    source: str
    period: str


class RankedOut(BaseModel):
    """A candidate; figures follow `criteria`."""

    rank: int = Field(examples=[1])
    region_code: str = Field(examples=["53.04"])
    name: str = Field(examples=["Kabupaten Belu"])
    province_code: str = Field(examples=["53"])
    province_name: str
    latitude: float
    longitude: float
    selected: bool
    score: float = Field(description="0..1")
    poverty_score: float | None
    potential_score: float | None
    values: list[float | None] = Field(description="in the units of the criteria; null where a figure is missing")
    normalised: list[float]
    contributions: list[float] = Field(description="how much of the score each criterion gives")
    distance_to_cut: float | None = Field(description="score less the lowest score of the selection")


class RankingOut(BaseModel):
    """The whole ranking of a run, best first."""

    run_id: UUID
    programme_id: UUID
    status: RunStatus
    model_code: str
    model_version: int
    decree_ref: str | None
    effective_from: date | None
    normalisation: str
    aggregation: str
    area_quota: int
    province_quota: int
    input_hash: str
    result_hash: str
    cut: float | None = Field(description="the lowest score of the selection")
    criteria: list[CriterionOut]
    items: list[RankedOut]
    excluded_region_codes: list[str]


FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "JSON, CSV, XLSX or GeoJSON, by Accept or ?format=",
        "content": {
            "text/csv": {"schema": {"type": "string"}},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
            GEOJSON: {"schema": {"type": "object"}},
        },
    }
}


@routes.get(
    "/prioritisation-runs/{run_id}/ranking",
    operation_id="get_ranking",
    summary="Peringkat lengkap / The whole ranking",
    response_model=RankingOut,
    responses=FILES,
)
async def get_ranking(
    request: Request,
    run_id: UUID,
    caller: Caller | None = allow(Role.PUBLIC),
    form: Annotated[Form | None, Query(alias="format", description="instead of Accept, for links")] = None,
) -> Response:
    """All candidates with names, places, figures and contributions. Public once the run is published."""
    chosen = form or _accepted(request.headers.get("accept", ""))
    sheet, published = await _sheet(request, run_id, caller)
    english = prefers_english(request)
    writers: dict[str, Callable[[Sheet], bytes]] = {
        "json": lambda sheet: _ranking(sheet).model_dump_json().encode(),
        "csv": files.to_csv,
        "xlsx": partial(files.to_xlsx, english=english),
        "geojson": files.to_geojson,
    }
    body = await asyncio.to_thread(writers[chosen], sheet)
    name = None if chosen == "json" else f"peringkat-{sheet.result_hash[:12]}.{chosen}"
    return _file(body, MEDIA_TYPES[chosen], name, published=published)


@routes.get(
    "/prioritisation-runs/{run_id}/decree-annex",
    operation_id="get_decree_annex",
    summary="Lampiran keputusan (PDF) / Annex to the decree (PDF)",
    response_class=Response,
    responses={200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}},
)
async def get_decree_annex(
    request: Request,
    run_id: UUID,
    caller: Caller | None = allow(Role.PUBLIC),
    lang: Annotated[Literal["id", "en"] | None, Query(description="instead of Accept-Language")] = None,
) -> Response:
    """Table, map, method and hashes, to be printed; byte for byte the same each time. Public once the run is published."""
    sheet, published = await _sheet(request, run_id, caller)
    english = lang == "en" if lang else prefers_english(request)
    body = await asyncio.to_thread(to_pdf, sheet, english=english)
    return _file(body, "application/pdf", f"lampiran-{sheet.result_hash[:12]}.pdf", published=published, language="en" if english else "id")


@routes.get(
    "/indicators/{indicator_code}/map",
    operation_id="get_indicator_map",
    summary="Peta suatu indikator (GeoJSON) / Map of an indicator (GeoJSON)",
    response_class=Response,
    responses={200: {"content": {GEOJSON: {"schema": {"type": "object"}}}}},
    dependencies=[PUBLIC],
)
async def get_indicator_map(
    request: Request,
    indicator_code: Code,
    period: Annotated[str | None, Query(pattern=r"^[0-9]{4}(-[0-9]{2}|-S[12]|-Q[1-4])?$", description="the newest unless given")] = None,
    per: Annotated[Literal["region", "1000_inhabitants"], Query(description="as it is, or for 1,000 inhabitants")] = "region",
    classes: Annotated[int, Query(ge=2, le=9)] = 4,
    classing: Annotated[Classing, Query(description="quantile: equally many regions in a class; jenks: natural breaks")] = "quantile",
) -> Response:
    """Regencies and cities as points (centroids), each with its figure and class; regions without a figure are left out."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        series, figures = await mapped(connection, indicator_code, period, per == "1000_inhabitants")
        places = await places_of(connection)
    about = {
        "indicator_code": series.indicator_code,
        "name_id": series.name_id,
        "name_en": series.name_en,
        "unit": series.unit,
        "period": series.period,
        "per": per,
        "source_codes": series.source_codes,
        "without_figure": sorted(places.keys() - figures.keys()),
    }
    body = await asyncio.to_thread(files.map_of, figures, places, classes, classing, about)
    return _file(body, GEOJSON, None, published=True)


async def _sheet(request: Request, run_id: UUID, caller: Caller | None) -> tuple[Sheet, bool]:
    """The sheet, and whether all may see it. A run that the caller may not see is not there."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        published = run.is_public
        if not (published or (caller and caller.role in READERS)):
            raise NotFound
        return await sheet_of(uow.connection, run), published


def _accepted(accept: str) -> str:
    """The form that the header names first; JSON where it names none or anything."""
    named = [part.partition(";")[0].strip() for part in accept.split(",")]
    for media_type in named:
        if media_type in ("", "*/*", "application/*"):
            return "json"
        for form, served in MEDIA_TYPES.items():
            if media_type == served:
                return form
    raise FormatNotAvailable(media_types=list(MEDIA_TYPES.values()))


def _file(body: bytes, media_type: str, name: str | None, *, published: bool, language: str | None = None) -> Response:
    headers = {"Cache-Control": "public, no-cache" if published else "private, no-cache", "Vary": "Accept, Accept-Language, Authorization"}
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if language:
        headers["Content-Language"] = language
    return Response(body, headers=headers, media_type=media_type)


def _ranking(sheet: Sheet) -> RankingOut:
    names = {name: getattr(sheet, name) for name in RankingOut.model_fields if name != "items"}
    return RankingOut(**names | {"criteria": [CriterionOut.model_validate(each) for each in sheet.criteria]}, items=_items(sheet))


def _items(sheet: Sheet) -> list[RankedOut]:
    place_fields = ("name", "province_code", "province_name", "latitude", "longitude")
    own = [name for name in RankedOut.model_fields if name not in (*place_fields, "distance_to_cut")]
    return [
        RankedOut(
            **{name: getattr(row, name) for name in own},
            **{name: getattr(row.place, name) for name in place_fields},
            distance_to_cut=None if sheet.cut is None else round(row.score - sheet.cut, 12),
        )
        for row in sheet.rows
    ]
