"""Routes of change requests."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.coordination.changes import handlers
from services.coordination.changes.domain import Changeable, ChangeRequest, ChangeStatus
from services.coordination.changes.tables import change_requests
from shared.clock import today
from shared.errors import Forbidden
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Count, Name, Note, RequestModel, RupiahOrNone, router
from shared.security.identity import Caller, Role, names

routes = router("change-requests")
ASKERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER, Role.PARTNER_MINISTRY, Role.PROVINCE, Role.REGENCY, Role.LENDER, Role.BUYER)
DECIDERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)
READERS = (*ASKERS, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)


class CommitmentChange(RequestModel):
    """New values of a commitment; what is absent stays."""

    due_on: date | None = None
    amount_idr: RupiahOrNone | None = None
    output_quantity: Count | None = None


class ProgrammeChange(RequestModel):
    """New values of a programme; what is absent stays."""

    title: Name | None = None
    area_quota: Count | None = None
    province_quota: Count | None = None
    valid_to: date | None = None
    funding_sources: Annotated[list[Code], Field(min_length=1, max_length=20)] | None = None
    required_interventions: Annotated[list[Code], Field(min_length=1, max_length=20)] | None = None


class AskForCommitment(RequestModel):
    """What is to be altered, and why."""

    changes: CommitmentChange
    reason_code: Annotated[Code, Field(examples=["budget_revised"])]
    reason: Note
    override: Annotated[bool, Field(strict=True, description="the coordinator's, beside another open request for the field")] = False


class AskForProgramme(RequestModel):
    """What is to be altered, and why."""

    changes: ProgrammeChange
    reason_code: Annotated[Code, Field(examples=["quota_raised"])]
    reason: Note
    override: Annotated[bool, Field(strict=True)] = False


class Resubmit(RequestModel):
    """Other values, for a commitment or a programme; absent: the same."""

    commitment: CommitmentChange | None = None
    programme: ProgrammeChange | None = None


class Agree(RequestModel):
    """What is said to it."""

    comment: Note | None = None


class TurnDown(RequestModel):
    """Why not."""

    reason_code: Annotated[Code, Field(examples=["not_justified"])]
    comment: Note


class ChangeRequestOut(Representation[ChangeRequest]):
    """A change request (permintaan perubahan)."""

    id: UUID
    aggregate_type: Changeable
    aggregate_id: UUID
    institution_id: UUID | None
    changes: dict[str, Any]
    reason_code: str
    reason: str
    override: bool
    requested_by: str
    status: ChangeStatus
    decided_by: str | None
    decision_reason_code: str | None
    decision_comment: str | None
    applied_version: int | None = Field(description="the version that the altered aggregate has since")
    earlier: list[dict[str, Any]] = Field(description="values that were asked for before a revision")


def _given(changes: RequestModel) -> dict[str, Any]:
    return changes.model_dump(mode="json", exclude_none=True)


def _check_override(override: bool, caller: Caller) -> None:
    if override and caller.role is not Role.COORDINATOR:
        raise Forbidden(allowed_roles=names([Role.COORDINATOR]))


@routes.post(
    "/commitments/{commitment_id}/change-requests",
    operation_id="request_commitment_change",
    summary="Ajukan perubahan komitmen / Request a change of a commitment",
    status_code=201,
    response_model=ChangeRequestOut,
)
async def ask_for_commitment(commitment_id: UUID, body: AskForCommitment, command: Creating, caller: Caller = allow(*ASKERS)) -> Response:
    """By its institution, the owner of the programme or the coordinator; another person decides. One open request for a field."""
    _check_override(body.override, caller)
    return await command.create(
        lambda transaction: handlers.request_change(
            transaction,
            aggregate_type=Changeable.COMMITMENT,
            aggregate_id=commitment_id,
            changes=_given(body.changes),
            reason_code=body.reason_code,
            reason=body.reason,
            override=body.override,
            requested_by=caller.subject,
            institution_id=caller.institution_id,
            oversees=caller.role in DECIDERS,
        ),
        ChangeRequestOut,
        ChangeRequest,
    )


@routes.post(
    "/programmes/{programme_id}/change-requests",
    operation_id="request_programme_change",
    summary="Ajukan perubahan program / Request a change of a programme",
    status_code=201,
    response_model=ChangeRequestOut,
)
async def ask_for_programme(programme_id: UUID, body: AskForProgramme, command: Creating, caller: Caller = allow(*DECIDERS)) -> Response:
    """While it is in force; another person decides."""
    _check_override(body.override, caller)
    return await command.create(
        lambda transaction: handlers.request_change(
            transaction,
            aggregate_type=Changeable.PROGRAMME,
            aggregate_id=programme_id,
            changes=_given(body.changes),
            reason_code=body.reason_code,
            reason=body.reason,
            override=body.override,
            requested_by=caller.subject,
            institution_id=caller.institution_id,
            oversees=True,
        ),
        ChangeRequestOut,
        ChangeRequest,
    )


@routes.get(
    "/change-requests", operation_id="list_change_requests", summary="Daftar permintaan perubahan / List change requests", dependencies=[allow(*READERS)]
)
async def list_change_requests(request: Request, page: Paging, aggregate_id: UUID | None = None, status: ChangeStatus | None = None) -> Page[ChangeRequestOut]:
    """In the order in which they were asked."""
    statement = change_requests.select()
    for column, value in (("aggregate_id", aggregate_id), ("status", status)):
        if value is not None:
            statement = statement.where(change_requests.c[column] == value)
    return await page.listing(request, statement, ChangeRequestOut, by=[change_requests.c.id])


@routes.get(
    "/change-requests/{change_request_id}",
    operation_id="get_change_request",
    summary="Baca permintaan perubahan / Read a change request",
    response_model=ChangeRequestOut,
    dependencies=[allow(*READERS)],
)
async def get_change_request(request: Request, change_request_id: UUID) -> Response:
    """With its ETag."""
    return await resource(request, ChangeRequest, change_request_id, ChangeRequestOut)


@routes.post(
    "/change-requests/{change_request_id}/submit", operation_id="resubmit_change", summary="Ajukan kembali / Resubmit", response_model=ChangeRequestOut
)
async def resubmit(change_request_id: UUID, body: Resubmit, command: Changing, caller: Caller = allow(*ASKERS)) -> Response:
    """After a revision, by who asked."""
    changed = body.commitment or body.programme
    return await command.change(
        change_request_id,
        lambda transaction: handlers.resubmit_change(transaction, change_request_id, by=caller.subject, changes=_given(changed) if changed else None),
        ChangeRequestOut,
        ChangeRequest,
    )


@routes.post(
    "/change-requests/{change_request_id}/approve", operation_id="approve_change", summary="Setujui perubahan / Approve", response_model=ChangeRequestOut
)
async def approve(change_request_id: UUID, body: Agree, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """By another person than who asked; the change is made in the same transaction."""
    return await command.change(
        change_request_id,
        lambda transaction: handlers.approve_change(transaction, change_request_id, by=caller.subject, comment=body.comment, on=today()),
        ChangeRequestOut,
        ChangeRequest,
    )


@routes.post(
    "/change-requests/{change_request_id}/request-revision",
    operation_id="request_change_revision",
    summary="Minta perbaikan / Request a revision",
    response_model=ChangeRequestOut,
)
async def request_revision(change_request_id: UUID, body: TurnDown, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """Gives it back to who asked."""
    return await command.change(
        change_request_id,
        lambda transaction: handlers.request_revision(transaction, change_request_id, by=caller.subject, **dict(body)),
        ChangeRequestOut,
        ChangeRequest,
    )


@routes.post("/change-requests/{change_request_id}/reject", operation_id="reject_change", summary="Tolak perubahan / Reject", response_model=ChangeRequestOut)
async def reject(change_request_id: UUID, body: TurnDown, command: Changing, caller: Caller = allow(*DECIDERS)) -> Response:
    """Nothing changes; the request is kept."""
    return await command.change(
        change_request_id,
        lambda transaction: handlers.reject_change(transaction, change_request_id, by=caller.subject, **dict(body)),
        ChangeRequestOut,
        ChangeRequest,
    )


@routes.post("/change-requests/{change_request_id}/cancel", operation_id="cancel_change", summary="Tarik permintaan / Cancel", response_model=ChangeRequestOut)
async def cancel(change_request_id: UUID, command: Changing, caller: Caller = allow(*ASKERS)) -> Response:
    """By who asked, before it is decided."""
    return await command.change(
        change_request_id, lambda transaction: handlers.cancel_change(transaction, change_request_id, caller.subject), ChangeRequestOut, ChangeRequest
    )
