"""Routes of prioritisation models and runs, and the public list of priority locations."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.mapping.prioritisation import handlers
from services.mapping.prioritisation.domain import PrioritisationRun, RunStatus
from services.mapping.prioritisation.tables import priority_locations, published_locations, runs, totals_of
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import ProvinceCode, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("prioritisation")
DRAFTERS = (Role.PROGRAMME_OWNER,)
DECIDERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)


class CreateRun(RequestModel):
    """What to prioritise for, and by which rule."""

    programme_id: UUID
    model_id: UUID
    population_period: Annotated[
        str,
        Field(pattern=r"^[0-9]{4}(-S[12])?$", description="2017: BPS projection; 2024-S2: civil register, far higher in the mountains of Papua"),
    ] = "2017"


class PublishRun(RequestModel):
    """The decree (surat keputusan) and from when it applies."""

    decree_ref: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ./-]{2,63}$", description="its number", examples=["Kepdep PMK 12/2024"])]
    effective_from: Annotated[date, Field(description="within the programme's dates", examples=["2024-03-01"])]


class RunOut(Representation[PrioritisationRun]):
    """A prioritisation run (proses penetapan lokasi); the full ranking is under `/result`."""

    id: UUID
    programme_id: UUID
    model_id: UUID
    model_code: str
    model_version: int
    population_period: str
    area_quota: int
    province_quota: int
    status: RunStatus
    author: str
    analyst: str | None = Field(description="who computed it last")
    locked_by: str | None
    published_by: str | None
    candidate_count: int | None
    excluded_region_codes: list[str]
    province_codes: list[str] = Field(description="provinces of the selection")
    region_codes: list[str] = Field(description="the selection, best first")
    input_hash: str | None
    result_hash: str | None
    decree_ref: str | None
    effective_from: date | None


class ResultOut(BaseModel):
    """All that is needed to compute the result again elsewhere; hashes are SHA-256 over canonical JSON."""

    inputs: dict[str, Any] = Field(description="algorithm, method, quota, and every candidate's figures with unit, source and period")
    result: dict[str, Any] = Field(description="ranking with contributions, excluded regions, selection with its proof")
    input_hash: str = Field(description="of inputs")
    result_hash: str = Field(description="of inputs and result together")
    computed_with: dict[str, str] = Field(description="software versions, not hashed")


class PriorityLocation(BaseModel):
    """A regency or city prioritised by a published run."""

    location_priority_id: UUID
    programme_id: UUID
    run_id: UUID
    region_code: str = Field(examples=["53.04"])
    province_code: str = Field(examples=["53"])
    name: str = Field(examples=["Kabupaten Belu"])
    province_name: str = Field(examples=["Nusa Tenggara Timur"])
    latitude: float = Field(description="degrees; centroid")
    longitude: float = Field(description="degrees; centroid")
    rank: int = Field(description="among all candidates")
    score: Decimal = Field(examples=["0.512345"])
    poverty_score: Decimal
    potential_score: Decimal
    effective_from: date


class Total(BaseModel):
    """A priority location, for comparison."""

    region_code: str
    province_code: str
    rank: int


class Totals(BaseModel):
    """What this service holds, to be compared with what others counted from its events."""

    items: list[Total]


@routes.post("/prioritisation-runs", operation_id="create_prioritisation_run", summary="Mulai penetapan / Create a run", status_code=201, response_model=RunOut)
async def create_run(body: CreateRun, command: Creating, caller: Caller = allow(*DRAFTERS)) -> Response:
    """Of an approved model, for a programme that coordination has activated; the programme's quota is taken over."""
    return await command.create(lambda transaction: handlers.create_run(transaction, **dict(body), author=caller.subject), RunOut, PrioritisationRun)


