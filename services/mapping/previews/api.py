"""Routes of the preview of a model, and of the comparison of methods."""

from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, Field

from services.mapping.computation.comparison import Comparison
from services.mapping.computation.constraints import Quota
from services.mapping.previews import handlers
from services.mapping.prioritisation.outcome import SelectedLocation
from services.mapping.prioritisation.representations import READERS
from services.mapping.publication.handlers import places_of
from services.mapping.regions.codes import RegionLevel
from services.mapping.regions.tables import names_of
from shared.database import Database
from shared.http.access import allow
from shared.http.requests import RequestModel, router
from shared.security.identity import Caller, Role

routes = router("previews")
PERIOD = r"^[0-9]{4}(-[0-9]{2}|-S[12]|-Q[1-4])?$"


class PreviewModel(RequestModel):
    """For which quota, and against which programme's list in force."""

    area_quota: Annotated[int, Field(strict=True, ge=1, le=100_000, examples=[48])]
    province_quota: Annotated[int, Field(strict=True, ge=1, le=38, examples=[8])]
    population_period: Annotated[str, Field(pattern=PERIOD, description="of derived indicators")] = "2017"
    level: Annotated[RegionLevel, Field(description="of the candidates: regency, district or village, as far as there are figures")] = RegionLevel.REGENCY
    period: Annotated[str | None, Field(pattern=PERIOD, description="of the figures; the newest of each unless given")] = None
    programme_id: Annotated[UUID | None, Field(description="to see what would enter and leave its list in force")] = None


class NamedRegion(BaseModel):
    """A regency or city."""

    region_code: str
    name: str
    province_name: str


class PreviewOut(BaseModel):
    """What the model would select now (pratinjau); nothing is stored."""

    input_hash: str
    result_hash: str = Field(description="a run of the model would have this hash")
    candidate_count: int
    selected: list[SelectedLocation] = Field(description="best first")
    names: dict[str, str] = Field(description="of every region that is named here, by code")
    compared_with_run_id: UUID | None = Field(description="the run whose list is in force")
    enters: list[str] = Field(description="would enter that list")
    leaves: list[str] = Field(description="would leave it")


class ComparedOut(BaseModel):
    """One method on the same figures and weights."""

    aggregation: str
    normalisation: str
    own: bool = Field(description="the run's own method")
    region_codes: list[str] = Field(description="what it would choose, best first")
    overlap_count: int = Field(description="in common with the computed selection of the run")
    enters: list[str]
    leaves: list[str]
    spearman: float | None = Field(description="rank correlation with the run's own scores")
    kendall: float | None = Field(description="Kendall's tau-b with them")
    refused: str | None = Field(description="why the figures do not admit it, e.g. ranking.non_positive_value; null where they do")


class ChosenBy(NamedRegion):
    """How many methods choose a region."""

    methods: int
    selected: bool = Field(description="by the run's own method")


class ComparisonOut(BaseModel):
    """The same figures by every method. None is the right one; what all of them choose is beyond their dispute."""

    run_id: UUID
    result_hash: str | None
    method_count: int = Field(description="methods that the figures admit")
    methods: list[ComparedOut]
    regions: list[ChosenBy] = Field(description="every region that any method chooses, those of all methods first")


@routes.post(
    "/prioritisation-models/{model_id}/preview",
    operation_id="preview_prioritisation_model",
    summary="Pratinjau model / Preview a model",
    dependencies=[allow(*READERS)],
)
async def preview_model(request: Request, model_id: UUID, body: PreviewModel) -> PreviewOut:
    """Who would be chosen, before anything is approved or locked."""
    database = _database(request)
    quota = Quota(body.area_quota, body.province_quota)
    found = await handlers.preview(database, model_id, quota, body.population_period, body.programme_id, body.level, body.period)
    named = {*(location.region_code for location in found.selected), *found.leaves}
    async with database.reading() as connection:
        names = {row.region_code: row.name for row in await connection.execute(names_of(named))}
    return PreviewOut(
        input_hash=found.input_hash, result_hash=found.result_hash, candidate_count=found.candidate_count, selected=found.selected,
        names={code: names[code] for code in sorted(named)}, compared_with_run_id=found.compared_with_run_id,
        enters=found.enters, leaves=found.leaves,
    )  # fmt: skip


@routes.get("/prioritisation-runs/{run_id}/comparison", operation_id="compare_methods", summary="Perbandingan metode / Comparison of methods")
async def compare_methods(request: Request, run_id: UUID, caller: Caller | None = allow(Role.PUBLIC)) -> ComparisonOut:
    """Public once the run is published. The run's overrides are left out: methods are compared with what was computed."""
    database = _database(request)
    run, found = await handlers.comparison(database, run_id, public_only=caller is None or caller.role not in READERS)
    async with database.reading() as connection:
        places = await places_of(connection)
    own = next((set(each.region_codes) for each in found.methods if each.own), set[str]())
    return ComparisonOut(
        run_id=run.id,
        result_hash=run.result_hash,
        method_count=found.able,
        methods=_methods(found),
        regions=[
            ChosenBy(region_code=code, name=places[code].name, province_name=places[code].province_name, methods=count, selected=code in own)
            for code, count in found.chosen_by.items()
        ],
    )


def _methods(found: Comparison) -> list[ComparedOut]:
    return [
        ComparedOut(
            aggregation=each.aggregation, normalisation=each.normalisation, own=each.own, region_codes=list(each.region_codes),
            overlap_count=len(each.region_codes) - len(each.enters), enters=list(each.enters), leaves=list(each.leaves),
            spearman=each.spearman, kendall=each.kendall, refused=each.refused,
        )
        for each in found.methods
    ]  # fmt: skip


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database
