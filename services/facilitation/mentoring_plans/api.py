"""Routes of plans of who mentors whom."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import AfterValidator, BaseModel, Field

from services.facilitation.mentoring.api import READERS, SUPERVISORS, TopicCodes
from services.facilitation.mentoring_plans import handlers
from services.facilitation.mentoring_plans.domain import MentoringPlan, Proposed, Unassigned
from services.facilitation.mentoring_plans.tables import mentoring_plans
from services.facilitation.mentors.api import distinct
from services.facilitation.region_points.domain import Point
from services.facilitation.scope import within
from shared.clock import today
from shared.http.access import allow, require_region
from shared.http.commands import Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import RegionCode, RegionPrefix, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("mentoring-plans")
PLAN_READERS = tuple(role for role in READERS if role is not Role.MENTOR)


class Need(RequestModel):
    """What one group wants to be mentored in, where that differs from the others."""

    group_id: UUID
    topic_codes: TopicCodes


class RegionPointIn(RequestModel):
    """Where a regency/city lies, in degrees of WGS 84, in place of what mapping published."""

    region_code: RegionCode
    longitude: Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False, examples=[124.97])]
    latitude: Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False, examples=[-9.15])]


def _once_each(needs: list[Need]) -> list[Need]:
    distinct([str(need.group_id) for need in needs])
    return needs


class ComputePlan(RequestModel):
    """The region, and the topics for every group that seeks a mentor there."""

    region_code: RegionPrefix
    topic_codes: TopicCodes
    needs: Annotated[list[Need], Field(max_length=1000, default_factory=list), AfterValidator(_once_each)]
    max_distance_km: Annotated[int | None, Field(strict=True, ge=0, le=6000, description="null: as the rules say")] = None
    points: Annotated[list[RegionPointIn], Field(max_length=600, default_factory=list)]


class PlanOut(Representation[MentoringPlan]):
    """A plan of who mentors whom (rencana penugasan pendamping)."""

    id: UUID
    region_code: str
    computed_on: date
    rule_version: int
    max_distance_km: int
    topic_codes: list[str]
    proposed: list[Proposed]
    unassigned: list[Unassigned]
    covered_enterprises: int
    total_distance_m: int
    proven: bool = Field(description="whether it is proven that no assignment covers more enterprises, or as many with less distance")
    plan_hash: str


class PlanSummary(BaseModel):
    """A plan without its rows."""

    id: UUID
    region_code: str
    computed_on: date
    covered_enterprises: int
    total_distance_m: int
    proven: bool
    plan_hash: str


@routes.post("/mentoring-plans", operation_id="compute_mentoring_plan", summary="Hitung penugasan / Compute a plan", status_code=201, response_model=PlanOut)
async def compute(body: ComputePlan, command: Creating, caller: Caller = allow(*SUPERVISORS)) -> Response:
    """As many enterprises as possible under ceilings, areas, competence and distance, then the least travel; each group left over says why."""
    require_region(caller, body.region_code)
    topics_of = {need.group_id: need.topic_codes for need in body.needs}
    points = {each.region_code: Point(longitude=each.longitude, latitude=each.latitude) for each in body.points}
    return await command.create(
        lambda transaction: handlers.compute_plan(
            transaction,
            region_code=body.region_code,
            topic_codes=body.topic_codes,
            topics_of=topics_of,
            max_distance_km=body.max_distance_km,
            points=points,
            by=caller.subject,
            on=today(),
        ),
        PlanOut,
        MentoringPlan,
    )


@routes.get("/mentoring-plans", operation_id="list_mentoring_plans", summary="Daftar rencana penugasan / List plans")
async def list_plans(request: Request, page: Paging, caller: Caller = allow(*PLAN_READERS)) -> Page[PlanSummary]:
    """Those of the caller's regions, in the order in which they were computed."""
    return await page.listing(request, mentoring_plans.select().where(within(mentoring_plans.c.region_code, caller)), PlanSummary, by=[mentoring_plans.c.id])


@routes.get("/mentoring-plans/{mentoring_plan_id}", operation_id="get_mentoring_plan", summary="Baca rencana penugasan / Read a plan", response_model=PlanOut)
async def get_plan(request: Request, mentoring_plan_id: UUID, caller: Caller = allow(*PLAN_READERS)) -> Response:
    """With its ETag."""
    return await resource(request, MentoringPlan, mentoring_plan_id, PlanOut, visible=lambda found: caller.covers(found.region_code))
