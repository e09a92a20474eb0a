"""Routes of prioritisation models."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import BaseModel, Field

from services.mapping.computation.ranking import Aggregation, Dimension, Direction, Missing, Normalisation
from services.mapping.models import handlers
from services.mapping.models.domain import PrioritisationModel, WeightedIndicator
from services.mapping.models.handlers import StatedCriterion, StatedWeighting
from services.mapping.models.state import ModelStatus
from services.mapping.models.tables import models
from services.mapping.models.weighting import Node, Weighting
from shared.clock import today
from shared.database import Database
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Name, Note, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("prioritisation")
DRAFTERS = (Role.PROGRAMME_OWNER,)
DECIDERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)


Share = Annotated[str, Field(pattern=r"^(0\.[0-9]{1,6}|1(\.0{1,6})?)$", examples=["0.30"])]
Judgement = Annotated[
    str, Field(pattern=r"^[0-9]{1,2}(\.[0-9]{1,6})?(/[1-9])?$", description="how many times as much the row's member matters as the column's")
]


class NodeIn(RequestModel):
    """A criterion, or a group of a criteria tree. A group's shares are judged in pairs (AHP) or given by its members' `share`."""

    code: Code
    share: Share | None = None
    children: Annotated[list["NodeIn"], Field(max_length=15, default_factory=list)]
    judgements: Annotated[
        list[list[Judgement]] | None,
        Field(max_length=15, description="one row and one column for each member, in their order", examples=[[["1", "3"], ["1/3", "1"]]]),
    ] = None
    waiver_reason: Annotated[Note | None, Field(description="accepts a consistency ratio above 0.10")] = None

    def node(self) -> Node:
        """As the handlers take it."""
        return Node(
            code=self.code,
            share=None if self.share is None else Decimal(self.share),
            children=[child.node() for child in self.children],
            judgements=self.judgements,
            waiver_reason=self.waiver_reason,
        )


class GivenWeights(RequestModel):
    """Each criterion states its weight."""

    kind: Literal["given"] = "given"


class TreeWeights(RequestModel):
    """A tree of criteria: each group judged in pairs (AHP, Saaty 1980) or with given shares; its leaves are the criteria."""

    kind: Literal["tree"]
    tree: NodeIn


class FigureWeights(RequestModel):
    """Read off the newest figures of all regions: Shannon's entropy or CRITIC (Diakoulaki 1995). They say where regions differ, not what matters."""

    kind: Literal["entropy", "critic"]
    population_period: Annotated[str | None, Field(pattern=r"^[0-9]{4}(-S[12])?$", description="of derived indicators; the newest unless given")] = None


WeightingIn = Annotated[GivenWeights | TreeWeights | FigureWeights, Field(discriminator="kind")]


class CriterionIn(RequestModel):
    """One criterion of a model."""

    indicator_code: Annotated[Code, Field(description="see GET /v1/indicators", examples=["poverty_rate"])]
    weight: Annotated[
        Share | None, Field(description="share of the whole, a decimal as text; all sum to exactly 1; left out where `weighting` computes it")
    ] = None
    direction: Annotated[Direction, Field(description="benefit: more counts for the place; cost: less does")]
    dimension: Annotated[Dimension, Field(description="evidence of poverty or of local potential; a model needs both")]


class DraftModel(RequestModel):
    """A version of the rule as written down."""

    code: Annotated[Code, Field(examples=["poverty_and_potential"])]
    title: Annotated[Name, Field(examples=["Kemiskinan dan potensi lokal"])]
    rationale: Annotated[Note, Field(description="why these criteria and weights", examples=["Tingkat dan jumlah penduduk miskin berbobot sama."])]
    criteria: Annotated[list[CriterionIn], Field(min_length=2, max_length=30)]
    weighting: WeightingIn = GivenWeights()
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
    tie_break: str = Field(description="of equal scores the lower region code comes first")
    model_hash: str = Field(description="SHA-256 of the rule")
    weighting: Weighting = Field(description="how the weights came about; consistency of each judged group")
    author: str
    submitted_by: str | None
    approved_by: str | None
    effective_from: date | None = Field(description="current from this day")
    retired_reason_code: str | None
    status: ModelStatus


class ScheduleModel(RequestModel):
    """When it becomes current."""

    effective_from: Annotated[date, Field(description="after today", examples=["2027-01-01"])]


class RetireModel(RequestModel):
    """Why it is taken out of use."""

    reason_code: Annotated[Code, Field(examples=["policy_changed"])]


class Weigh(RequestModel):
    """Criteria to be weighed; nothing is stored."""

    criteria: Annotated[list[CriterionIn], Field(min_length=1, max_length=30)]
    weighting: WeightingIn


class Weighed(BaseModel):
    """Weights that sum to exactly 1, and how they came about."""

    criteria: list[WeightedIndicator]
    weighting: Weighting


