"""What can be done with a waiver."""

from datetime import date
from uuid import UUID

from services.facilitation.groups.domain import Group
from services.facilitation.scope import get_within
from services.facilitation.waivers.domain import Waiver
from shared.clock import new_id
from shared.database import Transaction
from shared.errors import NotFound
from shared.security.identity import Caller


async def request_waiver(
    transaction: Transaction,
    caller: Caller,
    *,
    programme_id: UUID,
    region_code: str,
    group_id: UUID | None,
    reason_code: str,
    valid_from: date,
    valid_to: date,
    on: date,
) -> Waiver:
    """Ask for a waiver for a regency/city or for one group there."""
    async with transaction() as uow:
        if group_id and (await get_within(uow, Group, group_id, caller)).region_code != region_code:
            raise NotFound
        waiver = Waiver.request(
            id=new_id(),
            programme_id=programme_id,
            region_code=region_code,
            group_id=group_id,
            reason_code=reason_code,
            valid_from=valid_from,
            valid_to=valid_to,
            by=caller.subject,
            on=on,
        )
        uow.add(waiver)
    return waiver


async def grant_waiver(transaction: Transaction, waiver_id: UUID, caller: Caller) -> Waiver:
    """Sign it."""
    async with transaction() as uow:
        waiver = await uow.get(Waiver, waiver_id)
        waiver.grant(caller.subject)
    return waiver


async def refuse_waiver(transaction: Transaction, waiver_id: UUID, caller: Caller, reason_code: str) -> Waiver:
    """Do not sign it."""
    async with transaction() as uow:
        waiver = await uow.get(Waiver, waiver_id)
        waiver.refuse(caller.subject, reason_code)
    return waiver


async def revoke_waiver(transaction: Transaction, waiver_id: UUID, reason_code: str, on: date) -> Waiver:
    """End it before its time."""
    async with transaction() as uow:
        waiver = await uow.get(Waiver, waiver_id)
        waiver.revoke(reason_code, on)
    return waiver
