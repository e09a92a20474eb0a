"""Routes of the exchange with SIKP (Sistem Informasi Kredit Program)."""

import csv
import io
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, false

from services.facilitation.credits import handlers
from services.facilitation.credits.domain import SikpImport, sikp_status_of
from services.facilitation.credits.queries import borrowers_for_sikp
from services.facilitation.lender_files.api import FILE_RESPONSES
from services.facilitation.lender_files.receiving import XLSX, FileRequest, FileRoute
from services.facilitation.loans.tables import loans
from services.facilitation.scope import within
from shared.clock import today
from shared.database import Database
from shared.http.access import allow
from shared.http.commands import Creating, Representation, resource
from shared.http.requests import router
from shared.security.identity import Caller, Role
from shared.security.personal_data import Vault

routes = router("sikp")
files = APIRouter(prefix="/v1", tags=["sikp"], route_class=FileRoute)
SENDERS = (Role.PROGRAMME_OWNER,)
_EXAMPLE = "nik,kode_penyalur,nomor_akad,skema,status,tanggal_akad,tanggal_selesai\n5304995708890001,009,PK-77,kur_mikro,lunas,2022-03-01,2024-02-28\n"
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "headings nik, kode_penyalur, nomor_akad, skema, status, tanggal_akad, and if there is one tanggal_selesai",
        "content": {"text/csv": {"schema": {"type": "string"}, "example": _EXAMPLE}, XLSX: {"schema": {"type": "string", "format": "binary"}}},
    }
}
EXPORTED = (
    "nik", "nomor_akad", "skema", "plafon", "tanggal_akad", "jangka_waktu_bulan", "suku_bunga", "status", "tanggal_selesai", "sisa_pokok_akad",
    "kolektibilitas", "financing_id",
)  # fmt: skip


class RefusedRow(BaseModel):
    """A row that was not taken over; what it held is not repeated."""

    row_number: int = Field(description="the headings are row 1")
    code: str = Field(examples=["open_government_credit"])


class SikpImportOut(Representation[SikpImport]):
    """A list of SIKP that was taken over (daftar SIKP)."""

    id: UUID
    content_hash: str = Field(description="SHA-256 of the file")
    received_on: date
    counts: dict[str, int] = Field(examples=[{"opened": 10, "closed": 2, "unchanged": 30, "refused": 1}])
    refused_rows: list[RefusedRow]


@files.post(
    "/sikp-imports",
    operation_id="send_sikp_list",
    summary="Ambil alih daftar SIKP / Take over a list of SIKP",
    status_code=201,
    response_model=SikpImportOut,
    openapi_extra=_BODY,
    responses=FILE_RESPONSES,
)
async def send_list(request: Request, command: Creating, caller: Caller = allow(*SENDERS)) -> Response:
    """Who has a government credit at other lenders; a NIK is kept as its keyed hash alone."""
    assert isinstance(request, FileRequest)
    kind, content, content_hash = await request.received()
    vault: Vault = request.app.state.vault
    return await command.create(
        lambda transaction: handlers.take_over_list(transaction, vault, caller.subject, kind=kind, content=content, content_hash=content_hash, today=today()),
        SikpImportOut,
        SikpImport,
    )


@routes.get(
    "/sikp-imports/{import_id}",
    operation_id="get_sikp_list",
    summary="Baca hasil daftar SIKP / Read what became of a list",
    response_model=SikpImportOut,
    dependencies=[allow(*SENDERS, Role.AUDITOR)],
)
async def get_list(request: Request, import_id: UUID) -> Response:
    """How many credits were opened and closed, and which rows were refused."""
    return await resource(request, SikpImport, import_id, SikpImportOut)


@routes.get(
    "/sikp-exports/loans.csv",
    operation_id="export_loans_for_sikp",
    summary="Ekspor pinjaman untuk SIKP / Export loans for SIKP",
    response_class=Response,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def export_loans(
    request: Request,
    after: Annotated[UUID | None, Query(description="the last financing_id of the part before")] = None,
    limit: Annotated[int, Query(ge=1, le=5_000, description="how many loans")] = 1_000,
    caller: Caller = allow(Role.LENDER, Role.PROGRAMME_OWNER),
) -> Response:
    """One row for each borrower. A lender gets the NIK of its own borrowers, which SIKP asks for; the programme's owner a masked one."""
    database: Database = request.app.state.database
    vault: Vault = request.app.state.vault
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(EXPORTED)
    async with database.reading() as connection:
        for row in await connection.execute(borrowers_for_sikp(_visible(caller), after, limit)):
            whole = caller.role is Role.LENDER
            nik = vault.decrypt(row.owner_nik, f"enterprises.owner_nik:{row.borrower_id}") if whole else row.owner_nik_masked
            status = sikp_status_of("granted", row.status)
            writer.writerow(
                (nik, row.lender_reference, row.product_code, row.share_idr, row.granted_on, row.tenor_months, row.annual_rate_percent, status,
                 row.ended_on or "", row.outstanding_idr, row.collectability_class, row.id)
            )  # fmt: skip
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="sikp-loans.csv"'}
    return Response(text.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


def _visible(caller: Caller) -> ColumnElement[bool]:
    if caller.role is not Role.LENDER:
        return within(loans.c.region_code, caller)
    return loans.c.lender_institution_id == caller.institution_id if caller.institution_id else false()
