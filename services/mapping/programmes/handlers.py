"""Reactions by which programmes become known."""

from services.mapping.programmes.tables import amended, remember
from shared.contracts.coordination import ProgrammeActivated, ProgrammeAmended
from shared.database import Transaction
from shared.envelope import Message


async def when_programme_activated(transaction: Transaction, event: ProgrammeActivated, _: Message) -> None:
    """Allow prioritisation runs with this programme's quota."""
    async with transaction() as uow:
        uow.also(remember(event))


async def when_programme_amended(transaction: Transaction, event: ProgrammeAmended, _: Message) -> None:
    """Runs that begin from now on use the new quota."""
    async with transaction() as uow:
        uow.also(amended(event))
