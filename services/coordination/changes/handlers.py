"""What can be done with a change request."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from services.coordination.changes.domain import Changeable, ChangeRequest
from services.coordination.changes.tables import closed, opened
from services.coordination.commitments.domain import Commitment
from services.coordination.commitments.handlers import amend, reschedule
from services.coordination.commitments.problems import NotYours
from services.coordination.locations.tables import locations
from services.coordination.programmes.domain import Programme
from shared.clock import new_id
from shared.database import Transaction, UnitOfWork


async def request_change(
    transaction: Transaction,
    *,
    aggregate_type: Changeable,
    aggregate_id: UUID,
    changes: dict[str, Any],
    reason_code: str,
    reason: str,
    override: bool,
    requested_by: str,
    institution_id: UUID | None,
    oversees: bool,
) -> ChangeRequest:
    """Ask for a change of a commitment, as its institution or as who `oversees`, or of a programme."""
    async with transaction() as uow:
        if aggregate_type is Changeable.COMMITMENT:
            commitment = await uow.get(Commitment, aggregate_id)
            if not oversees and commitment.institution_id != institution_id:
                raise NotYours(allowed_roles=[])
            commitment.may("amend" if "due_on" not in changes else "reschedule")
        else:
            (await uow.get(Programme, aggregate_id)).may("amend")
        request = ChangeRequest.draft(
            id=new_id(),
            aggregate_type=aggregate_type,
            aggregate_id=aggregate_id,
            institution_id=institution_id,
            changes=changes,
            reason_code=reason_code,
            reason=reason,
            override=override,
            requested_by=requested_by,
        )
        request.submit(requested_by)
        uow.add(request)
        uow.also(opened(request))
    return request


async def resubmit_change(transaction: Transaction, change_request_id: UUID, *, by: str, changes: dict[str, Any] | None) -> ChangeRequest:
    """Ask again after a revision, with other values if given."""
    async with transaction() as uow:
        request = await uow.get(ChangeRequest, change_request_id)
        request.submit(by, changes)
        uow.also(closed(request.id))
        uow.also(opened(request))
    return request


async def approve_change(transaction: Transaction, change_request_id: UUID, *, by: str, comment: str | None, on: date) -> ChangeRequest:
    """Agree, and alter what it asks for in the same transaction."""
    async with transaction() as uow:
        request = await uow.get(ChangeRequest, change_request_id)
        request.approve(by, comment)
        request.apply(await _apply(uow, request, on))
        uow.also(closed(request.id))
    return request


async def _apply(uow: UnitOfWork, request: ChangeRequest, on: date) -> int:
    """Alter the aggregate; its version afterwards."""
    changes = request.changes
    if request.aggregate_type is Changeable.COMMITMENT:
        commitment = await uow.get(Commitment, request.aggregate_id)
        if "amount_idr" in changes or "output_quantity" in changes:
            amount, output = changes.get("amount_idr", commitment.amount_idr), changes.get("output_quantity", commitment.output_quantity)
            await amend(uow, commitment, amount_idr=amount, output_quantity=output, change_request_id=request.id)
        if due_on := changes.get("due_on"):
            await reschedule(uow, commitment, date.fromisoformat(due_on), change_request_id=request.id, on=on)
        return commitment.version + len(commitment.recorded)
    programme = await uow.get(Programme, request.aggregate_id)
    open_ones = locations.c.programme_id == programme.id, locations.c.closed_on.is_(None)
    areas, provinces = (
        await uow.connection.execute(select(func.count(), func.count(locations.c.province_code.distinct())).select_from(locations).where(*open_ones))
    ).one()
    values = changes | ({"valid_to": date.fromisoformat(changes["valid_to"])} if "valid_to" in changes else {})
    programme.amend(values, change_request_id=request.id, on=on, open_areas=areas, open_provinces=provinces)
    return programme.version + len(programme.recorded)


async def request_revision(transaction: Transaction, change_request_id: UUID, *, by: str, reason_code: str, comment: str) -> ChangeRequest:
    """Give it back; its fields stay taken."""
    async with transaction() as uow:
        request = await uow.get(ChangeRequest, change_request_id)
        request.request_revision(by, reason_code, comment)
    return request


async def reject_change(transaction: Transaction, change_request_id: UUID, *, by: str, reason_code: str, comment: str) -> ChangeRequest:
    """Refuse it."""
    async with transaction() as uow:
        request = await uow.get(ChangeRequest, change_request_id)
        request.reject(by, reason_code, comment)
        uow.also(closed(request.id))
    return request


async def cancel_change(transaction: Transaction, change_request_id: UUID, by: str) -> ChangeRequest:
    """Take it back."""
    async with transaction() as uow:
        request = await uow.get(ChangeRequest, change_request_id)
        request.cancel(by)
        uow.also(closed(request.id))
    return request
