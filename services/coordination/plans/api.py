"""Routes of action plans."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import AwareDatetime, Field

from services.coordination.approvals.api import ApproveTier, DecisionOut, ReturnAtTier, officer
from services.coordination.approvals.domain import Tier
from services.coordination.approvals.tables import approval_decisions, decisions_on
from services.coordination.plans import handlers
from services.coordination.plans.domain import ActionPlan, Overlap, PlanLine, PlanStatus
from services.coordination.plans.tables import action_plans, plan_as_recorded
from shared.clock import today
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Count, RegionCode, RequestModel, RupiahOrNone, router
from shared.security.identity import Caller, Role

routes = router("action-plans")
PLANNERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER, Role.PARTNER_MINISTRY, Role.PROVINCE, Role.REGENCY, Role.LENDER, Role.BUYER)
READERS = (*PLANNERS, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)
Quarter = Annotated[str, Field(pattern=r"^20[0-9]{2}-Q[1-4]$", examples=["2026-Q3"])]
FiscalYear = Annotated[int, Field(strict=True, ge=2000, le=2099, description="tahun anggaran, the calendar year", examples=[2026])]


class PlanLineIn(RequestModel):
    """One line: what, where, in which quarter, how much."""

    location_code: RegionCode
    intervention_code: Annotated[Code, Field(examples=["business_training"])]
    quarter: Quarter
    output_quantity: Count
    output_unit: Annotated[Code, Field(examples=["enterprises"])]
    amount_idr: RupiahOrNone
    funding_source: Annotated[Code, Field(examples=["apbn"])]


Lines = Annotated[list[PlanLineIn], Field(max_length=2000)]


class DraftPlan(RequestModel):
    """A plan of the caller's institution; the next version, where one was approved before."""

    programme_id: UUID
    fiscal_year: FiscalYear
    lines: Annotated[Lines, Field(default_factory=list)]


class SetLines(RequestModel):
    """All lines; they replace the former ones."""

    lines: Lines


class ActionPlanOut(Representation[ActionPlan]):
    """An action plan (rencana aksi), one version of it."""

    id: UUID
    programme_id: UUID
    institution_id: UUID
    fiscal_year: int
    plan_version: int
    lines: list[PlanLine]
    approval_tiers: list[Tier]
    current_tier: int
    status: PlanStatus
    plan_hash: str | None = Field(description="SHA-256 of the approved lines, as JSON with sorted names and no spaces")
    approved_on: date | None
    overlaps: list[Overlap] = Field(description="other institutions' plans for the same location, intervention and quarter")


def _lines(given: list[PlanLineIn]) -> list[PlanLine]:
    return [PlanLine(**dict(line)) for line in given]


@routes.post("/action-plans", operation_id="draft_plan", summary="Susun rencana aksi / Draft a plan", status_code=201, response_model=ActionPlanOut)
async def draft(body: DraftPlan, command: Creating, caller: Caller = allow(*PLANNERS)) -> Response:
    """By an institution that takes part in a programme in force."""
    return await command.create(
        lambda transaction: handlers.draft_plan(
            transaction,
            programme_id=body.programme_id,
            institution_id=caller.institution_id,
            fiscal_year=body.fiscal_year,
            lines=_lines(body.lines),
            author=caller.subject,
            on=today(),
        ),
        ActionPlanOut,
        ActionPlan,
    )


@routes.get("/action-plans", operation_id="list_plans", summary="Daftar rencana aksi / List plans", dependencies=[allow(*READERS)])
async def list_plans(
    request: Request,
    page: Paging,
    programme_id: UUID | None = None,
    institution_id: UUID | None = None,
    fiscal_year: Annotated[int | None, Field(ge=2000, le=2099)] = None,
    status: PlanStatus | None = None,
) -> Page[ActionPlanOut]:
    """All versions, in the order in which they were begun."""
    statement = action_plans.select()
    given = (("programme_id", programme_id), ("institution_id", institution_id), ("fiscal_year", fiscal_year), ("status", status))
    for column, value in given:
        if value is not None:
            statement = statement.where(action_plans.c[column] == value)
    return await page.listing(request, statement, ActionPlanOut, by=[action_plans.c.id])


