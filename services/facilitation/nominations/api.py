"""Routes of nominations."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.facilitation.enrolments.domain import Gender, Nominee
from services.facilitation.nominations import handlers
from services.facilitation.nominations.domain import Nomination, NominationRow
from services.facilitation.nominations.tables import nominations
from services.facilitation.scope import within
from services.facilitation.trainings.organisers import ORGANISERS
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("training")
COMPANIONS = (Role.MENTOR, Role.REGENCY, Role.PROVINCE)
READERS = (*ORGANISERS, Role.MENTOR, Role.COORDINATOR, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)


class NomineeGiven(RequestModel):
    """Whom the group names, and the consent of that person."""

    enterprise_id: UUID
    gender: Gender
    consent_purpose: Annotated[Code, Field(description="what the person agreed to", examples=["training_participation"])]
    consent_on: Annotated[date, Field(examples=["2026-07-20"])]


class Nominate(RequestModel):
    """A group's list."""

    group_id: UUID
    nominees: Annotated[list[NomineeGiven], Field(min_length=1, max_length=200)]


class NominationOut(Representation[Nomination]):
    """A list of nominees (usulan peserta) and the answer to each row."""

    id: UUID
    training_id: UUID
    group_id: UUID
    received_on: date
    rows: list[NominationRow]


@routes.post(
    "/trainings/{training_id}/nominations",
    operation_id="nominate_participants",
    summary="Usulkan peserta / Nominate participants",
    status_code=201,
    response_model=NominationOut,
)
async def nominate(training_id: UUID, body: Nominate, command: Creating, caller: Caller = allow(*COMPANIONS)) -> Response:
    """Active members of an active group, while registration is open. Each row is answered: a seat, a place on the waiting list, or a refusal."""
    nominees = [Nominee(**dict(each)) for each in body.nominees]
    return await command.create(
        lambda transaction: handlers.nominate(transaction, training_id, caller, group_id=body.group_id, nominees=nominees, on=today()),
        NominationOut,
        Nomination,
    )


@routes.get("/trainings/{training_id}/nominations", operation_id="list_nominations", summary="Daftar usulan peserta / Nomination lists")
async def list_nominations(request: Request, page: Paging, training_id: UUID, caller: Caller = allow(*READERS)) -> Page[NominationOut]:
    """In the order in which they came."""
    c = nominations.c
    return await page.listing(request, nominations.select().where(c.training_id == training_id, within(c.region_code, caller)), NominationOut, by=[c.id])


@routes.get(
    "/trainings/{training_id}/nominations/{nomination_id}",
    operation_id="get_nomination",
    summary="Baca usulan peserta / Read a nomination list",
    response_model=NominationOut,
)
async def get_nomination(request: Request, training_id: UUID, nomination_id: UUID, caller: Caller = allow(*READERS)) -> Response:
    """As it was answered."""
    return await resource(
        request, Nomination, nomination_id, NominationOut, visible=lambda found: found.training_id == training_id and caller.covers(found.region_code)
    )
