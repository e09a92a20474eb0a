"""What can be done with turnovers."""

from datetime import date
from uuid import UUID

from services.facilitation.groups.domain import Group
from services.facilitation.scope import get_within
from services.facilitation.turnovers.domain import GroupTurnover
from shared.clock import new_id
from shared.database import Transaction
from shared.money import Rupiah
from shared.security.identity import Caller


async def record_turnover(transaction: Transaction, caller: Caller, *, group_id: UUID, month: str, turnover_idr: int, on: date) -> GroupTurnover:
    """Record a group's month."""
    async with transaction() as uow:
        group = await get_within(uow, Group, group_id, caller)
        turnover = GroupTurnover.record_month(
            id=new_id(), group_id=group_id, region_code=group.region_code, month=month, turnover_idr=Rupiah(turnover_idr), on=on
        )
        uow.add(turnover)
    return turnover


async def correct_turnover(transaction: Transaction, turnover_id: UUID, caller: Caller, *, turnover_idr: int, reason_code: str) -> GroupTurnover:
    """Correct a group's month."""
    async with transaction() as uow:
        turnover = await get_within(uow, GroupTurnover, turnover_id, caller)
        turnover.correct(Rupiah(turnover_idr), reason_code)
    return turnover
