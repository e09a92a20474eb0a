"""Reactions by which locations open and close."""

from services.coordination.locations.domain import Location
from services.coordination.locations.tables import location_of
from shared.clock import id_caused_by, today
from shared.contracts.mapping import LocationDeprioritised, LocationPrioritised
from shared.database import Transaction, UnitOfWork
from shared.envelope import Message


async def when_location_prioritised(transaction: Transaction, event: LocationPrioritised, message: Message) -> None:
    """Open the location for commitments, or keep it open; its id follows from the event that opened it first."""
    async with transaction() as uow:
        if location := await _known(uow, event):
            location.prioritise_again(rank=event.rank, location_priority_id=event.location_priority_id, prioritised_at=message.time, on=today())
        else:
            uow.add(
                Location.open(
                    id=id_caused_by(message.id, "open-location"),
                    programme_id=event.programme_id,
                    region_code=event.region_code,
                    province_code=event.province_code,
                    rank=event.rank,
                    location_priority_id=event.location_priority_id,
                    prioritised_at=message.time,
                    on=today(),
                )
            )


async def when_location_deprioritised(transaction: Transaction, event: LocationDeprioritised, _: Message) -> None:
    """Take no more commitments there; what was pledged stands."""
    async with transaction() as uow:
        if location := await _known(uow, event):
            location.close(location_priority_id=event.location_priority_id, on=today())


async def _known(uow: UnitOfWork, event: LocationPrioritised | LocationDeprioritised) -> Location | None:
    id = await uow.connection.scalar(location_of(event.programme_id, event.region_code))
    return await uow.find(Location, id) if id else None
