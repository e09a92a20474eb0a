"""What can be done with an action item, and what the calendar does to it."""

from datetime import date
from uuid import UUID

from services.coordination.action_items.domain import ActionItem, ActionItemStatus, Origin, Priority
from services.coordination.action_items.tables import items_due_by
from services.coordination.calendar.days import calendar
from services.coordination.institutions.domain import Institution
from services.coordination.policies.domain import policy_on
from services.coordination.programmes.domain import Programme
from shared.clock import new_id
from shared.database import Database, Transaction
from shared.errors import StaleVersion


async def open_action_item(
    transaction: Transaction,
    *,
    programme_id: UUID,
    owner_institution_id: UUID,
    title: str,
    note: str | None,
    location_code: str | None,
    due_on: date,
    priority: Priority,
) -> ActionItem:
    """Give an institution something to do, as the coordinator; a due date on a day off moves to the next working day."""
    async with transaction() as uow:
        await uow.get(Programme, programme_id)
        await uow.get(Institution, owner_institution_id)
        id = new_id()
        item = ActionItem.create(
            id=id,
            programme_id=programme_id,
            owner_institution_id=owner_institution_id,
            origin_type=Origin.COORDINATOR,
            origin_id=id,
            title=title,
            note=note,
            location_code=location_code,
            due_on=calendar().on_or_after(due_on),
            priority=priority,
        )
        uow.add(item)
    return item


async def start_item(transaction: Transaction, action_item_id: UUID, by_institution: UUID | None) -> ActionItem:
    """Take it up."""
    async with transaction() as uow:
        item = await uow.get(ActionItem, action_item_id)
        item.start(by_institution)
    return item


async def block_item(
    transaction: Transaction, action_item_id: UUID, by_institution: UUID | None, *, blocker_code: str, waiting_on_institution_id: UUID
) -> ActionItem:
    """Wait for another institution."""
    async with transaction() as uow:
        await uow.get(Institution, waiting_on_institution_id)
        item = await uow.get(ActionItem, action_item_id)
        item.block(by_institution, blocker_code, waiting_on_institution_id)
    return item


async def unblock_item(transaction: Transaction, action_item_id: UUID, by_institution: UUID | None) -> ActionItem:
    """Go on."""
    async with transaction() as uow:
        item = await uow.get(ActionItem, action_item_id)
        item.unblock(by_institution)
    return item


async def report_done(transaction: Transaction, action_item_id: UUID, by_institution: UUID | None, evidence_hashes: list[str]) -> ActionItem:
    """Say that it is done."""
    async with transaction() as uow:
        item = await uow.get(ActionItem, action_item_id)
        item.report_done(by_institution, evidence_hashes)
    return item


async def confirm_done(transaction: Transaction, action_item_id: UUID, by_institution: UUID | None, on: date) -> ActionItem:
    """Confirm it, as another institution."""
    async with transaction() as uow:
        item = await uow.get(ActionItem, action_item_id)
        item.confirm_done(by_institution, on)
    return item


async def reopen_item(transaction: Transaction, action_item_id: UUID, reason_code: str) -> ActionItem:
    """Take it up again."""
    async with transaction() as uow:
        item = await uow.get(ActionItem, action_item_id)
        item.reopen(reason_code)
    return item


async def drop_item(transaction: Transaction, action_item_id: UUID, reason_code: str) -> ActionItem:
    """Give it up."""
    async with transaction() as uow:
        item = await uow.get(ActionItem, action_item_id)
        item.drop(reason_code)
    return item


async def chase_items(database: Database, on: date) -> int:
    """Due soon and overdue; how many recorded something. Repeating it changes nothing."""
    policy, days, told = policy_on(on), calendar(), 0
    async with database.reading() as connection:
        ids = (await connection.scalars(items_due_by(days.plus(on, max(policy.due_soon_working_days, default=0))))).all()
    for id in ids:
        try:
            async with database.transaction() as uow:
                item = await uow.get(ActionItem, id)
                if item.status in (ActionItemStatus.OPEN, ActionItemStatus.IN_PROGRESS, ActionItemStatus.BLOCKED):
                    if on > item.due_on:
                        item.mark_overdue(on)
                    else:
                        item.mark_due_soon(days.between(on, item.due_on), policy.due_soon_working_days)
                told += bool(item.recorded)
        except StaleVersion:
            continue  # somebody acted on it at this moment; the next look finds what is left to do
    return told
