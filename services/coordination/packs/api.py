"""Routes of quarterly packs."""

import base64
from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from services.coordination.convergence.domain import last_day_of
from services.coordination.packs import handlers
from services.coordination.packs.domain import Form, PackStatus, QuarterlyPack
from services.coordination.packs.tables import quarterly_packs
from shared.clock import today
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("quarterly-packs")
KEEPERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)
READERS = tuple(role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM_ADMIN, Role.MENTOR))
Quarter = Annotated[str, Field(pattern=r"^20[0-9]{2}-Q[1-4]$", examples=["2026-Q3"])]
_MEDIA = {"json": "application/json", "pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


class BeginPack(RequestModel):
    """Of which programme, quarter and form (PP 39/2006)."""

    programme_id: UUID
    quarter: Quarter
    form: Form = Form.C


class CorrectPack(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["figures_corrected"])]


class PackOut(Representation[QuarterlyPack]):
    """A quarterly pack (laporan triwulan)."""

    id: UUID
    programme_id: UUID
    quarter: str
    form: Form
    deadline: date
    pack_version: int
    content_hash: str = Field(description="SHA-256 of the content as canonical JSON")
    status: PackStatus
    pdf_hash: str | None
    xlsx_hash: str | None
    frozen_on: date | None
    reason_code: str | None


class Deadline(BaseModel):
    """A form and its last day."""

    form: Form
    deadline: date


class Deadlines(BaseModel):
    """Of one quarter."""

    quarter: str
    last_day: date
    items: list[Deadline]


@routes.get("/pack-deadlines", operation_id="pack_deadlines", summary="Batas waktu laporan / Deadlines of packs", dependencies=[PUBLIC])
async def deadlines(quarter: Annotated[str, Query(pattern=r"^20[0-9]{2}-Q[1-4]$")]) -> Deadlines:
    """5, 10 and 14 working days after the quarter for forms A, B and C (PP 39/2006), holidays and joint leave left out."""
    items = [Deadline(form=form, deadline=handlers.deadline_of(quarter, form)) for form in Form]
    return Deadlines(quarter=quarter, last_day=last_day_of(quarter), items=items)


@routes.post("/quarterly-packs", operation_id="begin_pack", summary="Susun laporan triwulan / Compile a pack", status_code=201, response_model=PackOut)
async def begin(body: BeginPack, command: Creating, caller: Caller = allow(*KEEPERS)) -> Response:
    """From the data of the moment; by itself it is begun when the quarter ends and frozen when the deadline has passed."""
    return await command.create(lambda transaction: handlers.begin_pack(transaction, **dict(body), on=today()), PackOut, QuarterlyPack)


@routes.get("/quarterly-packs", operation_id="list_packs", summary="Daftar laporan triwulan / List packs", dependencies=[allow(*READERS)])
async def list_packs(
    request: Request, page: Paging, programme_id: UUID | None = None, quarter: Annotated[str | None, Field(max_length=7)] = None
) -> Page[PackOut]:
    """In the order in which they were begun."""
    statement = quarterly_packs.select()
    for column, value in (("programme_id", programme_id), ("quarter", quarter)):
        if value is not None:
            statement = statement.where(quarterly_packs.c[column] == value)
    return await page.listing(request, statement, PackOut, by=[quarterly_packs.c.id])


@routes.get(
    "/quarterly-packs/{pack_id}", operation_id="get_pack", summary="Baca laporan triwulan / Read a pack", response_model=PackOut, dependencies=[allow(*READERS)]
)
async def get_pack(request: Request, pack_id: UUID) -> Response:
    """With its ETag and hashes."""
    return await resource(request, QuarterlyPack, pack_id, PackOut)


@routes.get(
    "/quarterly-packs/{pack_id}/files/{kind}",
    operation_id="get_pack_file",
    summary="Unduh laporan / Download a pack",
    response_class=Response,
    responses={200: {"content": {media: {"schema": {"type": "string", "format": "binary"}} for media in _MEDIA.values()}}},
    dependencies=[allow(*READERS)],
)
async def get_file(
    request: Request,
    pack_id: UUID,
    kind: Literal["json", "pdf", "xlsx"],
    pack_version: Annotated[int | None, Query(ge=1, le=1000, description="the newest by default")] = None,
) -> Response:
    """A file of a version: PDF and XLSX once it is frozen, the same byte for byte ever after; Content-Digest is its SHA-256."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        pack = await uow.get(QuarterlyPack, pack_id)
    found = await handlers.read_file(database, pack_id, pack_version or pack.pack_version, kind)
    if found is None:
        raise NotFound
    sha256, body = found
    headers = {
        "ETag": f'"{sha256}"',
        "Content-Digest": f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:",
        "Content-Disposition": f'attachment; filename="laporan-{pack.quarter}-{pack.form.value}-v{pack_version or pack.pack_version}.{kind}"',
        "Cache-Control": "private, no-cache",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=_MEDIA[kind])


@routes.post("/quarterly-packs/{pack_id}/compile", operation_id="compile_pack", summary="Susun ulang / Compile anew", response_model=PackOut)
async def compile_anew(pack_id: UUID, command: Changing, caller: Caller = allow(*KEEPERS)) -> Response:
    """Until it is frozen."""
    return await command.change(pack_id, lambda transaction: handlers.compile_anew(transaction, pack_id, today()), PackOut, QuarterlyPack)


@routes.post("/quarterly-packs/{pack_id}/freeze", operation_id="freeze_pack", summary="Bekukan laporan / Freeze", response_model=PackOut)
async def freeze(pack_id: UUID, command: Changing, caller: Caller = allow(*KEEPERS)) -> Response:
    """After its quarter; at the latest it happens by itself once the deadline has passed."""
    return await command.change(pack_id, lambda transaction: handlers.freeze_pack(transaction, pack_id, today()), PackOut, QuarterlyPack)


@routes.post("/quarterly-packs/{pack_id}/correct", operation_id="correct_pack", summary="Koreksi laporan / Correct", response_model=PackOut)
async def correct(pack_id: UUID, body: CorrectPack, command: Changing, caller: Caller = allow(*KEEPERS)) -> Response:
    """A further version, for a reason; the frozen one stays as it is."""
    return await command.change(pack_id, lambda transaction: handlers.correct_pack(transaction, pack_id, body.reason_code, today()), PackOut, QuarterlyPack)
