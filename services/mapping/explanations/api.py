"""Routes of the explanation: why a region was selected or not, in plain Indonesian or English."""

from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Path, Query, Request, Response
from pydantic import BaseModel, Field

from services.mapping.computation.counterfactual import Change
from services.mapping.explanations import handlers
from services.mapping.explanations.domain import CriterionPart, Explanation
from services.mapping.explanations.sentences import sentences
from services.mapping.prioritisation.domain import PrioritisationRun
from services.mapping.prioritisation.representations import READERS
from shared.database import Database
from shared.http.access import PUBLIC, allow
from shared.http.problems import prefers_english
from shared.http.requests import router
from shared.security.identity import Caller, Role

routes = router("explanations")
Region = Annotated[str, Path(pattern=r"^[1-9][0-9]\.[0-9]{2}$", description="Kemendagri code", examples=["53.04"])]


class ChangeOut(BaseModel):
    """The smallest change that swaps the region in or out, all else the same; `changed` null where none does, with the reason."""

    stated: float = Field(description="a figure in the criterion's unit, or a weight as a share of 1")
    changed: float | None = Field(description="the first value that flips the outcome; 1 % less of the change does not")
    difference: float | None
    relative: float | None = Field(description="the difference as a share of what is stated")
    weights: list[str] | None = Field(description="of a changed weight: all weights after it, in the order of the criteria")
    reason: str | None = Field(description="out_of_range, forced, or budget")

    @classmethod
    def of(cls, change: Change) -> Self:
        """As found."""
        return cls(
            stated=change.stated,
            changed=change.changed,
            difference=change.difference,
            relative=change.relative,
            weights=[str(weight) for weight in change.weights] or None,
            reason=change.reason,
        )


class PartOut(BaseModel):
    """One criterion of the region."""

    code: str = Field(examples=["poverty_rate"])
    name_id: str
    name_en: str
    unit: str
    direction: str
    weight: str
    value: float | None
    contribution: float = Field(description="to the score")
    median_value: float = Field(description="of all candidates")
    median_contribution: float
    last_contribution: float | None = Field(description="of the region that `last_selected` names")
    smallest_figure_change: ChangeOut
    smallest_weight_change: ChangeOut

    @classmethod
    def of(cls, part: CriterionPart) -> Self:
        """As explained."""
        c = part.criterion
        return cls(
            code=c.code, name_id=c.name_id, name_en=c.name_en, unit=c.unit, direction=c.direction, weight=c.weight, value=part.value,
            contribution=part.contribution, median_value=part.median_value, median_contribution=part.median_contribution,
            last_contribution=part.last_contribution, smallest_figure_change=ChangeOut.of(part.figure), smallest_weight_change=ChangeOut.of(part.weight),
        )  # fmt: skip


class NamedOut(BaseModel):
    """Another region."""

    region_code: str
    name: str
    score: float


class DecidedOut(BaseModel):
    """What people decided otherwise than the figures."""

    kind: str = Field(description="override, include or exclude")
    region_code: str
    in_place_of: str | None
    reason_code: str


class RobustnessOut(BaseModel):
    """What the certificate says of the region."""

    probability: float = Field(description="share of the draws in which it is selected")
    interval: tuple[float, float] = Field(description="95 %, after Wilson")
    draws: int
    standing: str = Field(description="firm, borderline or out")
    median_rank: int
    rank_range: tuple[int, int] = Field(description="5 to 95 % of the draws")


class ExplanationOut(BaseModel):
    """Why a region was selected or not (penjelasan)."""

    run_id: UUID
    result_hash: str | None
    region_code: str
    name: str
    province_code: str
    province_name: str
    sentences: list[str] = Field(description="in the language of the answer, see Content-Language")
    selected: bool = Field(description="as decided")
    computed: bool = Field(description="as computed")
    decided: DecidedOut | None = Field(description="where people decided otherwise")
    rank: int | None
    candidates: int
    score: float | None
    threshold: float | None = Field(description="score from which the figures select it, all other scores the same; null where no score of its own decides")
    distance: float | None = Field(description="score less threshold")
    cut: float | None = Field(description="lowest score on the list")
    last_selected: NamedOut | None = Field(description="in its province; of the whole list where its province has no other")
    criteria: list[PartOut]
    missing_codes: list[str] = Field(description="criteria without a figure, for which it was not ranked")
    robustness: RobustnessOut | None = Field(description="null before the run has a certificate")


@routes.get(
    "/prioritisation-runs/{run_id}/regions/{region_code}/explanation",
    operation_id="explain_region",
    summary="Mengapa wilayah ini terpilih atau tidak / Why this region was selected or not",
    response_model=ExplanationOut,
)
async def explain_region(request: Request, run_id: UUID, region_code: Region, caller: Caller | None = allow(Role.PUBLIC)) -> Response:
    """Public once the run is published. Indonesian, or English by Accept-Language."""
    public_only = caller is None or caller.role not in READERS
    return _answer(request, *await handlers.explain(_database(request), run_id, region_code, public_only=public_only))


@routes.get(
    "/regions/{region_code}/explanation",
    operation_id="explain_region_in_force",
    summary="Penjelasan menurut daftar yang berlaku / Explanation by the list in force",
    response_model=ExplanationOut,
    dependencies=[PUBLIC],
)
async def explain_in_force(request: Request, region_code: Region, programme_id: Annotated[UUID, Query(description="whose list in force")]) -> Response:
    """The same, of the programme's list in force."""
    database = _database(request)
    run_id = await handlers.in_force(database, programme_id)
    return _answer(request, *await handlers.explain(database, run_id, region_code, public_only=True))


def _database(request: Request) -> Database:
    database: Database = request.app.state.database
    return database


def _answer(request: Request, run: PrioritisationRun, e: Explanation) -> Response:
    english = prefers_english(request)
    said = ExplanationOut(
        run_id=run.id,
        result_hash=run.result_hash,
        region_code=e.region_code,
        name=e.place.name,
        province_code=e.place.province_code,
        province_name=e.place.province_name,
        sentences=sentences(e, english=english),
        selected=e.selected,
        computed=e.computed,
        decided=DecidedOut(**_fields(e.decided)) if e.decided else None,
        rank=e.row.rank if e.row else None,
        candidates=e.candidates,
        score=e.row.score if e.row else None,
        threshold=e.threshold,
        distance=e.distance,
        cut=e.cut,
        last_selected=NamedOut(region_code=e.last.region_code, name=e.last.place.name, score=e.last.score) if e.last else None,
        criteria=[PartOut.of(part) for part in e.parts],
        missing_codes=list(e.missing_codes),
        robustness=RobustnessOut(**_fields(e.robustness)) if e.robustness else None,
    )
    headers = {"Content-Language": "en" if english else "id", "Vary": "Accept-Language", "Cache-Control": "no-cache"}
    return Response(said.model_dump_json(), media_type="application/json", headers=headers)


def _fields(of: Any) -> dict[str, Any]:
    return {name: getattr(of, name) for name in of.__slots__}