@routes.post(
    "/prioritisation-models",
    operation_id="draft_prioritisation_model",
    summary="Susun model prioritas / Draft a prioritisation model",
    status_code=201,
    response_model=ModelOut,
)
async def draft_model(body: DraftModel, command: Creating, caller: Caller = allow(*DRAFTERS)) -> Response:
    """The next version of its code. Weights are given or computed and sum to exactly 1, both dimensions occur; another person approves it."""
    stated = {"criteria": _criteria(body.criteria), "weighting": _weighting(body.weighting)}
    return await command.create(
        lambda transaction: handlers.draft_model(transaction, **dict(body) | stated, author=caller.subject), ModelOut, PrioritisationModel
    )


def _criteria(given: list[CriterionIn]) -> list[StatedCriterion]:
    return [StatedCriterion(**{**dict(criterion), "weight": None if criterion.weight is None else Decimal(criterion.weight)}) for criterion in given]


def _weighting(given: GivenWeights | TreeWeights | FigureWeights) -> StatedWeighting:
    match given:
        case TreeWeights():
            return StatedWeighting(kind="tree", tree=given.tree.node())
        case FigureWeights():
            return StatedWeighting(kind=given.kind, population_period=given.population_period)
        case _:
            return StatedWeighting()


@routes.post("/weightings", operation_id="weigh_criteria", summary="Hitung bobot / Compute weights", dependencies=[allow(*READERS)])
async def weigh(request: Request, body: Weigh) -> Weighed:
    """The weights that a model with these criteria would get; nothing is stored."""
    database: Database = request.app.state.database
    async with database.reading() as connection:
        criteria, said = await handlers.weigh(connection, _criteria(body.criteria), _weighting(body.weighting))
    return Weighed(criteria=criteria, weighting=said)


@routes.get("/prioritisation-models", operation_id="list_prioritisation_models", summary="Daftar model / List models", dependencies=[allow(*READERS)])
async def list_models(request: Request, page: Paging, code: Annotated[Code | None, Query(description="all versions of one model")] = None) -> Page[ModelOut]:
    """In the order in which they were drafted."""
    statement = models.select() if code is None else models.select().where(models.c.code == code)
    database: Database = request.app.state.database
    async with database.reading() as connection:
        rows, cursor = await page.of(connection, statement, by=[models.c.id])
    return Page(items=[ModelOut.of(PrioritisationModel(**row._mapping)) for row in rows], next_cursor=cursor)


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
    "/prioritisation-models/{model_id}/submit",
    operation_id="submit_prioritisation_model",
    summary="Ajukan model / Submit a model",
    response_model=ModelOut,
)
async def submit_model(model_id: UUID, command: Changing, caller: Caller = allow(*DRAFTERS)) -> Response:
    """For approval. It has to rank the figures of now: what would fail a run is refused here."""
    return await command.change(model_id, lambda transaction: handlers.submit_model(transaction, model_id, caller.subject), ModelOut, PrioritisationModel)


@routes.post(
    "/prioritisation-models/{model_id}/schedule",
    operation_id="schedule_prioritisation_model",
    summary="Jadwalkan model / Schedule a model",
    response_model=ModelOut,
    dependencies=[allow(*DECIDERS)],
)
async def schedule_model(model_id: UUID, body: ScheduleModel, command: Changing) -> Response:
    """It becomes current on that day by itself."""
    return await command.change(
        model_id, lambda transaction: handlers.schedule_model(transaction, model_id, body.effective_from, today()), ModelOut, PrioritisationModel
    )


@routes.post(
    "/prioritisation-models/{model_id}/activate",
    operation_id="activate_prioritisation_model",
    summary="Berlakukan model / Activate a model",
    response_model=ModelOut,
    dependencies=[allow(*DECIDERS)],
)
async def activate_model(model_id: UUID, command: Changing) -> Response:
    """Runs use it from now on; the version that was current is retired."""
    return await command.change(model_id, lambda transaction: handlers.activate_model(transaction, model_id, today()), ModelOut, PrioritisationModel)


@routes.post(
    "/prioritisation-models/{model_id}/retire",
    operation_id="retire_prioritisation_model",
    summary="Tarik model / Retire a model",
    response_model=ModelOut,
    dependencies=[allow(*DECIDERS)],
)
async def retire_model(model_id: UUID, body: RetireModel, command: Changing) -> Response:
    """No further run uses it; runs that were created stay as they are."""
    return await command.change(model_id, lambda transaction: handlers.retire_model(transaction, model_id, body.reason_code), ModelOut, PrioritisationModel)


@routes.post(
    "/prioritisation-models/{model_id}/approve",
    operation_id="approve_prioritisation_model",
    summary="Setujui model / Approve a model",
    response_model=ModelOut,
)
async def approve_model(model_id: UUID, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """By another person than its author (prinsip empat mata)."""
    return await command.change(model_id, lambda transaction: handlers.approve_model(transaction, model_id, caller.subject), ModelOut, PrioritisationModel)
