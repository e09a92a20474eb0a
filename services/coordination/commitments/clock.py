"""What the calendar does to commitments: due soon, overdue, brought before the next step of the ladder."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from services.coordination.calendar.days import calendar
from services.coordination.commitments.domain import Commitment
from services.coordination.commitments.state import CommitmentStatus
from services.coordination.commitments.tables import due_by
from services.coordination.institutions.domain import Institution, InstitutionType
from services.coordination.institutions.tables import institutions
from services.coordination.policies.domain import policy_on
from services.coordination.programmes.domain import Programme
from shared.database import Database, UnitOfWork
from shared.errors import StaleVersion

S = CommitmentStatus
Look = Callable[[UnitOfWork, Commitment], Awaitable[None]]


async def chase(database: Database, on: date) -> int:
    """Look at every commitment that a day concerns; how many recorded something. Repeating it changes nothing."""
    policy, days = policy_on(on), calendar()
    horizon = days.plus(on, max(policy.due_soon_working_days, default=0))
    told = 0
    for id in await _ids(database, (S.PLEDGED, S.IN_PROGRESS), horizon):
        told += await _each(database, id, lambda uow, found: _soon(found, on, policy.due_soon_working_days))
    for id in await _ids(database, (S.PLEDGED, S.IN_PROGRESS, S.PARTIALLY_FULFILLED), on - timedelta(days=1)):
        told += await _each(database, id, lambda uow, found: _overdue(found, on))
    for id in await _ids(database, (S.OVERDUE,), on):
        told += await _each(database, id, lambda uow, found: _escalate(uow, found, on))
    return told


async def _ids(database: Database, statuses: tuple[CommitmentStatus, ...], last: date) -> Sequence[UUID]:
    async with database.reading() as connection:
        return (await connection.scalars(due_by(statuses, last))).all()


async def _each(database: Database, id: UUID, look: Look) -> int:
    try:
        async with database.transaction() as uow:
            found = await uow.get(Commitment, id)
            await look(uow, found)
            recorded = bool(found.recorded)
    except StaleVersion:
        return 0  # somebody acted on it at this moment; the next look finds what is left to do
    return int(recorded)


async def _soon(commitment: Commitment, on: date, thresholds: Sequence[int]) -> None:
    if commitment.status in (S.PLEDGED, S.IN_PROGRESS) and on <= commitment.due_on:
        commitment.mark_due_soon(calendar().between(on, commitment.due_on), thresholds)


async def _overdue(commitment: Commitment, on: date) -> None:
    if commitment.status in (S.PLEDGED, S.IN_PROGRESS, S.PARTIALLY_FULFILLED):
        commitment.mark_overdue(on)


async def _escalate(uow: UnitOfWork, commitment: Commitment, on: date) -> None:
    if commitment.status is not S.OVERDUE:
        return
    late = calendar().between(commitment.due_on, on)
    for rung in policy_on(on).escalation:
        if rung.after_working_days <= late and rung.level > commitment.escalation_level:
            commitment.escalate(rung.level, await _told(uow, commitment, rung.to), on=on, working_days_late=late)


async def _told(uow: UnitOfWork, commitment: Commitment, to: str) -> UUID:
    """Who a step of the ladder tells: the institution's parent, the programme's lead, or the coordinating ministry; the lead where there is none."""
    programme = await uow.get(Programme, commitment.programme_id)
    found: UUID | None = None
    if to == "parent":
        found = (await uow.get(Institution, commitment.institution_id)).parent_institution_id
    elif to == "coordinating_ministry":
        coordinating = select(institutions.c.id).where(
            institutions.c.institution_type == InstitutionType.COORDINATING_MINISTRY, institutions.c.ended_on.is_(None)
        )
        found = await uow.connection.scalar(coordinating.order_by(institutions.c.id).limit(1))
    return found or programme.lead_institution_id
