"""Reactions by which priority locations become known."""

from sqlalchemy.dialects.postgresql import insert

from services.facilitation.locations.tables import priority_locations
from shared.contracts.mapping import LocationPrioritised
from shared.database import Transaction
from shared.envelope import Message


async def when_location_prioritised(transaction: Transaction, event: LocationPrioritised, _message: Message) -> None:
    """Remember the location; the first priority of a programme's regency/city stands."""
    async with transaction() as uow:
        uow.also(
            insert(priority_locations)
            .values(
                programme_id=event.programme_id,
                region_code=event.region_code,
                province_code=event.province_code,
                location_priority_id=event.location_priority_id,
                effective_from=event.effective_from,
            )
            .on_conflict_do_nothing()
        )
