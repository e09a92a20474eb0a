"""The reaction by which names of regions become known."""

from services.coordination.board.tables import named
from shared.contracts.mapping import RegionRegistered
from shared.database import Transaction
from shared.envelope import Message


async def when_region_registered(transaction: Transaction, event: RegionRegistered, _: Message) -> None:
    """Remember its name."""
    async with transaction() as uow:
        uow.also(named(event.region_code, event.name))
