"""Routes of participations."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.coordination.participation import handlers
from services.coordination.participation.domain import Participation, ParticipationRole, ParticipationStatus
from services.coordination.participation.tables import participations
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, RegionPrefix, RequestModel, router
from shared.security.identity import Caller, Role

routes = router("participations")
MEMBERS = tuple(role for role in Role if role not in (Role.PUBLIC, Role.SYSTEM_ADMIN, Role.MENTOR))


class InviteInstitution(RequestModel):
    """Whom to invite to what, in which role."""

    programme_id: UUID
    institution_id: UUID
    role_code: ParticipationRole
    area_scope: Annotated[list[RegionPrefix], Field(max_length=600, description="provinces or regencies/cities; empty means all", default_factory=list)]
    respond_by: date


class DeclineInvitation(RequestModel):
    """Why not."""

    reason_code: Annotated[Code, Field(examples=["no_budget"])]


class ChangeScope(RequestModel):
    """The areas from today on."""

    area_scope: Annotated[list[RegionPrefix], Field(max_length=600, description="provinces or regencies/cities; empty means all")]


class WithReason(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["no_budget"])]


class ParticipationOut(Representation[Participation]):
    """A participation (keikutsertaan)."""

    id: UUID
    programme_id: UUID
    institution_id: UUID
    role_code: ParticipationRole
    area_scope: list[str]
    respond_by: date
    status: ParticipationStatus


@routes.post(
    "/participations", operation_id="invite_institution", summary="Undang lembaga / Invite an institution", status_code=201, response_model=ParticipationOut
)
async def invite(body: InviteInstitution, command: Creating, caller: Caller = allow(Role.COORDINATOR, Role.PROGRAMME_OWNER)) -> Response:
    """The invited institution accepts or declines."""
    return await command.create(lambda transaction: handlers.invite_institution(transaction, **dict(body)), ParticipationOut, Participation)


@routes.get("/participations", operation_id="list_participations", summary="Daftar keikutsertaan / List participations", dependencies=[allow(*MEMBERS)])
async def list_participations(request: Request, page: Paging, programme_id: UUID | None = None, institution_id: UUID | None = None) -> Page[ParticipationOut]:
    """In the order of invitation."""
    statement = participations.select()
    if programme_id:
        statement = statement.where(participations.c.programme_id == programme_id)
    if institution_id:
        statement = statement.where(participations.c.institution_id == institution_id)
    return await page.listing(request, statement, ParticipationOut, by=[participations.c.id])


@routes.get(
    "/participations/{participation_id}",
    operation_id="get_participation",
    summary="Baca keikutsertaan / Read a participation",
    response_model=ParticipationOut,
    dependencies=[allow(*MEMBERS)],
)
async def get_participation(request: Request, participation_id: UUID) -> Response:
    """With its ETag."""
    return await resource(request, Participation, participation_id, ParticipationOut)


@routes.post("/participations/{participation_id}/accept", operation_id="accept_invitation", summary="Terima undangan / Accept", response_model=ParticipationOut)
async def accept(participation_id: UUID, command: Changing, caller: Caller = allow(*MEMBERS)) -> Response:
    """By the invited institution, before the date set."""
    return await command.change(
        participation_id,
        lambda transaction: handlers.accept_invitation(transaction, participation_id, caller.institution_id, today()),
        ParticipationOut,
        Participation,
    )


@routes.post(
    "/participations/{participation_id}/decline", operation_id="decline_invitation", summary="Tolak undangan / Decline", response_model=ParticipationOut
)
async def decline(participation_id: UUID, body: DeclineInvitation, command: Changing, caller: Caller = allow(*MEMBERS)) -> Response:
    """By the invited institution, with a reason."""
    return await command.change(
        participation_id,
        lambda transaction: handlers.decline_invitation(transaction, participation_id, caller.institution_id, today(), body.reason_code),
        ParticipationOut,
        Participation,
    )


@routes.post(
    "/participations/{participation_id}/change-scope",
    operation_id="change_participation_scope",
    summary="Ubah cakupan wilayah / Change scope",
    response_model=ParticipationOut,
)
async def change_scope(
    participation_id: UUID, body: ChangeScope, command: Changing, caller: Caller = allow(Role.COORDINATOR, Role.PROGRAMME_OWNER)
) -> Response:
    """No location with an open commitment may fall outside."""
    return await command.change(
        participation_id, lambda transaction: handlers.change_scope(transaction, participation_id, body.area_scope, today()), ParticipationOut, Participation
    )


@routes.post(
    "/participations/{participation_id}/suspend", operation_id="suspend_participation", summary="Tangguhkan / Suspend", response_model=ParticipationOut
)
async def suspend(participation_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(Role.COORDINATOR)) -> Response:
    """The institution cannot pledge for the time being; what it pledged stands."""
    return await command.change(
        participation_id,
        lambda transaction: handlers.suspend_participation(transaction, participation_id, body.reason_code),
        ParticipationOut,
        Participation,
    )


@routes.post("/participations/{participation_id}/resume", operation_id="resume_participation", summary="Lanjutkan / Resume", response_model=ParticipationOut)
async def resume(participation_id: UUID, command: Changing, caller: Caller = allow(Role.COORDINATOR)) -> Response:
    """The institution can pledge again."""
    return await command.change(
        participation_id, lambda transaction: handlers.resume_participation(transaction, participation_id), ParticipationOut, Participation
    )


@routes.post(
    "/participations/{participation_id}/withdraw",
    operation_id="withdraw_participation",
    summary="Mengundurkan diri / Withdraw",
    response_model=ParticipationOut,
)
async def withdraw(participation_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*MEMBERS)) -> Response:
    """By the institution itself, once its open commitments are released or settled."""
    return await command.change(
        participation_id,
        lambda transaction: handlers.withdraw_participation(transaction, participation_id, caller.institution_id, body.reason_code),
        ParticipationOut,
        Participation,
    )
