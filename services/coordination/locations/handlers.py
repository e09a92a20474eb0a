"""Reactions by which locations come to be."""

from services.coordination.locations.domain import Location
from shared.clock import id_caused_by, today
from shared.contracts.mapping import LocationPrioritised
from shared.database import Transaction
from shared.envelope import Message


async def when_location_prioritised(transaction: Transaction, event: LocationPrioritised, message: Message) -> None:
    """Open the location for commitments; its id follows from the event, so that a replay finds it already there."""
    async with transaction() as uow:
        id = id_caused_by(message.id, "open-location")
        if await uow.find(Location, id) is None:
            uow.add(
                Location.open(
                    id=id,
                    programme_id=event.programme_id,
                    region_code=event.region_code,
                    province_code=event.province_code,
                    rank=event.rank,
                    on=today(),
                )
            )