@routes.get("/prioritisation-runs", operation_id="list_prioritisation_runs", summary="Daftar penetapan / List runs", dependencies=[allow(*READERS)])
async def list_runs(request: Request, page: Paging, programme_id: UUID | None = None) -> Page[RunOut]:
    """In the order in which they were created."""
    statement = runs.select() if programme_id is None else runs.select().where(runs.c.programme_id == programme_id)
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows, cursor = await page.of(connection, statement, by=[runs.c.id])
    return Page(items=[RunOut.of(PrioritisationRun(**row._mapping)) for row in rows], next_cursor=cursor)


@routes.get(
    "/prioritisation-runs/{run_id}",
    operation_id="get_prioritisation_run",
    summary="Baca penetapan / Read a run",
    response_model=RunOut,
    dependencies=[allow(*READERS)],
)
async def get_run(request: Request, run_id: UUID) -> Response:
    """With its ETag."""
    return await resource(request, PrioritisationRun, run_id, RunOut)


@routes.post("/prioritisation-runs/{run_id}/compute", operation_id="compute_prioritisation_run", summary="Hitung / Compute", response_model=RunOut)
async def compute_run(run_id: UUID, command: Changing, caller: Caller = allow(*DRAFTERS)) -> Response:
    """Rank all regencies and cities and select within the quota; the same figures give the same hash and change nothing."""
    return await command.change(run_id, lambda transaction: handlers.compute_run(transaction, run_id, caller.subject), RunOut, PrioritisationRun)


@routes.post("/prioritisation-runs/{run_id}/lock", operation_id="lock_prioritisation_run", summary="Kunci hasil / Lock the selection", response_model=RunOut)
async def lock_run(run_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """By another person than the analyst, and only while the stored result is what was computed and meets the quota."""
    return await command.change(run_id, lambda transaction: handlers.lock_run(transaction, run_id, caller.subject), RunOut, PrioritisationRun)


@routes.post("/prioritisation-runs/{run_id}/publish", operation_id="publish_prioritisation_run", summary="Terbitkan / Publish", response_model=RunOut)
async def publish_run(run_id: UUID, body: PublishRun, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """Under a decree; every location becomes a priority location in the same transaction."""
    return await command.change(
        run_id, lambda transaction: handlers.publish_run(transaction, run_id, **dict(body), by=caller.subject), RunOut, PrioritisationRun
    )


@routes.get(
    "/prioritisation-runs/{run_id}/result",
    operation_id="get_prioritisation_result",
    summary="Unduh hasil lengkap / Download the whole result",
    response_model=ResultOut,
)
async def get_result(request: Request, run_id: UUID, caller: Caller | None = allow(Role.PUBLIC)) -> Response:
    """Public once the run is published. The bytes are those that were hashed."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
        document = await handlers.stored_result(uow.connection, run_id)
    published = run.status is RunStatus.PUBLISHED
    if document is None or not (published or (caller and caller.role in READERS)):
        raise NotFound
    headers = {"ETag": f'"{run.result_hash}"', "Cache-Control": "public, no-cache" if published else "private, no-cache"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(document, headers=headers, media_type="application/json")


@routes.get("/priority-locations", operation_id="list_priority_locations", summary="Lokasi prioritas / Priority locations", dependencies=[PUBLIC])
async def list_priority_locations(
    request: Request, page: Paging, programme_id: UUID | None = None, province_code: ProvinceCode | None = None
) -> Page[PriorityLocation]:
    """Published ones, best rank first; `limit=200` holds all of a programme."""
    by = [priority_locations.c.rank, priority_locations.c.location_priority_id]
    return await page.listing(request, published_locations(programme_id, province_code), PriorityLocation, by=by)


@routes.get("/totals", operation_id="get_totals", summary="Angka pembanding / Totals for comparison", dependencies=[PUBLIC])
async def get_totals(request: Request, programme_id: UUID) -> Totals:
    """All published priority locations of a programme by region code; monitoring reconciles its own count against it."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows = (await connection.execute(totals_of(programme_id))).all()
    return Totals(items=[Total(**row._mapping) for row in rows])
