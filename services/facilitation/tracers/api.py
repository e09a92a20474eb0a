"""Routes of tracers."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.facilitation.enrolments.api import EnrolmentOut
from services.facilitation.enrolments.domain import Enrolment
from services.facilitation.enrolments.tables import enrolments
from services.facilitation.scope import within
from services.facilitation.tracers import handlers
from services.facilitation.tracers.domain import TracerState
from services.facilitation.tracers.tables import training_tracers, with_region
from services.facilitation.trainings.organisers import ORGANISERS
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("training")
COMPANIONS = (Role.MENTOR, Role.REGENCY, Role.PROVINCE)
READERS = (*ORGANISERS, Role.MENTOR, Role.COORDINATOR, Role.AUDITOR)


class RecordTracer(RequestModel):
    """What became of the training; the codes are those of GET /v1/training-rules."""

    months_after: Annotated[int, Field(strict=True, ge=1, le=120, examples=[3])]
    applied_skill_code: Annotated[Code, Field(examples=["bookkeeping"])]
    turnover_band: Annotated[Code, Field(description="of a month", examples=["up_to_5_million"])]


class TracerOut(BaseModel):
    """A tracer (penelusuran) of one participant."""

    enrolment_id: UUID
    months_after: int
    training_id: UUID
    group_id: UUID
    enterprise_id: UUID
    course_code: str
    due_on: date
    overdue_after: date
    state: TracerState
    recorded_on: date | None
    applied_skill_code: str | None
    turnover_band: str | None


@routes.get("/training-tracers", operation_id="list_training_tracers", summary="Daftar penelusuran / List tracers")
async def list_tracers(
    request: Request,
    page: Paging,
    state: TracerState | None = None,
    training_id: UUID | None = None,
    enterprise_id: UUID | None = None,
    caller: Caller = allow(*READERS),
) -> Page[TracerOut]:
    """Those in the caller's regions, by due date; `state=overdue` are those that nobody asked in time."""
    c, e = training_tracers.c, enrolments.c
    statement = with_region().where(within(e.region_code, caller))
    for column, value in ((c.state, state), (e.training_id, training_id), (e.enterprise_id, enterprise_id)):
        if value is not None:
            statement = statement.where(column == value)
    return await page.listing(request, statement, TracerOut, by=[c.due_on, c.enrolment_id, c.months_after])


@routes.post("/enrolments/{enrolment_id}/trace", operation_id="record_training_tracer", summary="Catat penelusuran / Record", response_model=EnrolmentOut)
async def record(enrolment_id: UUID, body: RecordTracer, command: Changing, caller: Caller = allow(*COMPANIONS)) -> Response:
    """From its day on, once; an overdue one may still be recorded."""
    return await command.change(
        enrolment_id, lambda transaction: handlers.record_tracer(transaction, enrolment_id, caller, **dict(body), on=today()), EnrolmentOut, Enrolment
    )
