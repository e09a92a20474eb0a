"""Routes of the overview: public aggregates, never anything about a person or an enterprise."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from services.monitoring.overview import queries
from services.monitoring.overview.reconciliation import Reconciler, Reconciliation
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC
from shared.http.requests import ProvinceCode, router

routes = router("overview")

SAME_MOMENT_SECONDS = 2.0
"""Requests for a comparison within this time share one, so that nobody can multiply requests to the other services."""


class Figures(BaseModel):
    """Sums; rupiah are whole."""

    commitments: int
    pledged_idr: int
    verified_idr: int = Field(description="of what was pledged, confirmed by another institution")
    fulfilled: int = Field(description="commitments confirmed as fulfilled")
    active_groups: int
    applications: int = Field(description="ever submitted")
    requested_idr: int
    grants: int
    granted_idr: int
    declined: int = Field(description="by the lender")
    enterprises: int = Field(description="registered in the region, whatever the programme")
    groups: int = Field(description="formed in the region, whatever the programme")
    members: int = Field(description="present members of groups in the region, whatever the programme")


class Location(Figures):
    """A priority location of a programme (lokasi prioritas)."""

    programme_id: UUID
    region_code: str = Field(examples=["53.04"])
    name: str = Field(examples=["Kabupaten Timor Tengah Selatan"])
    province_code: str = Field(examples=["53"])
    province_name: str = Field(examples=["Nusa Tenggara Timur"])
    latitude: float | None = Field(description="of a point for labels; null until the region is registered")
    longitude: float | None
    rank: int = Field(description="from 1, over all candidates")
    score: Decimal = Field(description="0 to 1, six decimals")


class Source(BaseModel):
    """How far one publisher's events are in the view."""

    source: str = Field(examples=["/entaskan/facilitation"])
    newest_event_at: datetime
    events: int


class Freshness(BaseModel):
    """How current an answer is. The view follows the services by events, usually within a second."""

    as_of: datetime | None = Field(description="time of the newest event in the view; null in an empty one")
    sources: list[Source]


class Locations(Freshness):
    """Priority locations by programme and rank."""

    items: list[Location]


class Province(Figures):
    """The priority locations of one province, summed."""

    province_code: str
    province_name: str
    locations: int


class Provinces(Freshness):
    """Provinces by code."""

    items: list[Province]


class Programme(BaseModel):
    """A programme in force."""

    programme_id: UUID
    programme_code: str = Field(examples=["PKE-2024"])
    area_quota: int
    province_quota: int
    valid_from: date
    valid_to: date
    legal_basis_ref: str


class Programmes(Freshness):
    """The newest first."""

    items: list[Programme]


class Funnel(BaseModel):
    """How many locations reached each stage."""

    prioritised: int
    committed: int = Field(description="with a commitment")
    grouped: int = Field(description="with an active group")
    applied: int = Field(description="with a submitted application")
    granted: int = Field(description="with a grant")


class ProgrammeOverview(Freshness):
    """A programme, its quota, and the sums over all its locations."""

    programme: Programme
    locations: int
    provinces: int
    totals: Figures
    funnel: Funnel


@routes.get("/locations", operation_id="list_overview_locations", summary="Capaian per lokasi / Figures by location", dependencies=[PUBLIC])
async def locations(request: Request, response: Response, programme_id: UUID | None = None, province_code: ProvinceCode | None = None) -> Locations:
    """All of them, without pages: a programme has tens of locations."""
    async with _database(request).reading() as connection:
        freshness = _freshness(await queries.sources(connection), response)
        rows = await queries.location_rows(connection, programme_id, province_code)
    return Locations(items=[Location(**row) for row in rows], **freshness)


@routes.get("/provinces", operation_id="list_overview_provinces", summary="Capaian per provinsi / Figures by province", dependencies=[PUBLIC])
async def provinces(request: Request, response: Response, programme_id: UUID | None = None) -> Provinces:
    """Sums over the priority locations of each province."""
    async with _database(request).reading() as connection:
        freshness = _freshness(await queries.sources(connection), response)
        rows = await queries.location_rows(connection, programme_id)
    return Provinces(items=[Province(**row) for row in queries.by_province(rows)], **freshness)


@routes.get("/programmes", operation_id="list_overview_programmes", summary="Daftar program / List programmes", dependencies=[PUBLIC])
async def programmes(request: Request, response: Response) -> Programmes:
    """Those that were activated."""
    async with _database(request).reading() as connection:
        freshness = _freshness(await queries.sources(connection), response)
        rows = await queries.programme_rows(connection)
    return Programmes(items=[Programme(**row) for row in rows], **freshness)


@routes.get("/programmes/{programme_id}", operation_id="get_overview_programme", summary="Capaian program / A programme's figures", dependencies=[PUBLIC])
async def programme(request: Request, response: Response, programme_id: UUID) -> ProgrammeOverview:
    """Quota, totals over all its priority locations, and the funnel."""
    async with _database(request).reading() as connection:
        freshness = _freshness(await queries.sources(connection), response)
        found = await queries.programme_rows(connection, programme_id)
        rows = await queries.location_rows(connection, programme_id)
    if not found:
        raise NotFound
    return ProgrammeOverview(
        programme=Programme(**found[0]),
        locations=len(rows),
        provinces=len({row["province_code"] for row in rows}),
        totals=Figures(**queries.totals(rows)),
        funnel=Funnel(**queries.funnel(rows)),
        **freshness,
    )


@routes.get("/reconciliation", operation_id="reconcile", summary="Rekonsiliasi / Reconciliation", dependencies=[PUBLIC])
async def reconcile(request: Request, response: Response, programme_id: Annotated[UUID, Query()]) -> Reconciliation:
    """Compares the view, per region and in total, with what the services sum up themselves; 503 when one of them does not answer."""
    async with _database(request).reading() as connection:
        if not await queries.programme_rows(connection, programme_id):
            raise NotFound
    reconciler: Reconciler = request.app.state.reconciler
    response.headers["Cache-Control"] = "no-store"
    return await reconciler.compare(programme_id, max_age=SAME_MOMENT_SECONDS)


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _freshness(sources: list[queries.Source], response: Response) -> dict[str, Any]:
    response.headers["Cache-Control"] = "no-cache"
    return {
        "as_of": queries.newest(sources),
        "sources": [Source(source=found.source, newest_event_at=found.newest_event_at, events=found.events) for found in sources],
    }
