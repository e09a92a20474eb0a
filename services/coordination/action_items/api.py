"""Routes of action items."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.coordination.action_items import handlers
from services.coordination.action_items.domain import ActionItem, ActionItemStatus, Origin, Priority
from services.coordination.action_items.tables import action_items
from shared.clock import today
from shared.http.access import allow
from shared.http.commands import Changing, Creating, Representation, resource
from shared.http.pages import Page, Paging
from shared.http.requests import Code, Name, Note, RegionCode, RequestModel, Sha256, router
from shared.security.identity import Caller, Role

routes = router("action-items")
MEMBERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER, Role.PARTNER_MINISTRY, Role.PROVINCE, Role.REGENCY, Role.LENDER, Role.BUYER)
READERS = (*MEMBERS, Role.AUDITOR, Role.DATA_PROTECTION_OFFICER)
OVERSEERS = (Role.COORDINATOR, Role.PROGRAMME_OWNER)


class OpenActionItem(RequestModel):
    """What an institution has to do by when."""

    programme_id: UUID
    owner_institution_id: UUID
    title: Annotated[Name, Field(examples=["Kirim rencana pelatihan triwulan III"])]
    note: Note | None = None
    location_code: RegionCode | None = None
    due_on: Annotated[date, Field(description="moved to the next working day where it is none")]
    priority: Priority = Priority.NORMAL


class Block(RequestModel):
    """What stands in the way, and who can remove it."""

    blocker_code: Annotated[Code, Field(examples=["waiting_for_budget"])]
    waiting_on_institution_id: UUID


class ReportDone(RequestModel):
    """The evidence."""

    evidence_hashes: Annotated[list[Sha256], Field(min_length=1, max_length=50)]


class WithReason(RequestModel):
    """Why."""

    reason_code: Annotated[Code, Field(examples=["superseded"])]


class ActionItemOut(Representation[ActionItem]):
    """An action item (tindak lanjut)."""

    id: UUID
    programme_id: UUID
    owner_institution_id: UUID
    origin_type: Origin
    origin_id: UUID
    title: str
    note: str | None
    location_code: str | None
    intervention_code: str | None
    due_on: date
    priority: Priority
    status: ActionItemStatus
    blocker_code: str | None
    waiting_on_institution_id: UUID | None
    evidence_hashes: list[str]
    completed_on: date | None
    reason_code: str | None


@routes.post(
    "/action-items", operation_id="open_action_item", summary="Beri tindak lanjut / Open an action item", status_code=201, response_model=ActionItemOut
)
async def open_item(body: OpenActionItem, command: Creating, caller: Caller = allow(*OVERSEERS)) -> Response:
    """By the coordinator; meetings, gaps, missed targets and recommendations open theirs by themselves."""
    return await command.create(lambda transaction: handlers.open_action_item(transaction, **dict(body)), ActionItemOut, ActionItem)


@routes.get("/action-items", operation_id="list_action_items", summary="Daftar tindak lanjut / List action items", dependencies=[allow(*READERS)])
async def list_items(
    request: Request,
    page: Paging,
    programme_id: UUID | None = None,
    owner_institution_id: UUID | None = None,
    status: ActionItemStatus | None = None,
    origin_id: UUID | None = None,
) -> Page[ActionItemOut]:
    """In the order in which they were opened."""
    statement = action_items.select()
    given = (("programme_id", programme_id), ("owner_institution_id", owner_institution_id), ("status", status), ("origin_id", origin_id))
    for column, value in given:
        if value is not None:
            statement = statement.where(action_items.c[column] == value)
    return await page.listing(request, statement, ActionItemOut, by=[action_items.c.id])


@routes.get(
    "/action-items/{action_item_id}",
    operation_id="get_action_item",
    summary="Baca tindak lanjut / Read an action item",
    response_model=ActionItemOut,
    dependencies=[allow(*READERS)],
)
async def get_item(request: Request, action_item_id: UUID) -> Response:
    """With its ETag."""
    return await resource(request, ActionItem, action_item_id, ActionItemOut)


@routes.post("/action-items/{action_item_id}/start", operation_id="start_action_item", summary="Mulai / Start", response_model=ActionItemOut)
async def start(action_item_id: UUID, command: Changing, caller: Caller = allow(*MEMBERS)) -> Response:
    """By its owner."""
    return await command.change(
        action_item_id, lambda transaction: handlers.start_item(transaction, action_item_id, caller.institution_id), ActionItemOut, ActionItem
    )


@routes.post("/action-items/{action_item_id}/block", operation_id="block_action_item", summary="Terhambat / Block", response_model=ActionItemOut)
async def block(action_item_id: UUID, body: Block, command: Changing, caller: Caller = allow(*MEMBERS)) -> Response:
    """By its owner, who names whom it waits for."""
    return await command.change(
        action_item_id, lambda transaction: handlers.block_item(transaction, action_item_id, caller.institution_id, **dict(body)), ActionItemOut, ActionItem
    )


@routes.post("/action-items/{action_item_id}/unblock", operation_id="unblock_action_item", summary="Hambatan selesai / Unblock", response_model=ActionItemOut)
async def unblock(action_item_id: UUID, command: Changing, caller: Caller = allow(*MEMBERS)) -> Response:
    """By its owner, or by who was waited for."""
    return await command.change(
        action_item_id, lambda transaction: handlers.unblock_item(transaction, action_item_id, caller.institution_id), ActionItemOut, ActionItem
    )


@routes.post(
    "/action-items/{action_item_id}/report-done", operation_id="report_item_done", summary="Laporkan selesai / Report done", response_model=ActionItemOut
)
async def report_done(action_item_id: UUID, body: ReportDone, command: Changing, caller: Caller = allow(*MEMBERS)) -> Response:
    """By its owner, with evidence."""
    return await command.change(
        action_item_id,
        lambda transaction: handlers.report_done(transaction, action_item_id, caller.institution_id, body.evidence_hashes),
        ActionItemOut,
        ActionItem,
    )


@routes.post(
    "/action-items/{action_item_id}/confirm-done", operation_id="confirm_item_done", summary="Benarkan selesai / Confirm", response_model=ActionItemOut
)
async def confirm_done(action_item_id: UUID, command: Changing, caller: Caller = allow(*READERS)) -> Response:
    """By another institution than its owner."""
    return await command.change(
        action_item_id, lambda transaction: handlers.confirm_done(transaction, action_item_id, caller.institution_id, today()), ActionItemOut, ActionItem
    )


@routes.post("/action-items/{action_item_id}/reopen", operation_id="reopen_action_item", summary="Buka kembali / Reopen", response_model=ActionItemOut)
async def reopen(action_item_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(*OVERSEERS)) -> Response:
    """What was reported or confirmed is taken up again."""
    return await command.change(
        action_item_id, lambda transaction: handlers.reopen_item(transaction, action_item_id, body.reason_code), ActionItemOut, ActionItem
    )


@routes.post("/action-items/{action_item_id}/drop", operation_id="drop_action_item", summary="Hapus dari daftar / Drop", response_model=ActionItemOut)
async def drop(action_item_id: UUID, body: WithReason, command: Changing, caller: Caller = allow(Role.COORDINATOR)) -> Response:
    """By the coordinator, with a reason."""
    return await command.change(
        action_item_id, lambda transaction: handlers.drop_item(transaction, action_item_id, body.reason_code), ActionItemOut, ActionItem
    )
