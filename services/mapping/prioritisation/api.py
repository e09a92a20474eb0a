"""Routes of prioritisation models and runs, and the public list of priority locations."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from services.mapping.prioritisation import handlers
from services.mapping.prioritisation.domain import PrioritisationRun, RunStatus
from services.mapping.prioritisation.model import ModelStatus, PrioritisationModel, WeightedIndicator
from services.mapping.prioritisation.ranking import Aggregation, Dimension, Direction, Missing, Normalisation
from services.mapping.prioritisation.tables import models, priority_locations, published_locations, runs, totals_of
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import PUBLIC, allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Name, Note, ProvinceCode, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("prioritisation")
DRAFTERS = (Role.PROGRAMME_OWNER,)
DECIDERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)


class CriterionIn(RequestModel):
    """One criterion of a model."""

    indicator_code: Annotated[Code, Field(description="see GET /v1/indicators", examples=["poverty_rate"])]
    weight: Annotated[
        str, Field(pattern=r"^(0\.[0-9]{1,6}|1(\.0{1,6})?)$", description="share of the whole, a decimal as text; all sum to exactly 1", examples=["0.30"])
    ]
    direction: Annotated[Direction, Field(description="benefit: more counts for the place; cost: less does")]
    dimension: Annotated[Dimension, Field(description="evidence of poverty or of local potential; a model needs both")]


class DraftModel(RequestModel):
    """A version of the rule as written down."""

    code: Annotated[Code, Field(examples=["poverty_and_potential"])]
    title: Annotated[Name, Field(examples=["Kemiskinan dan potensi lokal"])]
    rationale: Annotated[Note, Field(description="why these criteria and weights", examples=["Tingkat dan jumlah penduduk miskin berbobot sama."])]
    criteria: Annotated[list[CriterionIn], Field(min_length=2, max_length=30)]
    normalisation: Annotated[Normalisation, Field(description="how figures lose their unit")]
    aggregation: Annotated[Aggregation, Field(description="saw: weighted sum, wpm: weighted product, topsis: closeness to the ideal")]
    missing: Annotated[Missing, Field(description="refuse: a missing figure fails the run; exclude: the region is left out and listed")]


class ModelOut(Representation[PrioritisationModel]):
    """A prioritisation model (model prioritas)."""

    id: UUID
    code: str
    model_version: int
    title: str
    rationale: str
    criteria: list[WeightedIndicator]
    normalisation: Normalisation
    aggregation: Aggregation
    missing: Missing
    model_hash: str = Field(description="SHA-256 of the rule")
    author: str
    approved_by: str | None
    status: ModelStatus


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


@routes.post(
    "/prioritisation-models",
    operation_id="draft_prioritisation_model",
    summary="Susun model prioritas / Draft a prioritisation model",
    status_code=201,
    response_model=ModelOut,
)
async def draft_model(body: DraftModel, command: Creating, caller: Caller = allow(*DRAFTERS)) -> Response:
    """The next version of its code. Weights sum to exactly 1, both dimensions occur; another person approves it."""
    criteria = [WeightedIndicator(**{**dict(criterion), "weight": Decimal(criterion.weight)}) for criterion in body.criteria]
    return await command.create(
        lambda transaction: handlers.draft_model(transaction, **{**dict(body), "criteria": criteria}, author=caller.subject), ModelOut, PrioritisationModel
    )


@routes.get("/prioritisation-models", operation_id="list_prioritisation_models", summary="Daftar model / List models", dependencies=[allow(*READERS)])
async def list_models(request: Request, page: Paging, code: Annotated[Code | None, Query(description="all versions of one model")] = None) -> Page[ModelOut]:
    """In the order in which they were drafted."""
    statement = models.select() if code is None else models.select().where(models.c.code == code)
    return await page.listing(request, statement, ModelOut, by=[models.c.id])


@routes.get(
    "/prioritisation-models/{model_id}",
    operation_id="get_prioritisation_model",
    summary="Baca model / Read a model",
    response_model=ModelOut,
    dependencies=[allow(*READERS)],
)
async def get_model(request: Request, model_id: UUID) -> Response:
    """With its ETag."""
    return await resource(request, PrioritisationModel, model_id, ModelOut)


@routes.post(
    "/prioritisation-models/{model_id}/approve",
    operation_id="approve_prioritisation_model",
    summary="Setujui model / Approve a model",
    response_model=ModelOut,
)
async def approve_model(model_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """By another person than its author (prinsip empat mata)."""
    return await command.change(model_id, lambda transaction: handlers.approve_model(transaction, model_id, caller.subject), ModelOut, PrioritisationModel)


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
