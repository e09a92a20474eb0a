"""Routes of prioritisation models."""

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import Field

from services.mapping.computation.ranking import Aggregation, Dimension, Direction, Missing, Normalisation
from services.mapping.models import handlers
from services.mapping.models.domain import ModelStatus, PrioritisationModel, WeightedIndicator
from services.mapping.models.tables import models
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Name, Note, RequestModel, router
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
