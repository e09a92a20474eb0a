"""Routes of lenders' files."""

from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, false, true

from services.facilitation.lender_files import handlers
from services.facilitation.lender_files.domain import LenderFile, Outcome
from services.facilitation.lender_files.receiving import XLSX, FileRequest, FileRoute
from services.facilitation.lender_files.tables import lender_file_rows, lender_files
from shared.clock import today
from shared.database import Database
from shared.errors import Forbidden, NotFound
from shared.http.access import allow
from shared.http.commands import Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.problems import ProblemDocument
from shared.http.requests import router
from shared.security.identity import Caller, Role

routes = router("lender-files")
files = APIRouter(prefix="/v1", tags=["lender-files"], route_class=FileRoute)
READERS = (Role.LENDER, Role.PROGRAMME_OWNER, Role.COORDINATOR, Role.AUDITOR)
_EXAMPLE = "nomor_akad,nomor_transaksi,jenis,jumlah,tanggal,sisa_pokok\nAKAD-2024/0117,TRX-1,pencairan,9000000,2024-07-01,9000000\n"
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": (
            "headings nomor_akad, nomor_transaksi, jenis (pencairan or angsuran), jumlah, tanggal (YYYY-MM-DD), and if there are any pokok, sisa_pokok,"
            " tutup_sisa; amounts are whole rupiah without separators"
        ),
        "content": {"text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE}, XLSX: {"schema": {"type": "string", "format": "binary"}}},
    }
}
FILE_RESPONSES: dict[int | str, dict[str, Any]] = {
    415: {"model": ProblemDocument, "description": "Jenis berkas tidak dibaca / not read", "content": {"application/problem+json": {}}}
}


class NoInstitution(Forbidden):
    """A lender's token names the lender."""

    code = "no_institution"
    message = ("Token ini tidak menyebut lembaga penyalur.", "The token names no institution.")
    action = ("Gunakan token lembaga penyalur.", "Use a token of a lender.")


class LenderFileOut(Representation[LenderFile]):
    """A file that was reconciled (berkas penyalur)."""

    id: UUID = Field(description="batch_id")
    lender_institution_id: UUID
    content_hash: str = Field(description="SHA-256 of the file")
    received_on: date
    counts: dict[str, int] = Field(description="rows by outcome", examples=[{"matched": 40, "unmatched": 1, "over": 1}])
    booked_idr: int
    difference_idr: int = Field(description="what rows hold that no loan could take")


class RowOut(BaseModel):
    """What became of a row (hasil baris)."""

    row_number: int = Field(description="the headings are row 1")
    outcome: Outcome
    code: str | None = Field(examples=["unknown_lender_reference"])
    loan_id: UUID | None
    amount_idr: int
    difference_idr: int = Field(description="the lender's balance less ours, after the row")


@files.post(
    "/lender-files",
    operation_id="send_lender_file",
    summary="Kirim berkas penyalur / Send a lender's file",
    status_code=201,
    response_model=LenderFileOut,
    openapi_extra=_BODY,
    responses=FILE_RESPONSES,
)
async def send_file(request: Request, command: Creating, caller: Caller = allow(Role.LENDER)) -> Response:
    """Each row is booked whole on the one loan that it names, or reported; all that is booked is booked together."""
    assert isinstance(request, FileRequest)
    institution = caller.institution_id
    if institution is None:
        raise NoInstitution(allowed_roles=[Role.LENDER.value])
    kind, content, content_hash = await request.received()
    return await command.create(
        lambda transaction: handlers.reconcile_file(
            transaction, institution, caller.subject, kind=kind, content=content, content_hash=content_hash, today=today()
        ),
        LenderFileOut,
        LenderFile,
    )


def _visible(caller: Caller) -> ColumnElement[bool]:
    if caller.role is not Role.LENDER:
        return true()
    return lender_files.c.lender_institution_id == caller.institution_id if caller.institution_id else false()


def _may_see(caller: Caller, file: LenderFile) -> bool:
    return caller.role is not Role.LENDER or caller.acts_for(file.lender_institution_id)


@routes.get("/lender-files", operation_id="list_lender_files", summary="Berkas penyalur / Lenders' files")
async def list_files(request: Request, page: Paging, caller: Caller = allow(*READERS)) -> Page[LenderFileOut]:
    """In the order in which they were sent; a lender sees its own."""
    return await page.listing(request, lender_files.select().where(_visible(caller)), LenderFileOut, by=[lender_files.c.id])


@routes.get("/lender-files/{batch_id}", operation_id="get_lender_file", summary="Baca hasil berkas / Read a file's result", response_model=LenderFileOut)
async def get_file(request: Request, batch_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """Rows by outcome, and what could not be booked."""
    return await resource(request, LenderFile, batch_id, LenderFileOut, visible=lambda found: _may_see(caller, found))


@routes.get("/lender-files/{batch_id}/rows", operation_id="list_lender_file_rows", summary="Hasil per baris / Result by row")
async def list_rows(request: Request, batch_id: UUID, page: Paging, outcome: Outcome | None = None, caller: Caller = allow(*READERS)) -> Page[RowOut]:
    """In the order of the file."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        if not _may_see(caller, await uow.get(LenderFile, batch_id)):
            raise NotFound
    c = lender_file_rows.c
    statement = lender_file_rows.select().where(c.batch_id == batch_id)
    if outcome:
        statement = statement.where(c.outcome == outcome)
    return await page.listing(request, statement, RowOut, by=[c.row_number])
