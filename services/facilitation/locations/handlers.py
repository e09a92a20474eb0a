"""Reactions by which priority locations become known, and cease to be."""

from sqlalchemy import case, func, or_, update
from sqlalchemy.dialects.postgresql import insert

from services.facilitation.locations.tables import priority_locations
from shared.contracts.mapping import LocationDeprioritised, LocationPrioritised
from shared.database import Transaction
from shared.envelope import Message


async def when_location_prioritised(transaction: Transaction, event: LocationPrioritised, message: Message) -> None:
    """Remember the location; of several priorities of a programme's regency/city the one published last counts.

    Where the earlier one still holds, so does its beginning; a gap that is still to come is not remembered.
    """
    statement = insert(priority_locations).values(
        programme_id=event.programme_id,
        region_code=event.region_code,
        province_code=event.province_code,
        location_priority_id=event.location_priority_id,
        effective_from=event.effective_from,
        prioritised_at=message.time,
    )
    known, given = priority_locations.c, statement.excluded
    holds = or_(known.ended_on.is_(None), known.ended_on >= given.effective_from)
    async with transaction() as uow:
        uow.also(
            statement.on_conflict_do_update(
                index_elements=list(priority_locations.primary_key),
                set_={
                    "location_priority_id": given.location_priority_id,
                    "effective_from": case((holds, func.least(known.effective_from, given.effective_from)), else_=given.effective_from),
                    "prioritised_at": given.prioritised_at,
                    "ended_on": None,
                },
                where=or_(known.prioritised_at.is_(None), known.prioritised_at < given.prioritised_at),
            )
        )


async def when_location_deprioritised(transaction: Transaction, event: LocationDeprioritised, _message: Message) -> None:
    """From then on no group is activated there; what is under way goes on."""
    c = priority_locations.c
    async with transaction() as uow:
        uow.also(update(priority_locations).where(c.location_priority_id == event.location_priority_id).values(ended_on=event.effective_from))
