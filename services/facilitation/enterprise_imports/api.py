"""Routes of files of enterprises: template, sending, progress, refused rows; and the register as a file."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, computed_field
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.facilitation.enterprise_imports.rows import COLUMNS, EXAMPLE, advice
from services.facilitation.enterprise_imports.tables import enterprise_imports, refused_rows
from services.facilitation.enterprise_imports.worker import Worker
from services.facilitation.enterprises.tables import enterprises
from services.facilitation.scope import under, within
from shared.clock import new_id, now
from shared.database import Database
from shared.errors import Conflict, NotFound, Refused
from shared.files.receiving import CSV, XLSX, FileRequest, FileRoute
from shared.http.access import PUBLIC, allow
from shared.http.pages import Page, Paging
from shared.http.requests import RegionPrefix, router
from shared.security.identity import Caller, Role

routes = router("enterprise imports")
files = APIRouter(prefix="/v1", tags=["enterprise imports"], route_class=FileRoute)
SENDERS = (Role.REGENCY, Role.PROVINCE)
READERS = (*SENDERS, Role.PROGRAMME_OWNER, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)
KINDS: dict[str, Literal["csv", "xlsx"]] = {CSV: "csv", XLSX: "xlsx"}
SILENT = timedelta(minutes=2)
"""A file whose reader was not seen for so long is read by nobody; sent again it goes on."""
State = Literal["running", "done", "failed", "interrupted"]
_EXPORTED = (
    "id", "name", "owner_name", "owner_nik_masked", "owner_sex", "region_code", "kbli_section", "kbli_code", "scale_code", "capital_idr", "annual_sales_idr",
    "nib", "status", "registered_on", "ladder_step",
)  # fmt: skip
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "headings as in the template",
        "content": {
            CSV: {"schema": {"type": "string"}, "example": ",".join(COLUMNS.values()) + "\n"},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class ImportRunning(Conflict):
    """The file is being read."""

    code = "import_running"
    message = ("Berkas ini sedang dibaca.", "This file is being read.")
    action = ("Lihat kemajuannya: GET /v1/enterprise-imports/{import_id}.", "See its progress: GET /v1/enterprise-imports/{import_id}.")


class RegionsMissing(Refused):
    """Rows must lie in the sender's regions, and the token names none."""

    code = "regions_missing"
    message = ("Token tidak menyebut wilayah.", "The token names no regions.")
    action = ("Minta token dengan wilayah kewenangan.", "Ask for a token with regions.")


class EnterpriseImportOut(BaseModel):
    """A file of enterprises (impor usaha). Each batch is in the register as soon as `rows_read` has passed it; an interrupted file, sent again, goes on."""

    id: UUID
    content_hash: str = Field(description="SHA-256 of the file")
    kind: Literal["csv", "xlsx"]
    sent_by: str
    state: State
    rows_read: int = Field(description="number of the last row read; the headings are row 1")
    registered: int
    refused: int
    candidates: int = Field(description="pairs that look alike, about which two people are asked")
    reason_code: str | None = Field(description="why it failed")
    started_at: datetime


class RefusedEnterpriseOut(BaseModel):
    """What is wrong with a row (baris yang ditolak); never what it holds."""

    row_number: int = Field(description="the headings are row 1", examples=[17])
    column: str = Field(examples=["nik"])
    code: str = Field(examples=["nik_serial_zero"])

    @computed_field  # type: ignore[prop-decorator]
    @property
    def advice(self) -> tuple[str, str]:
        """What to do, in Indonesian and in English."""
        return advice(self.code)


@routes.get(
    "/enterprise-imports/template",
    operation_id="get_enterprise_template",
    summary="Templat impor usaha / Template for enterprises",
    response_class=Response,
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}},
    dependencies=[PUBLIC],
)
async def template() -> Response:
    """Headings and one row as an example."""
    out = io.StringIO()
    csv.writer(out).writerows([list(COLUMNS.values()), [EXAMPLE[field] for field in COLUMNS]])
    headers = {"Content-Disposition": 'attachment; filename="usaha.csv"'}
    return Response(out.getvalue().encode("utf-8-sig"), media_type="text/csv; charset=utf-8", headers=headers)


