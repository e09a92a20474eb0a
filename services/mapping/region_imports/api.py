"""Routes of official lists of districts and villages."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.mapping.region_imports import handlers
from services.mapping.region_imports.domain import Counts, RegionImport, RegionImportStatus
from services.mapping.region_imports.receiving import ListRequest, ListRoute
from services.mapping.region_imports.rows import hint
from services.mapping.region_imports.tables import imports, refused, refused_rows
from services.mapping.regions.domain import FIRST_DAY
from shared.database import Database
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.problems import ProblemDocument
from shared.http.requests import Code, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("regions")
lists = APIRouter(prefix="/v1", tags=["regions"], route_class=ListRoute)
SENDERS = (Role.PROGRAMME_OWNER,)
DECIDERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)
_EXAMPLE = "kode,nama,induk\n11.01.01,Bakongan,11.01\n11.01.01.2001,Keude Bakongan,11.01.01\n"
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "CSV in UTF-8 with the headings code (kode), name (nama) and, if there is one, parent (induk); comma, semicolon or tab",
        "content": {"text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}


class RegionImportOut(Representation[RegionImport]):
    """An official list that was sent (daftar wilayah)."""

    id: UUID
    content_hash: str = Field(description="SHA-256 of the file")
    effective_from: date
    decree_ref: str
    complete: bool
    counts: Counts
    author: str
    decided_by: str | None
    reason_code: str | None
    status: RegionImportStatus


class RefusedRowOut(BaseModel):
    """What is wrong with a row (baris yang ditolak)."""

    row_number: int = Field(description="the headings are row 1", examples=[17])
    column: str = Field(examples=["code"])
    value: str = Field(examples=["11.1"])
    code: str = Field(examples=["code_read_as_number"])
    hint: str = Field(description="what to do, in Indonesian", examples=["Kode terbaca sebagai angka; mungkin 11.10. Atur kolom kode sebagai teks."])
    hint_en: str


class DiscardList(RequestModel):
    """Why it is not taken over."""

    reason_code: Annotated[Code, Field(examples=["wrong_edition"])]


@lists.post(
    "/region-imports",
    operation_id="send_region_list",
    summary="Kirim daftar kecamatan dan desa / Send a list",
    status_code=201,
    response_model=RegionImportOut,
    openapi_extra=_BODY,
    responses={415: {"model": ProblemDocument, "description": "Bukan CSV / no CSV", "content": {"application/problem+json": {}}}},
)
async def send_list(
    request: Request,
    command: Creating,
    effective_from: Annotated[date, Query(ge=FIRST_DAY, description="from when what is new in it is valid", examples=["2025-04-25"])],
    decree_ref: Annotated[
        str,
        Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./()_-]{0,199}$", description="the decree whose list it is", examples=["Kepmendagri 300.2.2-2430/2025"]),
    ],
    complete: Annotated[bool, Query(description="what it leaves out of a regency that it names has ended")] = False,
    caller: Caller = allow(*SENDERS),
) -> Response:
    """Checked at once, row by row and as a whole; nothing changes until another person takes it over."""
    assert isinstance(request, ListRequest)
    lines, content_hash = await request.received()
    sent = handlers.SentList(lines=lines, content_hash=content_hash, effective_from=effective_from, decree_ref=decree_ref, complete=complete)
    database: Database = request.app.state.database
    return await command.create(lambda transaction: handlers.check_list(transaction, database, sent, caller.subject), RegionImportOut, RegionImport)


@routes.get("/region-imports", operation_id="list_region_lists", summary="Daftar yang dikirim / Lists that were sent", dependencies=[allow(*READERS)])
async def list_imports(request: Request, page: Paging, status: RegionImportStatus | None = None) -> Page[RegionImportOut]:
    """In the order in which they were sent."""
    statement = imports.select() if status is None else imports.select().where(imports.c.status == status)
    return await page.listing(request, statement, RegionImportOut, by=[imports.c.id])


@routes.get(
    "/region-imports/{import_id}",
    operation_id="get_region_list",
    summary="Baca daftar yang dikirim / Read a list",
    response_model=RegionImportOut,
    dependencies=[allow(*READERS)],
)
async def get_import(request: Request, import_id: UUID) -> Response:
    """What it holds and what taking it over does."""
    return await resource(request, RegionImport, import_id, RegionImportOut)


@routes.get(
    "/region-imports/{import_id}/refused-rows",
    operation_id="list_refused_rows",
    summary="Baris yang ditolak / Refused rows",
    dependencies=[allow(*READERS)],
)
async def list_refused_rows(request: Request, import_id: UUID, page: Paging) -> Page[RefusedRowOut]:
    """Row, column, value, code and what to do, in the order of the file; of a list with very many, the first 20,000."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        await uow.get(RegionImport, import_id)
        by = [refused.c.row_number, refused.c.column_name, refused.c.code]
        rows, cursor = await page.of(uow.connection, refused_rows(import_id), by=by)
    return Page(items=[_refused(row) for row in rows], next_cursor=cursor)


def _refused(row: Any) -> RefusedRowOut:
    sentences = {"hint": hint(row.code, row.facts), "hint_en": hint(row.code, row.facts, english=True)}
    return RefusedRowOut(row_number=row.row_number, column=row.column_name, value=row.value, code=row.code, **sentences)


@routes.post("/region-imports/{import_id}/commit", operation_id="commit_region_list", summary="Sahkan daftar / Take over", response_model=RegionImportOut)
async def commit_list(import_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """By another person than who sent it (prinsip empat mata), and only without refused rows: whole or not at all."""
    return await command.change(import_id, lambda transaction: handlers.commit_list(transaction, import_id, caller.subject), RegionImportOut, RegionImport)


@routes.post("/region-imports/{import_id}/discard", operation_id="discard_region_list", summary="Buang daftar / Discard", response_model=RegionImportOut)
async def discard_list(import_id: UUID, body: DiscardList, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """With a reason; who sent it may."""
    return await command.change(
        import_id, lambda transaction: handlers.discard_list(transaction, import_id, caller.subject, body.reason_code), RegionImportOut, RegionImport
    )
