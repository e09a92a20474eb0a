"""Routes of points of regions."""

from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.mapping.region_points import handlers
from services.mapping.region_points.domain import PointCounts, RegionPoints, RegionPointsStatus
from services.mapping.region_points.rows import hint
from services.mapping.region_points.tables import points, refused, refused_rows
from shared.database import Database
from shared.files.receiving import XLSX, FileRequest, FileRoute
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.problems import ProblemDocument
from shared.http.requests import Code, Name, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("regions")
files = APIRouter(prefix="/v1", tags=["regions"], route_class=FileRoute)
SENDERS = (Role.PROGRAMME_OWNER,)
DECIDERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)
GEOJSON = "application/geo+json"
FORMS = {"text/csv": "csv", XLSX: "xlsx", GEOJSON: "geojson"}
_FEATURE = {"type": "Feature", "properties": {"region_code": "11.01"}, "geometry": {"type": "Point", "coordinates": [97.43, 3.16]}}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "a FeatureCollection of points with properties.region_code (Kemendagri), or the columns kode, lintang, bujur; degrees of WGS 84",
        "content": {
            GEOJSON: {"schema": {"type": "object"}, "example": {"type": "FeatureCollection", "features": [_FEATURE]}},
            "text/csv": {"schema": {"type": "string"}, "example": "kode,lintang,bujur\n11.01,3.16,97.43\n"},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class RegionPointsOut(Representation[RegionPoints]):
    """A file of points (berkas titik wilayah)."""

    id: UUID
    content_hash: str = Field(description="SHA-256 of the file")
    source: str
    counts: PointCounts
    author: str
    decided_by: str | None
    reason_code: str | None
    status: RegionPointsStatus


class RefusedPointOut(BaseModel):
    """What is wrong with a row; in GeoJSON the first feature is row 1, elsewhere the headings are."""

    row_number: int
    value: str = Field(description="code, latitude, longitude as sent")
    code: str = Field(examples=["coordinate_missing"])
    hint: str
    hint_en: str


class DiscardPoints(RequestModel):
    """Why it is not taken over."""

    reason_code: Annotated[Code, Field(examples=["wrong_edition"])]


@files.post(
    "/region-points",
    operation_id="send_region_points",
    summary="Kirim titik wilayah / Send points of regions",
    status_code=201,
    response_model=RegionPointsOut,
    openapi_extra=_BODY,
    responses={415: {"model": ProblemDocument, "description": "Jenis berkas tidak dibaca / not read", "content": {"application/problem+json": {}}}},
)
async def send_points(
    request: Request, command: Creating, source: Annotated[Name, Query(description="who surveyed or computed them")], caller: Caller = allow(*SENDERS)
) -> Response:
    """Checked at once; nothing moves until another person takes it over."""
    assert isinstance(request, FileRequest)
    form, content_hash = await request.received(FORMS)
    assert request.file is not None
    file = request.file
    return await command.create(
        lambda transaction: handlers.check_points(transaction, file, cast(handlers.Form, form), content_hash, source, caller.subject),
        RegionPointsOut,
        RegionPoints,
    )


@routes.get("/region-points", operation_id="list_region_points", summary="Berkas titik / Files of points", dependencies=[allow(*READERS)])
async def list_points(request: Request, page: Paging) -> Page[RegionPointsOut]:
    """In the order in which they were sent."""
    return await page.listing(request, points.select(), RegionPointsOut, by=[points.c.id])


@routes.get(
    "/region-points/{import_id}",
    operation_id="get_region_points",
    summary="Baca berkas titik / Read a file of points",
    response_model=RegionPointsOut,
    dependencies=[allow(*READERS)],
)
async def get_points(request: Request, import_id: UUID) -> Response:
    """What it holds and what taking it over does."""
    return await resource(request, RegionPoints, import_id, RegionPointsOut)


@routes.get(
    "/region-points/{import_id}/refused-rows", operation_id="list_refused_points", summary="Titik yang ditolak / Refused points", dependencies=[allow(*READERS)]
)
async def list_refused(request: Request, import_id: UUID, page: Paging) -> Page[RefusedPointOut]:
    """What is wrong and what to do, in the order of the file."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        await uow.get(RegionPoints, import_id)
        rows, cursor = await page.of(uow.connection, refused_rows(import_id), by=[refused.c.row_number])
    said = [(row, {"hint": hint(row.code, row.facts), "hint_en": hint(row.code, row.facts, english=True)}) for row in rows]
    items = [RefusedPointOut(row_number=row.row_number, value=row.value, code=row.code, **words) for row, words in said]
    return Page(items=items, next_cursor=cursor)


@routes.post("/region-points/{import_id}/commit", operation_id="commit_region_points", summary="Sahkan titik / Take over", response_model=RegionPointsOut)
async def commit_points(import_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """By another person than who sent it (prinsip empat mata), whole or not at all."""
    return await command.change(import_id, lambda transaction: handlers.commit_points(transaction, import_id, caller.subject), RegionPointsOut, RegionPoints)


@routes.post("/region-points/{import_id}/discard", operation_id="discard_region_points", summary="Buang titik / Discard", response_model=RegionPointsOut)
async def discard_points(import_id: UUID, body: DiscardPoints, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """With a reason; who sent it may."""
    return await command.change(
        import_id, lambda transaction: handlers.discard_points(transaction, import_id, caller.subject, body.reason_code), RegionPointsOut, RegionPoints
    )
