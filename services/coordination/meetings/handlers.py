"""What can be done with a meeting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.coordination.action_items.domain import ActionItem, Origin, Priority
from services.coordination.calendar.days import calendar
from services.coordination.institutions.domain import Institution
from services.coordination.meetings.domain import Meeting, MeetingDecision
from services.coordination.programmes.domain import Programme
from shared.clock import new_id
from shared.database import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What was decided, as the minutes have it."""

    text: str
    owner_institution_id: UUID
    due_on: date
    priority: Priority


async def schedule_meeting(
    transaction: Transaction, *, programme_id: UUID, title: str, place: str, held_on: date, agenda: list[str], invited_institution_ids: list[UUID]
) -> Meeting:
    """Call a meeting of registered institutions."""
    async with transaction() as uow:
        await uow.get(Programme, programme_id)
        invited = sorted(set(invited_institution_ids))
        for id in invited:
            await uow.get(Institution, id)
        meeting = Meeting.schedule(
            id=new_id(), programme_id=programme_id, title=title, place=place, held_on=held_on, agenda=agenda, invited_institution_ids=invited
        )
        uow.add(meeting)
    return meeting


async def hold_meeting(transaction: Transaction, meeting_id: UUID, present_institution_ids: list[UUID], on: date) -> Meeting:
    """Record who was there."""
    async with transaction() as uow:
        meeting = await uow.get(Meeting, meeting_id)
        present = sorted(set(present_institution_ids))
        for id in present:
            await uow.get(Institution, id)
        meeting.hold(present, on)
    return meeting


async def file_minutes(transaction: Transaction, meeting_id: UUID, *, minutes_hash: str, decisions: Sequence[Decided]) -> Meeting:
    """File the minutes; each decision opens an action item of its owner in the same transaction."""
    async with transaction() as uow:
        meeting = await uow.get(Meeting, meeting_id)
        followed: list[MeetingDecision] = []
        for each in decisions:
            await uow.get(Institution, each.owner_institution_id)
            item = ActionItem.create(
                id=new_id(),
                programme_id=meeting.programme_id,
                owner_institution_id=each.owner_institution_id,
                origin_type=Origin.MEETING_DECISION,
                origin_id=meeting_id,
                title=each.text,
                due_on=calendar().on_or_after(each.due_on),
                priority=each.priority,
            )
            uow.add(item)
            followed.append(
                MeetingDecision(
                    text=each.text,
                    owner_institution_id=each.owner_institution_id,
                    due_on=item.due_on,
                    priority=each.priority,
                    action_item_id=item.id,
                )
            )
        meeting.file_minutes(minutes_hash, followed)
    return meeting


async def cancel_meeting(transaction: Transaction, meeting_id: UUID, reason_code: str) -> Meeting:
    """It does not take place."""
    async with transaction() as uow:
        meeting = await uow.get(Meeting, meeting_id)
        meeting.cancel(reason_code)
    return meeting