@routes.get(
    "/action-plans/{plan_id}",
    operation_id="get_plan",
    summary="Baca rencana aksi / Read a plan",
    response_model=ActionPlanOut,
    dependencies=[allow(*READERS)],
)
async def get_plan(
    request: Request,
    plan_id: UUID,
    as_of: Annotated[AwareDatetime | None, Query(description="an instant with its offset, such as 2026-07-01T00:00:00Z")] = None,
) -> Response:
    """With its ETag; with `as_of` as it was at that instant, without an ETag."""
    if as_of is None:
        return await resource(request, ActionPlan, plan_id, ActionPlanOut)
    database: Database = request.app.state.database
    async with database.reading() as connection:
        row = (await connection.execute(plan_as_recorded(plan_id, as_of))).one_or_none()
    if row is None:
        raise NotFound
    then = ActionPlanOut.model_validate(row.state)
    return Response(then.model_dump_json(), headers={"Cache-Control": "private, no-cache"}, media_type="application/json")


@routes.get(
    "/action-plans/{plan_id}/decisions",
    operation_id="list_plan_decisions",
    summary="Keputusan atas rencana / Decisions on a plan",
    dependencies=[allow(*READERS)],
)
async def decisions(request: Request, page: Paging, plan_id: UUID) -> Page[DecisionOut]:
    """Every decision of every tier, also on what was given back or refused."""
    return await page.listing(request, decisions_on(plan_id), DecisionOut, by=[approval_decisions.c.id])


@routes.post("/action-plans/{plan_id}/set-lines", operation_id="set_plan_lines", summary="Tulis baris / Set lines", response_model=ActionPlanOut)
async def set_lines(plan_id: UUID, body: SetLines, command: Changing, caller: Caller = allow(*PLANNERS)) -> Response:
    """While it is a draft, or after it was given back."""
    return await command.change(
        plan_id, lambda transaction: handlers.set_lines(transaction, plan_id, _lines(body.lines), caller.institution_id), ActionPlanOut, ActionPlan
    )


@routes.post("/action-plans/{plan_id}/submit", operation_id="submit_plan", summary="Ajukan rencana aksi / Submit", response_model=ActionPlanOut)
async def submit(plan_id: UUID, command: Changing, caller: Caller = allow(*PLANNERS)) -> Response:
    """From draft or revision, with at least one line."""
    return await command.change(plan_id, lambda transaction: handlers.submit_plan(transaction, plan_id, caller.institution_id), ActionPlanOut, ActionPlan)


@routes.post("/action-plans/{plan_id}/approve", operation_id="approve_plan_tier", summary="Setujui satu tingkat / Approve a tier", response_model=ActionPlanOut)
async def approve(plan_id: UUID, body: ApproveTier, command: Changing, caller: Caller = allow(*READERS)) -> Response:
    """As the tier whose turn it is; the last tier approves the plan."""
    return await command.change(
        plan_id,
        lambda transaction: handlers.approve_tier(
            transaction, plan_id, tier=body.tier, by=officer(caller), institution_id=caller.institution_id, comment=body.comment, on=today()
        ),
        ActionPlanOut,
        ActionPlan,
    )


@routes.post(
    "/action-plans/{plan_id}/request-revision",
    operation_id="request_plan_revision",
    summary="Minta perbaikan / Request a revision",
    response_model=ActionPlanOut,
)
async def request_revision(plan_id: UUID, body: ReturnAtTier, command: Changing, caller: Caller = allow(*READERS)) -> Response:
    """Gives it back to its institution, with a comment."""
    return await command.change(
        plan_id,
        lambda transaction: handlers.request_revision(transaction, plan_id, **dict(body), by=officer(caller), institution_id=caller.institution_id),
        ActionPlanOut,
        ActionPlan,
    )


@routes.post("/action-plans/{plan_id}/reject", operation_id="reject_plan", summary="Tolak rencana aksi / Reject", response_model=ActionPlanOut)
async def reject(plan_id: UUID, body: ReturnAtTier, command: Changing, caller: Caller = allow(*READERS)) -> Response:
    """Refuses it, with a comment; it is kept."""
    return await command.change(
        plan_id,
        lambda transaction: handlers.reject_plan(transaction, plan_id, **dict(body), by=officer(caller), institution_id=caller.institution_id),
        ActionPlanOut,
        ActionPlan,
    )
