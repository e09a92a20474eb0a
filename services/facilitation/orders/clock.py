"""What the calendar does to orders: silence accepts, payments fall late, demands that got what they needed are fulfilled."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from services.facilitation.market_demands.domain import MarketDemand
from services.facilitation.orders.domain import Order
from services.facilitation.orders.handlers import fulfil
from services.facilitation.orders.queries import delivered_before, delivered_for, demands_delivered, due_before
from services.facilitation.orders.terms import terms_on
from shared.database import Database, UnitOfWork
from shared.errors import IllegalTransition, StaleVersion

Look = Callable[[UnitOfWork, UUID], Awaitable[None]]


async def pass_day(database: Database, on: date) -> int:
    """Do what is due on a day; how many recorded something. Repeating it changes nothing."""

    async def accept(uow: UnitOfWork, id: UUID) -> None:
        (await uow.get(Order, id)).accept(on, by_silence=True)

    async def fall_late(uow: UnitOfWork, id: UUID) -> None:
        (await uow.get(Order, id)).fall_late(on)

    async def look_at_demand(uow: UnitOfWork, id: UUID) -> None:
        fulfil(await uow.get(MarketDemand, id), await uow.connection.scalar(delivered_for(id)) or 0)

    silent_since = on - timedelta(days=terms_on(on).accepted_after_silent_days)
    done = await _each(database, delivered_before(silent_since), accept)
    done += await _each(database, due_before(on), fall_late)
    return done + await _each(database, demands_delivered(), look_at_demand)


async def _each(database: Database, ids: Select[Any], look: Look) -> int:
    told = 0
    async with database.reading() as connection:
        found = (await connection.scalars(ids)).all()
    for id in found:
        try:
            async with database.transaction() as uow:
                await look(uow, id)
                recorded = bool(uow.changed)
            told += recorded
        except (StaleVersion, IllegalTransition):
            continue  # somebody acted on it at this moment; the next look finds what is left to do
    return told
