"""Routes of programmes."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.coordination.programmes import handlers
from services.coordination.programmes.domain import Programme, ProgrammeStatus
from services.coordination.programmes.tables import programmes
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Count, Name, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("programmes")
OWNERS = (Role.PROGRAMME_OWNER, Role.COORDINATOR)
READERS = tuple(role for role in Role if role is not Role.PUBLIC and role is not Role.SYSTEM_ADMIN)


class DraftProgramme(RequestModel):
    """A programme as written down."""

    code: Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9-]{2,31}$", examples=["PKE-2024"])]
    title: Annotated[Name, Field(examples=["Pengentasan kemiskinan ekstrem melalui usaha mikro"])]
    legal_basis: Annotated[Name, Field(description="dasar hukum", examples=["Inpres 4/2022"])]
    valid_from: date
    valid_to: date
    area_quota: Annotated[Count, Field(description="regencies/cities to be prioritised", examples=[48])]
    province_quota: Annotated[Count, Field(description="in exactly so many provinces", examples=[8])]
    funding_sources: Annotated[list[Code], Field(min_length=1, max_length=20, examples=[["apbn", "apbd"]])]
    lead_institution_id: UUID


class ProgrammeOut(Representation[Programme]):
    """A programme (program)."""

    id: UUID
    code: str
    title: str
    legal_basis: str
    valid_from: date
    valid_to: date
    area_quota: int
    province_quota: int
    funding_sources: list[str]
    lead_institution_id: UUID
    status: ProgrammeStatus


@routes.post("/programmes", operation_id="draft_programme", summary="Susun program / Draft a programme", status_code=201, response_model=ProgrammeOut)
async def draft(body: DraftProgramme, command: Creating, caller: Caller = allow(*OWNERS)) -> Response:
    """The author submits it, and another person activates it."""
    return await command.create(lambda transaction: handlers.draft_programme(transaction, **dict(body), author=caller.subject), ProgrammeOut, Programme)


@routes.get("/programmes", operation_id="list_programmes", summary="Daftar program / List programmes", dependencies=[allow(*READERS)])
async def list_programmes(request: Request, page: Paging, code: Annotated[str | None, Field(max_length=32)] = None) -> Page[ProgrammeOut]:
    """In the order in which they were drafted."""
    statement = programmes.select() if code is None else programmes.select().where(programmes.c.code == code)
    return await page.listing(request, statement, ProgrammeOut, by=[programmes.c.id])


@routes.get(
    "/programmes/{programme_id}",
    operation_id="get_programme",
    summary="Baca program / Read a programme",
    response_model=ProgrammeOut,
    dependencies=[allow(*READERS)],
)
async def get_programme(request: Request, programme_id: UUID) -> Response:
    """With its ETag."""
    return await resource(request, Programme, programme_id, ProgrammeOut)


@routes.post("/programmes/{programme_id}/submit", operation_id="submit_programme", summary="Ajukan program / Submit", response_model=ProgrammeOut)
async def submit(programme_id: UUID, command: Changing, caller: Caller = allow(*OWNERS)) -> Response:
    """From draft."""
    return await command.change(programme_id, lambda transaction: handlers.submit_programme(transaction, programme_id), ProgrammeOut, Programme)


@routes.post("/programmes/{programme_id}/activate", operation_id="activate_programme", summary="Berlakukan program / Activate", response_model=ProgrammeOut)
async def activate(programme_id: UUID, command: Changing, caller: Caller = allow(*OWNERS)) -> Response:
    """From submitted, by another person than the author (prinsip empat mata)."""
    return await command.change(
        programme_id, lambda transaction: handlers.activate_programme(transaction, programme_id, caller.subject), ProgrammeOut, Programme
    )
