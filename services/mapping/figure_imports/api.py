"""Routes of files of figures: template, sending, progress, refused rows, taking over."""

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from services.mapping.figure_imports import handlers
from services.mapping.figure_imports.domain import Atomic, Decimals, Declared, FigureCounts, FigureImport, FigureImportStatus, FileKind, Suspicion
from services.mapping.figure_imports.tables import imports, progress_of, refused, refused_rows
from services.mapping.figure_imports.template import refused_xlsx, template_csv, template_xlsx
from services.mapping.figure_imports.values import hint
from services.mapping.figure_imports.worker import Reader
from services.mapping.indicators.domain import DERIVATIONS
from services.mapping.indicators.tables import indicators, sources
from services.mapping.regions.codes import Scheme
from services.mapping.regions.tables import regencies_by_name
from shared.database import Database
from shared.files.receiving import CSV, PARQUET, XLSX, FileRequest, FileRoute
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.problems import ProblemDocument
from shared.http.requests import Code, Name, Note, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("figures")
files = APIRouter(prefix="/v1", tags=["figures"], route_class=FileRoute)
KINDS: dict[str, FileKind] = {CSV: "csv", XLSX: "xlsx", PARQUET: "parquet"}
SENDERS = (Role.PROGRAMME_OWNER, Role.COORDINATOR)
DECIDERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)
Period = Annotated[str | None, Query(pattern=r"^[0-9]{4}(-[0-9]{2}|-S[12]|-Q[1-4])?$", description="of rows without a column periode", examples=["2024-03"])]
SourceCode = Annotated[str, Query(pattern=r"^[a-z0-9][a-z0-9-]{2,63}$", description="see GET /v1/sources; a new one needs publisher, title and source_year")]
_BINARY = {"type": "string", "format": "binary"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "headings kode and nilai, and if there are any indikator, periode, galat (margin), alasan (why there is no value)",
        "content": {
            "text/csv": {"schema": {"type": "string"}, "example": "kode,nilai\n11.01,13.18\n11.02,13.41\n"},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
            PARQUET: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class FigureImportOut(Representation[FigureImport]):
    """A file of figures (berkas angka)."""

    id: UUID
    content_hash: str = Field(description="SHA-256 of the file")
    declared: Declared
    counts: FigureCounts = Field(description="once it is checked")
    suspicions: list[Suspicion] = Field(description="what makes the file as a whole doubtful")
    author: str
    decided_by: str | None
    reason_code: str | None = Field(description="why it failed or was discarded")
    accepted_reason: str | None
    status: FigureImportStatus


class ProgressOut(BaseModel):
    """How far the check got (kemajuan)."""

    status: FigureImportStatus
    rows_read: int
    refused_rows: int


class RefusedFigureOut(BaseModel):
    """What is wrong with a row (baris yang ditolak)."""

    row_number: int = Field(description="the headings are row 1", examples=[17])
    column: str = Field(examples=["nilai"])
    value: str = Field(examples=["13,18"])
    code: str = Field(examples=["decimal_comma"])
    hint: str = Field(description="what to do, in Indonesian")
    hint_en: str


class CommitFigures(RequestModel):
    """What the one who takes it over answers for."""

    accepted_reason: Annotated[Note | None, Field(description="where the file has suspicions: why its figures are right all the same")] = None


class DiscardFigures(RequestModel):
    """Why it is not taken over."""

    reason_code: Annotated[Code, Field(examples=["wrong_edition"])]


@routes.get(
    "/figure-imports/template",
    operation_id="get_figure_template",
    summary="Templat angka / Template for figures",
    response_class=Response,
    responses={200: {"content": {XLSX: {"schema": _BINARY}, "text/csv": {"schema": {"type": "string"}}}}},
    dependencies=[PUBLIC],
)
async def get_template(
    request: Request,
    indicator: Annotated[Code, Query(examples=["poverty_rate"])],
    period: Annotated[str, Query(pattern=r"^[0-9]{4}(-[0-9]{2}|-S[12]|-Q[1-4])?$", examples=["2024-03"])],
    format: Literal["xlsx", "csv"] = "xlsx",
) -> Response:
    """A row for every regency and city of today, with the lists of codes; its version is in the last heading."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        regions = [(row.region_code, row.name) for row in await connection.execute(regencies_by_name())]
        known = [
            (row.indicator_code, row.name_id, row.unit)
            for row in await connection.execute(indicators.select().order_by(indicators.c.indicator_code))
            if row.indicator_code not in DERIVATIONS
        ]
        cited = [(row.source_code, row.title) for row in await connection.execute(sources.select().order_by(sources.c.source_code))]
    if format == "csv":
        body, media = template_csv(regions, indicator, period), "text/csv; charset=utf-8"
    else:
        body, media = await asyncio.to_thread(template_xlsx, regions, known, cited, indicator, period), XLSX
    return Response(body, media_type=media, headers={"Content-Disposition": f'attachment; filename="angka-{indicator}-{period}.{format}"'})


@files.post(
    "/figure-imports",
    operation_id="send_figures",
    summary="Kirim berkas angka / Send a file of figures",
    status_code=201,
    response_model=FigureImportOut,
    openapi_extra=_BODY,
    responses={415: {"model": ProblemDocument, "description": "Jenis berkas tidak dibaca / not read", "content": {"application/problem+json": {}}}},
)
async def send_figures(
    request: Request,
    command: Creating,
    scheme: Annotated[Scheme, Query(description="whose region codes these are")],
    decimals: Annotated[Decimals, Query(description="how decimals are written")],
    source_code: SourceCode,
    indicator: Annotated[Code | None, Query(description="of rows without a column indikator", examples=["poverty_rate"])] = None,
    period: Period = None,
    method: Annotated[Code | None, Query(description="by which the figures were made, e.g. a poverty line; another method is another series")] = None,
    atomic: Annotated[Atomic, Query(description="all: taken over whole or not at all; row: the good rows alone")] = "all",
    publisher: Annotated[Name | None, Query(description="of a source that is new here")] = None,
    title: Annotated[Name | None, Query()] = None,
    source_year: Annotated[int | None, Query(ge=1945, le=2100)] = None,
    caller: Caller = allow(*SENDERS),
) -> Response:
    """Read in the background: `GET …/progress` says how far. Nothing counts until another person takes it over."""
    assert isinstance(request, FileRequest)
    kind, content_hash = await request.received(KINDS)
    declared = Declared(
        kind=kind, scheme=scheme, decimals=decimals, atomic=atomic, source_code=source_code, indicator_code=indicator, period=period,
        method=method, publisher=publisher, title=title, source_year=source_year,
    )  # fmt: skip
    received: list[UUID] = []

    async def receive(transaction: Any) -> FigureImport:
        found = await handlers.receive(transaction, content_hash, declared, caller.subject)
        received.append(found.id)
        return found

    response = await command.create(receive, FigureImportOut, FigureImport)
    if received:  # not for the stored answer of the same request
        reader: Reader = request.app.state.figure_reader
        reader.put(received[-1], request.taken())
    return response


@routes.get("/figure-imports", operation_id="list_figure_imports", summary="Berkas angka / Files of figures", dependencies=[allow(*READERS)])
async def list_imports(request: Request, page: Paging, status: FigureImportStatus | None = None) -> Page[FigureImportOut]:
    """In the order in which they were sent."""
    statement = imports.select() if status is None else imports.select().where(imports.c.status == status)
    return await page.listing(request, statement, FigureImportOut, by=[imports.c.id])


@routes.get(
    "/figure-imports/{import_id}",
    operation_id="get_figure_import",
    summary="Baca berkas angka / Read a file",
    response_model=FigureImportOut,
    dependencies=[allow(*READERS)],
)
async def get_import(request: Request, import_id: UUID) -> Response:
    """What it holds and what taking it over does."""
    return await resource(request, FigureImport, import_id, FigureImportOut)


@routes.get(
    "/figure-imports/{import_id}/progress", operation_id="get_figure_progress", summary="Kemajuan pemeriksaan / Progress", dependencies=[allow(*READERS)]
)
async def get_progress(request: Request, import_id: UUID) -> ProgressOut:
    """Rows read so far; a file whose reader is gone fails within two minutes and can be sent again."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        found = await uow.get(FigureImport, import_id)
        row = (await uow.connection.execute(progress_of(import_id))).one_or_none()
    return ProgressOut(status=found.status, rows_read=row.rows_read if row else 0, refused_rows=row.refused_rows if row else 0)


@routes.get(
    "/figure-imports/{import_id}/refused-rows",
    operation_id="list_refused_figures",
    summary="Baris yang ditolak / Refused rows",
    dependencies=[allow(*READERS)],
)
async def list_refused(request: Request, import_id: UUID, page: Paging) -> Page[RefusedFigureOut]:
    """Row, column, value, code and what to do, in the order of the file; of a file with very many, the first 20,000."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        await uow.get(FigureImport, import_id)
        rows, cursor = await page.of(uow.connection, refused_rows(import_id), by=[refused.c.row_number])
    return Page(items=[_refused(row) for row in rows], next_cursor=cursor)


@routes.get(
    "/figure-imports/{import_id}/refused-rows.xlsx",
    operation_id="download_refused_figures",
    summary="Unduh baris yang ditolak / Download refused rows",
    response_class=Response,
    responses={200: {"content": {XLSX: {"schema": _BINARY}}}},
    dependencies=[allow(*READERS)],
)
async def download_refused(request: Request, import_id: UUID) -> Response:
    """Under the headings of the template, to be mended and sent again by themselves."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        declared = (await uow.get(FigureImport, import_id)).declared
        rows = (await uow.connection.execute(refused_rows(import_id).order_by(refused.c.row_number))).all()
    body = await asyncio.to_thread(refused_xlsx, rows, declared.indicator_code, declared.period)
    return Response(body, media_type=XLSX, headers={"Content-Disposition": f'attachment; filename="ditolak-{import_id}.xlsx"'})


def _refused(row: Any) -> RefusedFigureOut:
    sentences = {"hint": hint(row.code, row.facts), "hint_en": hint(row.code, row.facts, english=True)}
    return RefusedFigureOut(row_number=row.row_number, column=row.column_name, value=row.value, code=row.code, **sentences)


@routes.post("/figure-imports/{import_id}/commit", operation_id="commit_figures", summary="Sahkan angka / Take over", response_model=FigureImportOut)
async def commit_figures(import_id: UUID, body: CommitFigures, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """By another person than who sent it (prinsip empat mata), who sees how many rows were refused and what is doubtful."""
    return await command.change(
        import_id, lambda transaction: handlers.commit(transaction, import_id, caller.subject, body.accepted_reason), FigureImportOut, FigureImport
    )


@routes.post("/figure-imports/{import_id}/discard", operation_id="discard_figures", summary="Buang berkas / Discard", response_model=FigureImportOut)
async def discard_figures(import_id: UUID, body: DiscardFigures, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """With a reason; who sent it may. One that is still being read is cancelled."""
    return await command.change(
        import_id, lambda transaction: handlers.discard(transaction, import_id, caller.subject, body.reason_code), FigureImportOut, FigureImport
    )