@files.post(
    "/enterprise-imports",
    operation_id="import_enterprises",
    summary="Impor usaha / Import enterprises",
    status_code=202,
    openapi_extra=_BODY,
    responses={415: {"description": "Jenis berkas tidak dibaca / this kind of file is not read"}},
)
async def import_enterprises(request: Request, response: Response, caller: Annotated[Caller, allow(*SENDERS)]) -> EnterpriseImportOut:
    """CSV, or XLSX up to 200,000 rows; read in the background. Good rows enter the register, refused ones are listed with what to do.

    The same file sent again by the same person goes on where it was interrupted; one that was read to its end is not read again.
    """
    if not caller.regions:
        raise RegionsMissing
    assert isinstance(request, FileRequest)
    kind, content_hash = await request.received(KINDS)
    database: Database = request.app.state.database
    i = enterprise_imports.c
    fresh = {"id": new_id(), "content_hash": content_hash, "kind": kind, "sent_by": caller.subject, "regions": list(caller.regions), "state": "running"}
    fresh |= {"rows_read": 0, "registered": 0, "refused": 0, "candidates": 0, "started_at": now(), "beat": now()}
    async with database.engine.begin() as connection:
        known = (
            await connection.execute(select(enterprise_imports).where(i.content_hash == content_hash, i.sent_by == caller.subject).with_for_update())
        ).one_or_none()
        if known is None:
            row = (await connection.execute(insert(enterprise_imports).values(fresh).on_conflict_do_nothing().returning(enterprise_imports))).one_or_none()
            if row is None:  # sent twice at once
                raise ImportRunning(import_id="")
        elif _state(known) == "running":
            raise ImportRunning(import_id=str(known.id))
        elif known.state == "done":
            row = known
        else:
            going_on = update(enterprise_imports).where(i.id == known.id).values(state="running", reason_code=None, regions=list(caller.regions), beat=now())
            row = (await connection.execute(going_on.returning(enterprise_imports))).one()
    if row.state == "running":
        worker: Worker = request.app.state.enterprise_imports
        worker.put(row.id, request.taken())
    response.headers["Location"] = f"{request.url.path.rstrip('/')}/{row.id}"
    return _shown(row)


@routes.get("/enterprise-imports/{import_id}", operation_id="get_enterprise_import", summary="Kemajuan impor / An import's progress")
async def get_import(request: Request, response: Response, import_id: UUID, caller: Annotated[Caller, allow(*SENDERS)]) -> EnterpriseImportOut:
    """To whoever sent it."""
    response.headers["Cache-Control"] = "no-store"
    return _shown(await _found(request, import_id, caller))


@routes.get(
    "/enterprise-imports/{import_id}/refused-rows",
    operation_id="list_refused_enterprises",
    summary="Baris yang ditolak / Refused rows",
    response_model=Page[RefusedEnterpriseOut],
)
async def list_refused(request: Request, page: Paging, import_id: UUID, caller: Caller = allow(*SENDERS)) -> Any:
    """In the order of the file, each with what to do; mend them and send them as a file of their own."""
    await _found(request, import_id, caller)
    r = refused_rows.c
    statement = select(r.row_number, r.column_name.label("column"), r.code).where(r.import_id == import_id)
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows, cursor = await page.of(connection, statement, by=[r.row_number])
    return Page(items=[RefusedEnterpriseOut(**row._mapping) for row in rows], next_cursor=cursor)


@routes.get(
    "/enterprises/export.csv",
    operation_id="export_enterprises",
    summary="Unduh daftar usaha / The register as a file",
    response_class=Response,
    responses={200: {"content": {CSV: {"schema": {"type": "string"}}}}},
)
async def export(request: Request, region_code: RegionPrefix, caller: Caller = allow(*READERS)) -> Response:
    """Of a province or regency/city within the caller's regions, as CSV; NIKs are masked, and nothing in it is a formula."""
    statement = select(*(enterprises.c[name] for name in _EXPORTED)).where(
        within(enterprises.c.region_code, caller), under(enterprises.c.region_code, region_code)
    )
    headers = {"Content-Disposition": f'attachment; filename="usaha-{region_code}.csv"', "Cache-Control": "no-store"}
    lines = _lines(request.app.state.database, statement.order_by(enterprises.c.id))
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


async def _lines(database: Database, statement: Any) -> AsyncIterator[bytes]:
    yield ("\ufeff" + _line(_EXPORTED)).encode()
    async with database.engine.connect() as connection:
        async with connection.stream(statement) as rows:
            async for part in rows.partitions(1000):
                yield "".join(_line(tuple(map(_cell, row))) for row in part).encode()


def _line(cells: tuple[str, ...]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _cell(value: Any) -> str:
    """What a spreadsheet would take for a formula is made text."""
    written = "" if value is None else str(value)
    return f"'{written}" if written[:1] in ("=", "+", "-", "@", "\t", "\r", "＝") else written


async def _found(request: Request, import_id: UUID, caller: Caller) -> Any:
    database: Database = request.app.state.database
    i = enterprise_imports.c
    async with database.reading() as connection:
        row = (await connection.execute(select(enterprise_imports).where(i.id == import_id, i.sent_by == caller.subject))).one_or_none()
    if row is None:
        raise NotFound
    return row


def _state(row: Any) -> str:
    return "interrupted" if row.state == "running" and row.beat < now() - SILENT else str(row.state)


def _shown(row: Any) -> EnterpriseImportOut:
    return EnterpriseImportOut(**{name: row._mapping[name] for name in EnterpriseImportOut.model_fields if name != "state"}, state=_state(row))
