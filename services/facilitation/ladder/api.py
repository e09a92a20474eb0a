"""Routes of the graduation ladder."""

from datetime import date
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.facilitation.enterprises.api import READERS, EnterpriseOut
from services.facilitation.enterprises.domain import Enterprise
from services.facilitation.ladder import handlers
from services.facilitation.ladder.domain import ladder_on
from services.facilitation.scope import get_within
from shared.clock import today
from shared.database import Database
from shared.http.access import allow
from shared.http.commands import Changing
from shared.http.requests import router
from shared.security.identity import Caller, Role

routes = router("ladder")
OFFICERS = (Role.REGENCY, Role.PROVINCE, Role.PROGRAMME_OWNER)


class CriterionOut(BaseModel):
    """A criterion (kriteria), what it asks for and what there is."""

    code: str
    at_least: int | None
    any_of: list[str] = Field(description="names of events that count")
    actual: int
    met: bool


class LadderStep(BaseModel):
    """A step (anak tangga) and its criteria."""

    code: str
    reached: bool
    criteria: list[CriterionOut]


class LadderOut(BaseModel):
    """Where an enterprise stands on the ladder (tangga kemandirian)."""

    enterprise_id: UUID
    step: str
    since: date | None
    days_in_step: int
    criteria_version: int
    source: str
    steps: list[LadderStep]


@routes.get("/enterprises/{enterprise_id}/ladder", operation_id="enterprise_ladder", summary="Tangga kemandirian / Graduation ladder")
async def ladder(request: Request, enterprise_id: UUID, caller: Caller = allow(*READERS)) -> LadderOut:
    """Each step with its criteria, met or not, and how long the enterprise has stood where it stands."""
    database: Database = request.app.state.database
    on, rules = today(), ladder_on(today())
    async with database.transaction() as uow:
        enterprise = await get_within(uow, Enterprise, enterprise_id, caller)
        facts = await handlers.facts_of(uow, enterprise)
    reached = rules.steps.index(enterprise.ladder_step)
    steps = [
        LadderStep(
            code=step,
            reached=position <= reached,
            criteria=[
                CriterionOut(code=each.code, at_least=each.at_least, any_of=list(each.any_of), actual=each.actual, met=each.met)
                for each in rules.judged(step, facts)
            ],
        )
        for position, step in enumerate(rules.steps)
    ]
    since = enterprise.ladder_since or enterprise.registered_on
    return LadderOut(
        enterprise_id=enterprise_id,
        step=enterprise.ladder_step,
        since=since,
        days_in_step=(on - since).days,
        criteria_version=rules.version,
        source=rules.source,
        steps=steps,
    )


@routes.post("/enterprises/{enterprise_id}/climb", operation_id="climb_ladder", summary="Naik anak tangga / Reach the next step", response_model=EnterpriseOut)
async def climb(enterprise_id: UUID, command: Changing, caller: Caller = allow(*OFFICERS)) -> Response:
    """An active one whose next step's criteria are met."""
    return await command.change(enterprise_id, lambda transaction: handlers.climb(transaction, enterprise_id, caller, today()), EnterpriseOut, Enterprise)


@routes.post(
    "/enterprises/{enterprise_id}/graduate",
    operation_id="graduate_enterprise",
    summary="Nyatakan mandiri / Graduate",
    response_model=EnterpriseOut,
)
async def graduate(enterprise_id: UUID, command: Changing, caller: Caller = allow(*OFFICERS)) -> Response:
    """From the last step, when its criteria were met in two quarters in a row."""
    return await command.change(enterprise_id, lambda transaction: handlers.graduate(transaction, enterprise_id, caller, today()), EnterpriseOut, Enterprise)
