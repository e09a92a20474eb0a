"""The reaction by which points become known."""

from sqlalchemy.dialects.postgresql import insert

from services.facilitation.region_points.tables import region_points
from shared.contracts.mapping import RegionRegistered
from shared.database import Transaction
from shared.envelope import Message


async def when_region_registered(transaction: Transaction, event: RegionRegistered, _: Message) -> None:
    """Remember where a regency or city lies, and its name."""
    statement = insert(region_points).values(region_code=event.region_code, longitude=event.longitude, latitude=event.latitude, name=event.name)
    given = {name: statement.excluded[name] for name in ("longitude", "latitude", "name")}
    async with transaction() as uow:
        uow.also(statement.on_conflict_do_update(index_elements=["region_code"], set_=given))
