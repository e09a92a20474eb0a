"""Routes of objections."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel, Field

from services.mapping.objections import handlers
from services.mapping.objections.domain import Decision, Grounds, LocationObjection, ObjectionStatus
from services.mapping.objections.tables import objections, objections_to
from services.mapping.prioritisation.domain import PrioritisationRun
from shared.clock import today
from shared.database import Database
from shared.errors import NotFound
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Note, RegionCode, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("objections")
FILERS = (Role.REGENCY,)
DECIDERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)
READERS = (*DECIDERS, Role.AUDITOR, *FILERS)
LISTERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)


class FileObjection(RequestModel):
    """Why a regency or city objects. Name no persons in the note: whoever decides reads it."""

    region_code: RegionCode
    grounds_code: Annotated[Grounds, Field(examples=["data_wrong"])]
    note: Annotated[Note, Field(examples=["Angka kemiskinan yang dipakai bukan angka resmi terakhir."])]


class DecideObjection(RequestModel):
    """The answer (putusan)."""

    decision_code: Decision
    reason_code: Annotated[Code, Field(examples=["figures_confirmed"])]
    note: Annotated[Note, Field(examples=["Angka telah dicocokkan dengan publikasi BPS."])]


class ObjectionOut(Representation[LocationObjection]):
    """An objection (keberatan) with its texts, for the region itself and for those who decide."""

    id: UUID
    run_id: UUID
    region_code: str
    grounds_code: Grounds
    note: str
    filed_on: date
    answer_by: date = Field(description="the day by which it is to be decided")
    status: ObjectionStatus
    decision_code: Decision | None
    reason_code: str | None
    decision_note: str | None
    decided_on: date | None


class ObjectionListed(BaseModel):
    """An objection as anybody may see it: what and when, without names and texts."""

    id: UUID
    region_code: str
    grounds_code: Grounds
    filed_on: date
    answer_by: date
    status: ObjectionStatus
    decision_code: Decision | None
    reason_code: str | None
    decided_on: date | None


@routes.post(
    "/prioritisation-runs/{run_id}/objections",
    operation_id="file_location_objection",
    summary="Ajukan keberatan / File an objection",
    status_code=201,
    response_model=ObjectionOut,
)
async def file_objection(run_id: UUID, body: FileObjection, command: Creating, caller: Caller = allow(*FILERS)) -> Response:
    """By the institution of the regency or city, for its own region, while the window is open; once on each ground."""
    return await command.create(
        lambda transaction: handlers.file_objection(transaction, run_id, caller, **dict(body), on=today()), ObjectionOut, LocationObjection
    )


@routes.get(
    "/prioritisation-runs/{run_id}/objections",
    operation_id="list_location_objections",
    summary="Daftar keberatan terhadap penetapan / List the objections to a run",
)
async def list_objections(request: Request, run_id: UUID, page: Paging, caller: Caller | None = allow(Role.PUBLIC)) -> Page[ObjectionListed]:
    """Public once the run is published. Nobody's name and no text is in it."""
    database: Database = request.app.state.database
    async with database.transaction() as uow:
        run = await uow.get(PrioritisationRun, run_id)
    if not (run.is_public or (caller and caller.role in LISTERS)):
        raise NotFound
    return await page.listing(request, objections_to(run_id), ObjectionListed, by=[objections.c.id])


@routes.get("/objections/{objection_id}", operation_id="get_location_objection", summary="Baca keberatan / Read an objection", response_model=ObjectionOut)
async def get_objection(request: Request, objection_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """With its texts and its ETag; a regency or city reads its own."""
    return await resource(request, LocationObjection, objection_id, ObjectionOut, visible=lambda objection: caller.covers(objection.region_code))


@routes.post(
    "/objections/{objection_id}/decide",
    operation_id="decide_location_objection",
    summary="Putuskan keberatan / Decide an objection",
    response_model=ObjectionOut,
)
async def decide_objection(objection_id: UUID, body: DecideObjection, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """With a reason, dated today; by neither who filed it nor who started or computed the run."""
    return await command.change(
        objection_id,
        lambda transaction: handlers.decide_objection(transaction, objection_id, **dict(body), by=caller.subject, on=today()),
        ObjectionOut,
        LocationObjection,
    )
